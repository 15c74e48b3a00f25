/**
 * What Portcullis keeps, and what every store promises of it. `sqlite/` and `mongodb/` keep these
 * promises, test/contracts/store.ts holds them to it, and docs/stores.md tells operators.
 *
 * **Collections** are declared when a store is opened, with their indexes. A document is of JSON's
 * kinds and dates, has an `_id` that never changes, and a `_version` that each change raises by one.
 *
 * **One document is the unit.** A change of one document is made as a whole or not at all, for every
 * reader, in every process and on every host. There is no transaction over two: whoever changes
 * several has an order in which a stop in between does no harm, or keeps what belongs together in
 * one document and changes it with a function.
 *
 * **Concurrency.** Changes of one document are made one after the other, each on the result of the one
 * before: none is lost. A read that starts after a change was acknowledged sees it, in every process.
 * A query over several documents is no snapshot: what is changed meanwhile is seen before or after its
 * change, and never twice; what is there throughout is seen.
 *
 * **Durability.** What was acknowledged survives the death of any process and the loss of power.
 * When a call ends with STORE_UNAVAILABLE, STORE_FULL or the end of the process, its change is made
 * or not made, and never half.
 *
 * **Refusals are values**: a duplicate, a conflict, a missing document. What throws is a fault:
 * STORE_UNAVAILABLE, STORE_READ_ONLY, STORE_FULL, STORE_CORRUPT, STORE_SCHEMA; or a limit or rule of
 * what may be kept and asked: DOCUMENT_INVALID, FILTER_INVALID, RESULT_TOO_LARGE. After a fault the
 * next call tries again: a store that comes back needs no restart.
 *
 * **Limits** are those of limits.ts.
 */

import type { Change } from './change.ts';
import type { Document, StoredDocument } from './document.ts';
import type { Filter } from './filter.ts';

export interface Store extends AsyncDisposable {
  readonly kind: 'sqlite' | 'mongodb';

  /** The document with this `_id`; undefined when there is none. */
  get(collection: string, id: string): Promise<StoredDocument | undefined>;

  /**
   * The documents that `query` means, by `_id` or in the order it asks for, equals by `_id`.
   * Equality, lists of values and ranges on indexed fields cost what they find; everything else costs
   * a look at each document.
   */
  find(collection: string, query: Query): Promise<readonly StoredDocument[]>;

  /** How many documents `filter` means. */
  count(collection: string, filter: Filter): Promise<number>;

  /** Adds a document; without an `_id` it gets one. Of two with the same unique values one is added. */
  insert(collection: string, document: Document): Promise<InsertResult>;

  /** As `insert` for each, in less time. Each is added or not by itself; a fault leaves some added. */
  insertMany(collection: string, documents: readonly Document[]): Promise<readonly InsertResult[]>;

  /**
   * Changes one document.
   *
   * @param expected the `_version` that it must still have; without one it may have any
   */
  update(collection: string, id: string, change: Change, expected?: number): Promise<UpdateResult>;

  /**
   * As `update` for each, in less time, and with a result for each, in order. Each is changed or not by
   * itself; a fault leaves some changed. Callers with thousands give them in parts: the results hold the
   * documents.
   */
  updateMany(
    collection: string,
    ids: readonly string[],
    change: Change,
  ): Promise<readonly UpdateResult[]>;

  /**
   * Changes the first document that `selection` means, and gives it as it then is; undefined when none
   * is left. Of several callers at once, one gets a document whose change ends the selection: this is
   * how a task is taken with its lease.
   */
  claim(
    collection: string,
    selection: Pick<Query, 'filter' | 'sort'>,
    change: Change,
  ): Promise<StoredDocument | undefined>;

  /** Removes one document. */
  remove(collection: string, id: string, expected?: number): Promise<RemoveResult>;

  /** As `remove` for each, in less time. Each is removed or not by itself; a fault leaves some removed. */
  removeMany(collection: string, ids: readonly string[]): Promise<readonly RemoveResult[]>;

  /** The present revision, to be given to {@link changedSince}; it says nothing by itself. */
  revision(): Promise<Revision>;

  /**
   * Which collections changed after `revision` was given out, by whatever process, and the revision
   * that stands for now. Every change that was acknowledged before the call is in it; a change that
   * is under way may be in it more than once. A revision of a store that was restored or exchanged
   * meanwhile says that everything changed.
   */
  changedSince(revision: Revision): Promise<ChangedCollections>;

  /** Does nothing, if the store can be read at this moment. */
  ping(): Promise<void>;

  /** Ends what is under way and lets go of everything. Nothing may be called afterwards. */
  close(): Promise<void>;
}

export interface Query {
  readonly filter: Filter;
  /** Paths with 1 for ascending and -1 for descending. */
  readonly sort?: readonly (readonly [path: string, direction: 1 | -1])[];
  /** How many of the first to leave out. */
  readonly skip?: number;
  /** How many to give at most. */
  readonly limit?: number;
  /** The paths to give, besides `_id` and `_version`; everything without. */
  readonly fields?: readonly string[];
}

export type InsertResult =
  | { readonly outcome: 'inserted'; readonly document: StoredDocument }
  | Duplicate;

/** Another document has the same values in these fields, of one unique index or `_id`. */
export interface Duplicate {
  readonly outcome: 'duplicate';
  readonly fields: readonly string[];
}

export type UpdateResult =
  | { readonly outcome: 'updated'; readonly document: StoredDocument }
  /** There is no document with this `_id`. */
  | { readonly outcome: 'missing' }
  /** It has not the expected `_version`. */
  | { readonly outcome: 'conflict' }
  /** The function of the change gave undefined. */
  | { readonly outcome: 'left' }
  | Duplicate;

export type RemoveResult = 'removed' | 'missing' | 'conflict';

/** Opaque; of one store only. */
export type Revision = string & { readonly '': unique symbol };

export interface ChangedCollections {
  readonly revision: Revision;
  readonly collections: ReadonlySet<string>;
}
