/** The search for a way from a client's certificate to an anchor, bounded in every direction (T19c). */

import { signatureAlgorithmProblem } from './algorithms.ts';
import type { Authority, AuthorityStore } from './authority-store.ts';
import type { Certificate } from './certificate.ts';
import { authorityProblem } from './certificate-rules.ts';
import { describeName } from './distinguished-name.ts';

/** Certificates of a chain, the client's and the anchor included. */
export const chainCertificatesMax = 8;

/** Issuers that are tried in one search: each costs at most one signature check. */
export const candidatesMax = 64;

/** From the client's certificate to a CA. */
interface Path {
  readonly leaf: Certificate;
  /** Each may have signed the one before, the first of them `leaf`. */
  readonly issuers: readonly Authority[];
}

/**
 * A key that the client sent is computed with only when a chain of signatures leads to it from the CA
 * file. So whoever makes CAs of his own costs no more than the checks that none of ours signed them.
 */
export class ChainSearch {
  readonly #store: AuthorityStore;
  readonly #sent: readonly Authority[];
  readonly #now: Date;
  #candidatesLeft = candidatesMax;
  #problem: { readonly clause: string; readonly depth: number } | undefined;

  /** @param sent what the client sent besides its own certificate; anchors come from `store` alone */
  constructor(store: AuthorityStore, sent: readonly Authority[], now: Date) {
    this.#store = store;
    this.#sent = sent;
    this.#now = now;
  }

  /** Every path from `leaf` to an anchor that stands up to our own rules and to OpenSSL. */
  *paths(leaf: Certificate): Generator<readonly Certificate[], void, undefined> {
    for (const { issuers } of this.#extend({ leaf, issuers: [] })) {
      yield [leaf, ...issuers.map(({ certificate }) => certificate)];
    }
  }

  /** Why the most promising way ended, as a clause; undefined before one did. */
  get problem(): string | undefined {
    return this.#problem?.clause;
  }

  *#extend(path: Path): Generator<Path, void, undefined> {
    const { leaf, issuers } = path;
    const depth = 1 + issuers.length;
    const current = issuers.at(-1)?.certificate ?? leaf;
    const algorithmProblem = signatureAlgorithmProblem(current);
    if (algorithmProblem !== undefined) {
      this.#note(depth, clauseAbout(current, leaf, algorithmProblem));
      return;
    }
    for (const issuer of this.#issuersOf(current)) {
      if (contains(path, issuer.certificate)) continue;
      if (this.#candidatesLeft === 0) {
        this.#note(Number.POSITIVE_INFINITY, `more than ${candidatesMax} CAs could be its issuers`);
        return;
      }
      this.#candidatesLeft -= 1;
      const problem = this.#linkProblem(current, issuer, depth);
      if (problem !== undefined) {
        this.#note(depth + 1, problem);
        continue;
      }
      const longer: Path = { leaf, issuers: [...issuers, issuer] };
      if (issuer.kind !== 'sent' && !this.#isSigned(longer)) continue;
      if (issuer.kind === 'anchor') yield longer;
      else yield* this.#extend(longer);
    }
    this.#note(depth, clauseAbout(current, leaf, noIssuer(current)));
  }

  /** By name alone, byte for byte; key identifiers and signatures are compared one at a time. */
  *#issuersOf({ issuerId }: Certificate): Generator<Authority, void, undefined> {
    yield* this.#store.named(issuerId);
    yield* this.#sent.filter(({ certificate }) => certificate.subjectId === issuerId);
  }

  /** What is wrong with `issuer` in this place, whatever it signed. */
  #linkProblem(current: Certificate, issuer: Authority, depth: number): string | undefined {
    const { certificate, kind } = issuer;
    if (depth + (kind === 'anchor' ? 1 : 2) > chainCertificatesMax) {
      return `its chain is longer than ${chainCertificatesMax} certificates`;
    }
    const { authorityKeyId } = current.extensions;
    const { subjectKeyId } = certificate.extensions;
    const known = authorityKeyId !== undefined && subjectKeyId !== undefined;
    if (known && authorityKeyId !== subjectKeyId) return noIssuer(current);
    const problem = authorityProblem(certificate, depth - 1, this.#now);
    return problem && ofCa(certificate, problem);
  }

  /** Checks the signatures of a path that ends in the CA file, from there down. */
  #isSigned({ leaf, issuers }: Path): boolean {
    for (const [index, issuer] of [...issuers.entries()].reverse()) {
      const below = issuers[index - 1];
      const signed = below?.certificate ?? leaf;
      if (!issuer.hasSigned(signed)) {
        this.#note(index + 2, clauseAbout(signed, leaf, noIssuer(signed)));
        return false;
      }
      if (below?.kind === 'sent') this.#store.intermediates.keep(below);
    }
    return true;
  }

  #note(depth: number, clause: string): void {
    if (depth > (this.#problem?.depth ?? 0)) this.#problem = { clause, depth };
  }
}

function contains({ leaf, issuers }: Path, { tbs }: Certificate): boolean {
  const bytes = Buffer.from(tbs.buffer, tbs.byteOffset, tbs.length);
  return bytes.equals(leaf.tbs) || issuers.some(({ certificate }) => bytes.equals(certificate.tbs));
}

function clauseAbout(certificate: Certificate, leaf: Certificate, problem: string): string {
  return certificate === leaf ? problem : ofCa(certificate, problem);
}

function ofCa(certificate: Certificate, problem: string): string {
  return `its CA ${describeName(certificate.subject)} cannot be used: ${problem}`;
}

function noIssuer(certificate: Certificate): string {
  return `its issuer ${describeName(certificate.issuer)} is not among the accepted CAs with the key that signed it`;
}
