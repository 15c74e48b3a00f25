/** Publications: immutable trees, from the moment in which a task begins one until its last byte is gone. */

import { type Document, newId } from '../stores/document.ts';
import { parseFilter, where } from '../stores/parse-filter.ts';
import type { Store } from '../stores/store.ts';
import {
  type DistributionDocument,
  distributionsCollection,
  type PublicationDocument,
  publicationsCollection,
} from './documents.ts';
import { removablePublications } from './retention.ts';

export type NewPublication = Pick<
  PublicationDocument,
  'repository' | 'distributor' | 'task' | 'content_revision' | 'config_digest'
>;

export class Publications {
  readonly #store: Store;
  readonly #now: () => Date;

  constructor(store: Store, now: () => Date) {
    this.#store = store;
    this.#now = now;
  }

  /** To be made before its directory: a directory without a document is garbage. */
  async begin(given: NewPublication): Promise<PublicationDocument> {
    const now = this.#now();
    const document = {
      ...{ ...given, _id: newId(now), state: 'building', created: now },
      ...{ unit_counts: {}, signing_key: null },
    };
    const result = await this.#store.insert(publicationsCollection, document);
    if (result.outcome !== 'inserted') throw new Error('Two random ids are the same');
    return result.document as unknown as PublicationDocument;
  }

  /** Once its tree is on the disk. @returns false when it is not building any more */
  async complete(
    id: string,
    {
      unitCounts,
      signingKey = null,
    }: {
      readonly unitCounts: PublicationDocument['unit_counts'];
      readonly signingKey?: string | null | undefined;
    },
  ): Promise<boolean> {
    const result = await this.#store.update(publicationsCollection, id, (document) =>
      document.state === 'building'
        ? { ...document, state: 'complete', unit_counts: unitCounts, signing_key: signingKey }
        : undefined,
    );
    return result.outcome === 'updated';
  }

  async byId(id: string): Promise<PublicationDocument | undefined> {
    const document = await this.#store.get(publicationsCollection, id);
    return document as unknown as PublicationDocument | undefined;
  }

  /** The newest first, in whatever state. @param distributor undefined for those of all */
  async ofRepository(
    repository: string,
    distributor?: string,
  ): Promise<readonly PublicationDocument[]> {
    const filter = where({ repository, ...(distributor !== undefined && { distributor }) });
    const sort = [
      ['created', -1],
      ['_id', -1],
    ] as const;
    const documents = await this.#store.find(publicationsCollection, { filter, sort });
    return documents as unknown as readonly PublicationDocument[];
  }

  /** Those that are being built or removed: what is left of them when their task is over is garbage. */
  async unfinished(): Promise<readonly PublicationDocument[]> {
    const filter = parseFilter({ state: { $in: ['building', 'removing'] } });
    const documents = await this.#store.find(publicationsCollection, { filter });
    return documents as unknown as readonly PublicationDocument[];
  }

  /**
   * Those of a distributor that may go: see {@link removablePublications}. To be asked by a task that has the
   * repository for itself, because a rollback might point to one of them.
   *
   * @param kept how many complete ones stay in any case
   */
  async toRemove(
    repository: string,
    distributor: string,
    kept: number,
  ): Promise<readonly PublicationDocument[]> {
    const filter = where({ repository, distributor });
    // What points is read last: it may have been moved to one that is complete by now.
    const publications = await this.ofRepository(repository, distributor);
    const distributions = await this.#store.find(distributionsCollection, { filter });
    return removablePublications(
      publications,
      distributions as unknown as readonly DistributionDocument[],
      kept,
      this.#now(),
    );
  }

  /** The distributors that have more than `kept` complete publications. */
  async distributorsOver(
    kept: number,
  ): Promise<readonly Pick<PublicationDocument, 'repository' | 'distributor'>[]> {
    const fields = ['repository', 'distributor'];
    const complete = where({ state: 'complete' });
    const found = await this.#store.find(publicationsCollection, { filter: complete, fields });
    const all = found as unknown as readonly PublicationDocument[];
    const grouped = Map.groupBy(all, (each) => JSON.stringify([each.repository, each.distributor]));
    return [...grouped.values()].flatMap((each) => (each.length > kept ? each.slice(0, 1) : []));
  }

  /** To be said before its directory goes: nothing may point to it from now on. */
  async removing(id: string): Promise<void> {
    const change = (document: Document): Document => ({ ...document, state: 'removing' });
    await this.#store.update(publicationsCollection, id, change);
  }

  /** Its directory is gone. */
  async removed(id: string): Promise<void> {
    await this.#store.remove(publicationsCollection, id);
  }
}
