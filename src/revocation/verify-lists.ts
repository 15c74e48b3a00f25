/** From the bytes of a source to lists that a CA has signed: what the reading thread runs. */

import { importPublicKey, isSignedBy, signatureAlgorithmProblem } from '../identity/algorithms.ts';
import { type Certificate, parseCertificate } from '../identity/certificate.ts';
import { anchorProblem } from '../identity/certificate-rules.ts';
import { describeName } from '../identity/distinguished-name.ts';
import { authorityId } from './authority-id.ts';
import { isoTime } from './describe.ts';
import { clockSkewSecondsMax, issuersPerListMax } from './limits.ts';
import { parseRevocationList, type RevocationList } from './list.ts';
import type { SerialArrays } from './serial-table.ts';
import { splitLists } from './source-text.ts';

/** Plain data, for a channel between threads. */
export interface VerifiedList {
  /** Of the CA that signed it, as {@link authorityId} makes it. */
  readonly authority: string;
  /** The CA as people read it. */
  readonly authorityText: string;
  readonly number: bigint | undefined;
  /** Unix times, seconds. */
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  readonly entries: SerialArrays;
}

export interface ListReading {
  readonly source: Uint8Array<ArrayBuffer>;
  /** The CA certificates of the rule, DER. */
  readonly authorities: readonly Uint8Array[];
  /** Unix time, seconds. */
  readonly now: number;
}

export type ReadLists =
  | { readonly lists: readonly VerifiedList[] }
  /** A clause, as "its issuer O=Acme is not among the CAs of the rule". */
  | { readonly problem: string };

/** All lists of the source, or why it is not taken: one that is wrong spoils the others. */
export function readVerifiedLists({ source, authorities, now }: ListReading): ReadLists {
  const split = splitLists(source);
  if ('problem' in split) return split;
  const candidates = authorities.flatMap((der) => {
    const certificate = parseCertificate(der);
    return 'problem' in certificate ? [] : [certificate];
  });
  const lists: VerifiedList[] = [];
  for (const [index, der] of split.lists.entries()) {
    const list = readVerified(der, candidates, now);
    if ('problem' in list) {
      const which = split.lists.length > 1 ? `list ${index + 1} in it: ` : '';
      return { problem: `${which}${list.problem}` };
    }
    lists.push(list);
  }
  return { lists };
}

function readVerified(
  der: Uint8Array,
  candidates: readonly Certificate[],
  now: number,
): VerifiedList | { readonly problem: string } {
  const list = parseRevocationList(der);
  if ('problem' in list) return list;
  if (list.thisUpdate > now + clockSkewSecondsMax) {
    return { problem: `it is of the future (thisUpdate ${isoTime(list.thisUpdate)})` };
  }
  const algorithmProblem = signatureAlgorithmProblem(list);
  if (algorithmProblem !== undefined) return { problem: algorithmProblem };
  const signer = findSigner(list, candidates);
  if ('problem' in signer) return signer;
  const { number, thisUpdate, nextUpdate, entries } = list;
  return {
    authority: authorityId(signer),
    authorityText: describeName(signer.subject),
    number,
    thisUpdate,
    nextUpdate,
    entries,
  };
}

function findSigner(
  list: RevocationList,
  candidates: readonly Certificate[],
): Certificate | { readonly problem: string } {
  const issuer = describeName(list.issuer);
  const named = candidates.filter(({ subjectId }) => subjectId === list.issuerId);
  if (named.length === 0)
    return { problem: `its issuer ${issuer} is not among the CAs of the rule` };
  let problem = `it is not signed by the key of ${issuer}`;
  for (const certificate of named.slice(0, issuersPerListMax)) {
    const unfit = signerProblem(certificate);
    if (unfit !== undefined) {
      problem = `its issuer ${issuer} may not sign it: ${unfit}`;
      continue;
    }
    const key = importPublicKey(certificate.publicKey);
    if (key !== undefined && isSignedBy(list, key)) return certificate;
  }
  return { problem };
}

function signerProblem(certificate: Certificate): string | undefined {
  if (certificate.extensions.keyUsage?.crlSign === false) return 'its keyUsage lacks cRLSign';
  return anchorProblem(certificate);
}
