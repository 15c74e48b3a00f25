/** The certificates of one CA file, arranged for the search of a chain. */

import type { KeyObject } from 'node:crypto';
import { importPublicKey } from './algorithms.ts';
import type { Certificate } from './certificate.ts';
import { isCertificateSignedBy } from './certificate-signature.ts';
import { IntermediateMemory } from './intermediate-memory.ts';

/** A chain may end at an anchor, goes on from a link; and both are believed, unlike what a client sent. */
export type AuthorityKind = 'anchor' | 'link' | 'sent';

/** A certificate that may have signed others, with its key made ready at the first need. */
export class Authority {
  readonly certificate: Certificate;
  readonly kind: AuthorityKind;
  /** What it was asked about. Bytes and keys never change, and so neither does the answer. */
  readonly #signed = new WeakMap<Certificate, boolean>();
  #key: { readonly value: KeyObject | undefined } | undefined;

  constructor(certificate: Certificate, kind: AuthorityKind) {
    this.certificate = certificate;
    this.kind = kind;
  }

  /**
   * Whether its key signed `certificate`. Ask only when `anchorProblem` found nothing: OpenSSL must not
   * compute with odd keys.
   */
  hasSigned(certificate: Certificate): boolean {
    const known = this.#signed.get(certificate);
    if (known !== undefined) return known;
    this.#key ??= { value: importPublicKey(this.certificate.publicKey) };
    const key = this.#key.value;
    const answer = key !== undefined && isCertificateSignedBy(certificate, key);
    this.#signed.set(certificate, answer);
    return answer;
  }
}

/**
 * A certificate of the file is an anchor when it is self-issued, or when no certificate of the file
 * has its issuer's name. One whose issuer is in the file is only a link: the chain goes on to the
 * issuer, whose dates and limits count as well.
 */
export class AuthorityStore {
  readonly authorities: readonly Authority[];
  /** Gone together with the anchors that vouch for what is in it. */
  readonly intermediates: IntermediateMemory;
  readonly #bySubject: ReadonlyMap<string, readonly Authority[]>;
  readonly #fingerprints: ReadonlySet<string>;

  constructor(certificates: readonly Certificate[], intermediates = new IntermediateMemory()) {
    const names = new Set(certificates.map(({ subjectId }) => subjectId));
    const isAnchor = ({ issuerId, subjectId }: Certificate): boolean =>
      issuerId === subjectId || !names.has(issuerId);
    this.authorities = certificates
      .map((one) => new Authority(one, isAnchor(one) ? 'anchor' : 'link'))
      .sort((one, other) => Number(other.kind === 'anchor') - Number(one.kind === 'anchor'));
    this.intermediates = intermediates;
    this.#bySubject = Map.groupBy(this.authorities, ({ certificate }) => certificate.subjectId);
    this.#fingerprints = new Set(certificates.map(({ fingerprint }) => fingerprint));
  }

  get anchors(): readonly Authority[] {
    return this.authorities.filter(({ kind }) => kind === 'anchor');
  }

  /** Anchors first. */
  named(subjectId: string): readonly Authority[] {
    return this.#bySubject.get(subjectId) ?? [];
  }

  /** Whether the file holds the certificate of this fingerprint. */
  holds(fingerprint: string): boolean {
    return this.#fingerprints.has(fingerprint);
  }
}
