/** The deny-list that is kept in the store: certificates that open nothing any more. */

import { describeName } from '../identity/distinguished-name.ts';
import type { NameAttribute } from '../plugin.ts';
import type { CollectionDeclaration } from '../stores/collection.ts';
import type { Document, StoredDocument } from '../stores/document.ts';
import type { Query, Store } from '../stores/store.ts';
import { type CertificateName, idOfName } from './certificate-name.ts';

export const deniedCertificates = 'denied_certificates';

/** To be declared where the store is opened. */
export const deniedCertificateCollections: readonly CollectionDeclaration[] = [
  {
    name: deniedCertificates,
    indexes: [{ fields: ['fingerprint'] }, { fields: ['serial'] }, { fields: ['since'] }],
  },
];

/** Characters of a reason. */
export const denialReasonCharactersMax = 1000;

export interface DeniedCertificate {
  /** As `idOfName` makes it. */
  readonly _id: string;
  /** Null for one that is called by issuer and serial number, which are null otherwise. */
  readonly fingerprint: string | null;
  readonly serial: string | null;
  readonly issuer: readonly NameAttribute[] | null;
  /** The issuer as people read it. */
  readonly issuerText: string | null;
  /** Why, for people. */
  readonly reason: string;
  /** The login of who put it on the list. */
  readonly by: string;
  readonly since: Date;
}

export interface Denial {
  /** At most {@link denialReasonCharactersMax} characters. */
  readonly reason: string;
  readonly by: string;
}

/** Each change reaches every worker on every host within `changeReachesWithinMilliseconds`. */
export class DeniedCertificates {
  readonly #store: Store;
  readonly #now: () => Date;

  constructor(store: Store, now: () => Date) {
    this.#store = store;
    this.#now = now;
  }

  /** Undefined when it is on the list already; the first reason stays. */
  async add(name: CertificateName, denial: Denial): Promise<DeniedCertificate | undefined> {
    const { reason, by } = denial;
    const document = { ...fieldsOf(name), _id: idOfName(name), reason, by, since: this.#now() };
    const result = await this.#store.insert(deniedCertificates, document);
    return result.outcome === 'inserted' ? readDocument(result.document) : undefined;
  }

  async remove(id: string): Promise<'removed' | 'missing'> {
    const outcome = await this.#store.remove(deniedCertificates, id);
    return outcome === 'removed' ? 'removed' : 'missing';
  }

  async byId(id: string): Promise<DeniedCertificate | undefined> {
    const document = await this.#store.get(deniedCertificates, id);
    return document && readDocument(document);
  }

  /** `fields` of the query have no effect: each entry is given whole. */
  async find({ fields: _, ...query }: Query): Promise<readonly DeniedCertificate[]> {
    return (await this.#store.find(deniedCertificates, query)).map(readDocument);
  }
}

function fieldsOf(name: CertificateName): Document {
  if ('fingerprint' in name) {
    return { fingerprint: name.fingerprint, serial: null, issuer: null, issuerText: null };
  }
  const { issuer, serial } = name;
  return {
    fingerprint: null,
    serial,
    issuer: issuer.map(({ oid, value }) => ({ oid, value })),
    issuerText: describeName(issuer),
  };
}

function readDocument({ _version: _, ...document }: StoredDocument): DeniedCertificate {
  return document as unknown as DeniedCertificate;
}
