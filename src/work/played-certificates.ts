/** Notes how a certificate did where a request is only played; for clients it changes nothing. */

import type { CertificateFinding } from '../access/findings.ts';
import type { RevocationCheck } from '../identity/chain.ts';
import { denyListReason } from '../people/certificate-guard.ts';
import type {
  CertificateVerdict,
  CertificateVerifier,
  Entitlement,
  RevocationOptions,
  Unusable,
} from '../plugin.ts';
import { obeyedWithinSeconds } from '../revocation/bounds.ts';
import { describeChain, type PlayedRule, playedRule } from './playing.ts';

/** What a verifier is made of. */
export interface VerifierFacts {
  /** The CA file. */
  readonly authorities: string;
  readonly crl: RevocationOptions | undefined;
  /** Whether there is a store with a deny-list. */
  readonly hasDenyList: boolean;
}

/** Notes the path that was found; without lists, nobody on it is taken for revoked. */
export function notingPath(check: RevocationCheck | undefined): RevocationCheck {
  return (path, now) => {
    const played = playedRule();
    if (played !== undefined) played.chain = describeChain(path);
    return check?.(path, now) ?? { until: undefined, basis: '' };
  };
}

/**
 * @param verifier of chains and lists alone
 * @param guard puts the deny-list before it
 */
export function notingVerdict(
  facts: VerifierFacts,
  verifier: CertificateVerifier,
  guard: (verifier: CertificateVerifier) => CertificateVerifier,
): CertificateVerifier {
  const guarded = guard({
    verify: async (presented) => {
      const verdict = await verifier.verify(presented);
      const played = playedRule();
      if (played !== undefined) played.isChainValid = verdict.valid;
      return withoutEmptyBasis(verdict);
    },
  });
  return {
    verify: async (presented) => {
      const verdict = await guarded.verify(presented);
      const played = playedRule();
      if (played !== undefined) played.certificate = findingOf(facts, verdict, played);
      return verdict;
    },
  };
}

/** Notes which path of the certificate grants. */
export function notingGrant(read: Entitlement | Unusable): Entitlement | Unusable {
  const played = playedRule();
  if (played === undefined) return read;
  if ('unusable' in read) {
    played.grant = { isGranted: false, reason: read.unusable };
    return read;
  }
  return {
    find: (path) => {
      const finding = read.find(path);
      played.grant = finding.granted
        ? { isGranted: true, by: finding.by }
        : { isGranted: false, reason: finding.reason };
      return finding;
    },
  };
}

function withoutEmptyBasis(verdict: CertificateVerdict): CertificateVerdict {
  if (!verdict.valid || verdict.certificate.notRevokedBy !== '') return verdict;
  const { notRevokedBy: _, ...certificate } = verdict.certificate;
  return { valid: true, certificate };
}

function findingOf(
  facts: VerifierFacts,
  verdict: CertificateVerdict,
  { chain = [], isChainValid = false }: PlayedRule,
): CertificateFinding {
  const { authorities, crl } = facts;
  return {
    authorities,
    isValid: verdict.valid,
    problem: verdict.valid ? undefined : verdict.reason,
    chain,
    revocation: {
      isChecked: crl !== undefined,
      notOn: verdict.valid ? verdict.certificate.notRevokedBy : undefined,
      withinSeconds: crl && obeyedWithinSeconds(crl),
    },
    denyList: isChainValid ? denyListOf(verdict, facts) : undefined,
    grant: undefined,
  };
}

function denyListOf(
  verdict: CertificateVerdict,
  { hasDenyList }: VerifierFacts,
): CertificateFinding['denyList'] {
  if (!hasDenyList) return 'none';
  if (verdict.valid) return 'not listed';
  // A session's certificate is refused before anybody looks it up.
  return verdict.reason.startsWith(denyListReason) ? 'listed' : undefined;
}
