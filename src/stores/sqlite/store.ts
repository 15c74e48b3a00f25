/** The store in one SQLite file, for the processes of one host. */

import { inBatches } from '../batches.ts';
import type { Change } from '../change.ts';
import { claimDocument } from '../claim.ts';
import {
  type CollectionDeclaration,
  type Collections,
  checkIndexed,
  indexesOf,
  readDeclarations,
} from '../collection.ts';
import { checkDocument, type Document, type StoredDocument } from '../document.ts';
import type { Filter } from '../filter.ts';
import type { StoreLimits } from '../limits.ts';
import { readQuery } from '../query.ts';
import type {
  ChangedCollections,
  InsertResult,
  Query,
  RemoveResult,
  Revision,
  Store,
  UpdateResult,
} from '../store.ts';
import type { Connection } from './connection.ts';
import { Database } from './database.ts';
import { KnownLayout } from './known-layout.ts';
import type { StoredCollection } from './layout.ts';
import { countDocuments, findDocuments } from './read.ts';
import { readChanges, readRevision } from './revision.ts';
import { readRow, statements } from './scan.ts';
import { insertDocument, removeDocument, type Target, updateDocument } from './write.ts';

/** Documents that are changed in one transaction: as long as others have to wait for it. */
const documentsOfTransaction = 200;

export interface SqliteOptions {
  /** The path of the database; made if need be, in a directory that is there. */
  readonly file: string;
  /** A process that only reads makes nothing and changes nothing. */
  readonly access: 'read' | 'write';
  /** Whether who writes makes the file where there is none. */
  readonly mayCreate: boolean;
  readonly collections: readonly CollectionDeclaration[];
  readonly limits: StoreLimits;
}

export class SqliteStore implements Store {
  readonly kind = 'sqlite';
  readonly #database: Database;
  readonly #collections: Collections;
  readonly #layout: KnownLayout;
  readonly #limits: StoreLimits;

  constructor({ collections, limits, ...place }: SqliteOptions) {
    this.#limits = limits;
    this.#collections = readDeclarations(collections, limits);
    this.#layout = new KnownLayout(this.#collections);
    this.#database = new Database({
      ...place,
      contentionMillisecondsMax: limits.contentionMillisecondsMax,
      prepare: (connection) => this.#layout.prepare(connection, place.access),
    });
  }

  async get(collection: string, id: string): Promise<StoredDocument | undefined> {
    const row = await this.#database.read((connection) =>
      connection.get(statements.byId, this.#layout.stored(collection, connection).id, id),
    );
    return row === undefined ? undefined : readRow(row);
  }

  async find(collection: string, query: Query): Promise<readonly StoredDocument[]> {
    const read = readQuery(query, this.#limits);
    return findDocuments(this.#database, await this.#current(collection), read, this.#limits);
  }

  async count(collection: string, filter: Filter): Promise<number> {
    return countDocuments(this.#database, await this.#current(collection), filter);
  }

  async insert(collection: string, document: Document): Promise<InsertResult> {
    const checked = this.#check(collection, document);
    return this.#write(collection, (connection, target) =>
      insertDocument(connection, target, checked),
    );
  }

  async insertMany(
    collection: string,
    documents: readonly Document[],
  ): Promise<readonly InsertResult[]> {
    const checked = documents.map((document) => this.#check(collection, document));
    return this.#writeMany(collection, checked, insertDocument);
  }

  async update(
    collection: string,
    id: string,
    change: Change,
    expected?: number,
  ): Promise<UpdateResult> {
    return this.#write(collection, (connection, target) =>
      updateDocument(connection, target, id, change, expected),
    );
  }

  async updateMany(
    collection: string,
    ids: readonly string[],
    change: Change,
  ): Promise<readonly UpdateResult[]> {
    return this.#writeMany(collection, ids, (connection, target, id) =>
      updateDocument(connection, target, id, change),
    );
  }

  async claim(
    collection: string,
    selection: Pick<Query, 'filter' | 'sort'>,
    change: Change,
  ): Promise<StoredDocument | undefined> {
    return claimDocument(this, collection, selection, change, this.#limits);
  }

  async remove(collection: string, id: string, expected?: number): Promise<RemoveResult> {
    return this.#write(collection, (connection, target) =>
      removeDocument(connection, target, id, expected),
    );
  }

  async removeMany(collection: string, ids: readonly string[]): Promise<readonly RemoveResult[]> {
    return this.#writeMany(collection, ids, (connection, target, id) =>
      removeDocument(connection, target, id),
    );
  }

  async revision(): Promise<Revision> {
    return this.#database.read(readRevision);
  }

  async changedSince(revision: Revision): Promise<ChangedCollections> {
    return this.#database.read((connection) => readChanges(connection, revision));
  }

  async ping(): Promise<void> {
    await this.#database.read(readRevision);
  }

  async close(): Promise<void> {
    this.#database.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #check(collection: string, document: Document): Document {
    const checked = checkDocument(document, this.#limits);
    checkIndexed(checked, indexesOf(this.#collections, collection), this.#limits);
    return checked;
  }

  #write<Result>(
    collection: string,
    work: (connection: Connection, target: Target) => Result,
  ): Promise<Result> {
    const declared = indexesOf(this.#collections, collection);
    return this.#database.write((connection) => {
      this.#layout.refresh(connection);
      const stored = this.#layout.stored(collection, connection);
      return work(connection, { stored, declared, limits: this.#limits });
    });
  }

  #writeMany<Item, Result>(
    collection: string,
    items: readonly Item[],
    work: (connection: Connection, target: Target, item: Item) => Result,
  ): Promise<readonly Result[]> {
    return inBatches(items, documentsOfTransaction, (batch) =>
      this.#write(collection, (connection, target) =>
        batch.map((item) => work(connection, target, item)),
      ),
    );
  }

  /** The collection of a database that is open. */
  #current(collection: string): Promise<StoredCollection> {
    return this.#database.read((connection) => this.#layout.stored(collection, connection));
  }
}
