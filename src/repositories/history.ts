/** What synchronizations and publishes of a repository came to: the latest of them. */

import type { StoredDocument, Value } from '../stores/document.ts';
import type { Filter } from '../stores/filter.ts';
import { parseFilter, where } from '../stores/parse-filter.ts';
import { removeFound, removeSurplus } from '../stores/remove-found.ts';
import type { Store } from '../stores/store.ts';
import { publishHistoryCollection, syncHistoryCollection } from './documents.ts';
import { repositoryLimits } from './limits.ts';

interface Entry {
  readonly repo_id: string;
  readonly started: Date;
  readonly completed: Date;
  readonly error_message: string | null;
  readonly exception: string | null;
  readonly traceback: readonly string[] | null;
  readonly summary: Value;
  readonly details: Value;
}

export interface SyncEntry extends Entry {
  readonly importer_id: string;
  readonly importer_type_id: string;
  readonly result: 'success' | 'failed' | 'error' | 'canceled';
  readonly added_count: number;
  readonly updated_count: number;
  readonly removed_count: number;
}

export interface PublishEntry extends Entry {
  readonly distributor_id: string;
  readonly distributor_type_id: string;
  readonly result: 'success' | 'failed' | 'error' | 'skipped';
}

export interface HistoryQuery {
  readonly limit?: number;
  /** Descending without: the latest first. */
  readonly sort?: 'ascending' | 'descending';
  /** That began at this time or later. */
  readonly start?: Date;
  /** That began at this time or earlier. */
  readonly end?: Date;
}

export class History {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** The oldest go when there are more than `repositoryLimits.syncHistoryMax`. */
  async addSync(entry: SyncEntry): Promise<void> {
    const ofSame = where({ repo_id: entry.repo_id });
    await this.#add(syncHistoryCollection, { ...entry }, ofSame, repositoryLimits.syncHistoryMax);
  }

  /** The oldest of the distributor go when there are more than `repositoryLimits.publishHistoryMax`. */
  async addPublish(entry: PublishEntry): Promise<void> {
    const { repo_id, distributor_id } = entry;
    const ofSame = where({ repo_id, distributor_id });
    const max = repositoryLimits.publishHistoryMax;
    await this.#add(publishHistoryCollection, { ...entry }, ofSame, max);
  }

  async ofSync(
    repository: string,
    query: HistoryQuery,
  ): Promise<readonly (SyncEntry & StoredDocument)[]> {
    const found = await this.#list(syncHistoryCollection, where({ repo_id: repository }), query);
    return found as unknown as readonly (SyncEntry & StoredDocument)[];
  }

  async ofPublish(
    repository: string,
    distributor: string,
    query: HistoryQuery,
  ): Promise<readonly (PublishEntry & StoredDocument)[]> {
    const ofDistributor = where({ repo_id: repository, distributor_id: distributor });
    const found = await this.#list(publishHistoryCollection, ofDistributor, query);
    return found as unknown as readonly (PublishEntry & StoredDocument)[];
  }

  /** Forgets all of a repository. */
  async remove(repository: string): Promise<void> {
    const filter = where({ repo_id: repository });
    for (const collection of [syncHistoryCollection, publishHistoryCollection]) {
      await removeFound(this.#store, collection, { filter });
    }
  }

  async #add(
    collection: string,
    entry: { readonly [name: string]: Value },
    ofSame: Filter,
    max: number,
  ): Promise<void> {
    await this.#store.insert(collection, entry);
    const latest = { filter: ofSame, sort: order('descending') };
    await removeSurplus(this.#store, collection, latest, max);
  }

  #list(
    collection: string,
    ofSame: Filter,
    { limit, sort = 'descending', start, end }: HistoryQuery,
  ): Promise<readonly StoredDocument[]> {
    const bounds = { ...(start && { $gte: start }), ...(end && { $lte: end }) };
    const filter: Filter =
      start === undefined && end === undefined
        ? ofSame
        : { kind: 'and', parts: [ofSame, parseFilter({ started: bounds })] };
    const limited = limit === undefined ? {} : { limit };
    return this.#store.find(collection, { filter, sort: order(sort), ...limited });
  }
}

function order(sort: 'ascending' | 'descending'): readonly (readonly [string, 1 | -1])[] {
  const direction = sort === 'ascending' ? 1 : -1;
  return [
    ['started', direction],
    ['_id', direction],
  ];
}
