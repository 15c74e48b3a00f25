/** The search for a way from a client's certificate to an anchor, bounded in every direction (T19c). */

import { isSignedBy, signatureAlgorithmProblem } from './algorithms.ts';
import { Authority, type AuthorityStore } from './authority-store.ts';
import type { Certificate } from './certificate.ts';
import { authorityProblem } from './certificate-rules.ts';
import { describeName } from './distinguished-name.ts';

/** Certificates of a chain, the client's and the anchor included. */
export const chainCertificatesMax = 8;

/** Issuers that are tried in one search: each costs at most one signature check. */
export const candidatesMax = 64;

export class ChainSearch {
  readonly #store: AuthorityStore;
  readonly #sent: readonly Authority[];
  readonly #now: Date;
  #candidatesLeft = candidatesMax;
  #problem: { readonly clause: string; readonly depth: number } | undefined;

  /** @param sent what the client sent besides its own certificate; anchors come from `store` alone */
  constructor(store: AuthorityStore, sent: readonly Certificate[], now: Date) {
    this.#store = store;
    this.#sent = sent.map((certificate) => new Authority(certificate, false));
    this.#now = now;
  }

  /** Every path from `leaf` to an anchor that stands up to our own rules and to OpenSSL. */
  paths(leaf: Certificate): Generator<readonly Certificate[], void, undefined> {
    return this.#extend([leaf], leaf);
  }

  /** Why the most promising way ended, as a clause; undefined before one did. */
  get problem(): string | undefined {
    return this.#problem?.clause;
  }

  *#extend(
    path: readonly Certificate[],
    current: Certificate,
  ): Generator<readonly Certificate[], void, undefined> {
    const algorithmProblem = signatureAlgorithmProblem(current);
    if (algorithmProblem !== undefined) {
      this.#note(
        path.length,
        path.length === 1 ? algorithmProblem : ofCa(current, algorithmProblem),
      );
      return;
    }
    for (const issuer of this.#issuersOf(current)) {
      if (path.some(({ tbs }) => Buffer.from(tbs).equals(issuer.certificate.tbs))) continue;
      if (this.#candidatesLeft === 0) {
        this.#note(Number.POSITIVE_INFINITY, `more than ${candidatesMax} CAs could be its issuers`);
        return;
      }
      this.#candidatesLeft -= 1;
      const problem = this.#linkProblem(current, issuer, path.length);
      if (problem !== undefined) {
        this.#note(path.length + 1, problem);
        continue;
      }
      const longer = [...path, issuer.certificate];
      if (issuer.isAnchor) yield longer;
      else yield* this.#extend(longer, issuer.certificate);
    }
    this.#note(path.length, noIssuer(current));
  }

  /** By name alone, byte for byte; key identifiers and signatures are compared one at a time. */
  *#issuersOf({ issuerId }: Certificate): Generator<Authority, void, undefined> {
    yield* this.#store.named(issuerId);
    yield* this.#sent.filter(({ certificate }) => certificate.subjectId === issuerId);
  }

  #linkProblem(current: Certificate, issuer: Authority, depth: number): string | undefined {
    const { certificate } = issuer;
    if (depth + (issuer.isAnchor ? 1 : 2) > chainCertificatesMax) {
      return `its chain is longer than ${chainCertificatesMax} certificates`;
    }
    const { authorityKeyId } = current.extensions;
    const { subjectKeyId } = certificate.extensions;
    const known = authorityKeyId !== undefined && subjectKeyId !== undefined;
    if (known && authorityKeyId !== subjectKeyId) return noIssuer(current);
    const problem = authorityProblem(certificate, depth - 1, this.#now);
    if (problem !== undefined) return ofCa(certificate, problem);
    if (issuer.key !== undefined && isSignedBy(current, issuer.key)) return undefined;
    return noIssuer(current);
  }

  #note(depth: number, clause: string): void {
    if (depth > (this.#problem?.depth ?? 0)) this.#problem = { clause, depth };
  }
}

function ofCa(certificate: Certificate, problem: string): string {
  return `its CA ${describeName(certificate.subject)} cannot be used: ${problem}`;
}

function noIssuer(certificate: Certificate): string {
  return `its issuer ${describeName(certificate.issuer)} is not among the accepted CAs with the key that signed it`;
}
