/** The certificates of one CA file, arranged for the search of a chain. */

import type { KeyObject } from 'node:crypto';
import { importPublicKey } from './algorithms.ts';
import type { Certificate } from './certificate.ts';

/** A certificate that may have signed others, with its key made ready at the first need. */
export class Authority {
  readonly certificate: Certificate;
  /** Whether a chain may end here. */
  readonly isAnchor: boolean;
  #key: { readonly value: KeyObject | undefined } | undefined;

  constructor(certificate: Certificate, isAnchor: boolean) {
    this.certificate = certificate;
    this.isAnchor = isAnchor;
  }

  /** Ask for it only when `anchorProblem` found nothing: OpenSSL must not compute with odd keys. */
  get key(): KeyObject | undefined {
    this.#key ??= { value: importPublicKey(this.certificate.publicKey) };
    return this.#key.value;
  }
}

/**
 * A certificate of the file is an anchor when it is self-issued, or when no certificate of the file
 * has its issuer's name. One whose issuer is in the file is only a link: the chain goes on to the
 * issuer, whose dates and limits count as well.
 */
export class AuthorityStore {
  readonly authorities: readonly Authority[];
  readonly #bySubject: ReadonlyMap<string, readonly Authority[]>;

  constructor(certificates: readonly Certificate[]) {
    const names = new Set(certificates.map(({ subjectId }) => subjectId));
    this.authorities = certificates
      .map((one) => new Authority(one, one.issuerId === one.subjectId || !names.has(one.issuerId)))
      .sort((one, other) => Number(other.isAnchor) - Number(one.isAnchor));
    this.#bySubject = Map.groupBy(this.authorities, ({ certificate }) => certificate.subjectId);
  }

  get anchors(): readonly Authority[] {
    return this.authorities.filter(({ isAnchor }) => isAnchor);
  }

  /** Anchors first. */
  named(subjectId: string): readonly Authority[] {
    return this.#bySubject.get(subjectId) ?? [];
  }
}
