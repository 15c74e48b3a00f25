/** What the tests of certificate chains share. */

import assert from 'node:assert/strict';
import { AuthorityStore } from '../../src/identity/authority-store.ts';
import { type Certificate, parseCertificate } from '../../src/identity/certificate.ts';
import { verifyChain } from '../../src/identity/chain.ts';
import type { VerifiedCertificate } from '../../src/plugin.ts';

interface HasDer {
  readonly der: Uint8Array;
}

export interface Chain {
  readonly leaf: HasDer;
  /** What the client sends besides. */
  readonly sent?: readonly HasDer[];
  /** What the CA file holds. */
  readonly trusted: readonly HasDer[];
  readonly now?: Date;
}

export function parsed({ der }: HasDer): Certificate {
  const certificate = parseCertificate(der);
  assert.ok(!('problem' in certificate), JSON.stringify(certificate));
  return certificate;
}

export function accepted(chain: Chain): VerifiedCertificate {
  const verdict = verify(chain);
  assert.ok(verdict.valid, verdict.valid ? '' : verdict.reason);
  return verdict.certificate;
}

/** The reason, when it matches `expected`. */
export function refused(chain: Chain, expected: RegExp): string {
  const verdict = verify(chain);
  assert.ok(!verdict.valid, `it was accepted, and should not be: ${expected}`);
  assert.match(verdict.reason, expected);
  assert.doesNotMatch(verdict.reason, /\p{Cc}/u);
  return verdict.reason;
}

function verify({ leaf, sent = [], trusted, now = new Date() }: Chain) {
  return verifyChain({
    leaf: leaf.der,
    intermediates: sent.map(({ der }) => der),
    authorities: new AuthorityStore(trusted.map(parsed)),
    now,
  });
}
