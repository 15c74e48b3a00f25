/**
 * The distributions of the store as they are kept, read again as far as they changed: of ten thousand, one
 * change costs the reading of few.
 */

import { distributionOrders } from '../repositories/distribution-order.ts';
import {
  type Area,
  type DistributionDocument,
  distributionsCollection,
} from '../repositories/documents.ts';
import { publicationIdPattern } from '../storage/layout.ts';
import { lastOrder, lateOrdersMax } from '../stores/change-order.ts';
import type { StoredDocument } from '../stores/document.ts';
import { everything } from '../stores/filter.ts';
import { parseFilter } from '../stores/parse-filter.ts';
import type { Store } from '../stores/store.ts';

/** Documents that are asked for at once: with their keys and certificates each may be large. */
const documentsAtOnce = 500;

export interface DistributionChanges {
  readonly changed: readonly DistributionDocument[];
  /** The ids of those that are gone. */
  readonly gone: readonly string[];
}

/** What tells two states of a document apart, also of one that was removed and made anew. */
interface Known {
  readonly version: number;
  readonly publication: unknown;
  /** Milliseconds. */
  readonly claimed: number | undefined;
}

export class StoredDistributions {
  readonly #store: Pick<Store, 'find' | 'get' | 'count'>;
  readonly #known = new Map<string, Known>();
  /** The highest order that was seen; undefined while nothing is known. */
  #order: number | undefined;

  constructor(store: Pick<Store, 'find' | 'get' | 'count'>) {
    this.#store = store;
  }

  /** What changed since it was read the last time; at first, all there is. After an error, it is told again. */
  async read(): Promise<DistributionChanges> {
    const recent = await this.#readRecent();
    const present = recent ?? (await this.#readKeys({ filter: everything }));
    const documents = await this.#readWhole(present.filter((key) => !this.#isKnown(key)));
    const gone = recent === undefined ? this.#goneOf(present) : [];
    for (const id of gone) this.#known.delete(id);
    for (const document of documents) this.#known.set(document._id, knownOf(document));
    const order = highestOrder([...present, ...documents]);
    this.#order = recent === undefined ? order : Math.max(order, this.#order ?? 0);
    return { changed: documents.flatMap((document) => readDistribution(document) ?? []), gone };
  }

  /**
   * Those with the last orders. What was removed left no order behind, but one document less; and a store
   * that was restored, or has lost its count, gives orders once more that were seen (T98).
   *
   * @returns undefined where they are not all that changed
   */
  async #readRecent(): Promise<readonly StoredDocument[] | undefined> {
    const order = this.#order;
    if (order === undefined) return undefined;
    if ((await lastOrder(this.#store, distributionOrders)) < order) return undefined;
    const filter = parseFilter({ order: { $gt: order - lateOrdersMax } });
    const recent = await this.#readKeys({ filter });
    const added = recent.filter(({ _id }) => !this.#known.has(_id)).length;
    const count = await this.#store.count(distributionsCollection, everything);
    return count === this.#known.size + added ? recent : undefined;
  }

  #readKeys(query: Pick<Parameters<Store['find']>[1], 'filter'>) {
    const fields = ['publication', 'claimed', 'order'];
    return this.#store.find(distributionsCollection, { ...query, fields });
  }

  async #readWhole(keys: readonly StoredDocument[]): Promise<readonly StoredDocument[]> {
    const documents: StoredDocument[] = [];
    for (let at = 0; at < keys.length; at += documentsAtOnce) {
      const some = keys.slice(at, at + documentsAtOnce).map(({ _id }) => _id);
      const filter = parseFilter({ _id: { $in: some } });
      documents.push(...(await this.#store.find(distributionsCollection, { filter })));
    }
    return documents;
  }

  #isKnown(document: StoredDocument): boolean {
    const known = this.#known.get(document._id);
    const { version, publication, claimed } = knownOf(document);
    return (
      known?.version === version && known.publication === publication && known.claimed === claimed
    );
  }

  #goneOf(present: readonly StoredDocument[]): readonly string[] {
    const ids = new Set(present.map(({ _id }) => _id));
    return [...this.#known.keys()].filter((id) => !ids.has(id));
  }
}

export async function readDistributionFresh(
  store: Pick<Store, 'get'>,
  id: string,
): Promise<DistributionDocument | undefined> {
  const document = await store.get(distributionsCollection, id);
  return document && readDistribution(document);
}

function knownOf({ _version: version, publication = null, claimed }: StoredDocument): Known {
  return { version, publication, claimed: claimed instanceof Date ? claimed.getTime() : undefined };
}

function highestOrder(documents: readonly StoredDocument[]): number {
  return documents.reduce((highest, { order }) => Math.max(highest, Number(order ?? 0)), 0);
}

const areas: ReadonlySet<unknown> = new Set<Area>(['repos', 'isos']);

/**
 * The names of publications become paths: what is none is served as none (T28).
 *
 * @returns undefined for what is served nowhere, as it is at no place of its own
 */
function readDistribution(document: StoredDocument): DistributionDocument | undefined {
  const given = document as unknown as DistributionDocument;
  const isId = (id: unknown): boolean => typeof id === 'string' && publicationIdPattern.test(id);
  const earlier = Array.isArray(given.earlier) ? given.earlier : [];
  if (!areas.has(given.area) || given._id !== `${given.area}:${given.relative_url}`)
    return undefined;
  return {
    ...given,
    publication: isId(given.publication) ? given.publication : null,
    directory: typeof given.directory === 'string' ? given.directory : null,
    earlier: earlier.filter(({ publication, until }) => isId(publication) && until instanceof Date),
  };
}
