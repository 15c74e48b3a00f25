/** The store in a MongoDB database, or one that speaks its protocol, for processes of several hosts. */

import type { Collection, Db, MongoClient } from 'mongodb';
import { PortcullisError } from '../../errors.ts';
import type { Change } from '../change.ts';
import { claimDocument } from '../claim.ts';
import {
  type CollectionDeclaration,
  type Collections,
  indexesOf,
  readDeclarations,
} from '../collection.ts';
import type { Document, StoredDocument } from '../document.ts';
import type { Filter, Operators } from '../filter.ts';
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
import { Announcements } from './announcements.ts';
import { createClient, databaseOf } from './client.ts';
import { storeFailure } from './failure.ts';
import { prepareDatabase } from './prepare.ts';
import { countRecords, findRecords } from './read.ts';
import { fromRecord, type MongoRecord } from './record.ts';
import { type Alone, insertRecord, removeRecord, type Target, updateRecord } from './write.ts';
import { insertRecords, removeRecords, updateRecords } from './write-many.ts';
import { WriterLock } from './writer-lock.ts';

export interface MongodbOptions {
  /** With its credentials: it is given to the driver and to nobody else. */
  readonly url: string;
  /** A process that only reads makes nothing and changes nothing. */
  readonly access: 'read' | 'write';
  readonly collections: readonly CollectionDeclaration[];
  readonly limits: StoreLimits;
}

interface Prepared {
  /** One at a time where the server needs it. */
  readonly alone: Alone | undefined;
  readonly ours: Operators;
}

export class MongodbStore implements Store {
  readonly kind = 'mongodb';
  readonly #access: 'read' | 'write';
  readonly #collections: Collections;
  readonly #limits: StoreLimits;
  readonly #client: MongoClient;
  readonly #database: Db;
  readonly #announcements: Announcements;
  #prepared: Promise<Prepared> | undefined;

  /** @throws PortcullisError CONFIG_INVALID for a wrong URL */
  constructor({ url, access, collections, limits }: MongodbOptions) {
    this.#access = access;
    this.#limits = limits;
    this.#collections = readDeclarations(collections, limits);
    this.#client = createClient(url);
    this.#database = databaseOf(this.#client);
    this.#announcements = new Announcements(this.#database);
  }

  get(collection: string, id: string): Promise<StoredDocument | undefined> {
    return this.#read(async () => {
      const record = await this.#records(collection).findOne({ _id: id });
      return record === null ? undefined : fromRecord(record);
    });
  }

  async find(collection: string, query: Query): Promise<readonly StoredDocument[]> {
    const read = readQuery(query, this.#limits);
    return this.#read(async ({ ours }) =>
      findRecords({ records: this.#records(collection), ours }, read, this.#limits),
    );
  }

  count(collection: string, filter: Filter): Promise<number> {
    return this.#read(async ({ ours }) =>
      countRecords({ records: this.#records(collection), ours }, filter),
    );
  }

  insert(collection: string, document: Document): Promise<InsertResult> {
    return this.#write(collection, (target) => insertRecord(target, document));
  }

  insertMany(collection: string, documents: readonly Document[]): Promise<readonly InsertResult[]> {
    return this.#write(collection, (target) => insertRecords(target, documents));
  }

  update(collection: string, id: string, change: Change, expected?: number): Promise<UpdateResult> {
    return this.#write(collection, (target) => updateRecord(target, id, change, expected));
  }

  updateMany(
    collection: string,
    ids: readonly string[],
    change: Change,
  ): Promise<readonly UpdateResult[]> {
    return this.#write(collection, (target) => updateRecords(target, ids, change));
  }

  claim(
    collection: string,
    selection: Pick<Query, 'filter' | 'sort'>,
    change: Change,
  ): Promise<StoredDocument | undefined> {
    return claimDocument(this, collection, selection, change, this.#limits);
  }

  remove(collection: string, id: string, expected?: number): Promise<RemoveResult> {
    return this.#write(collection, (target) => removeRecord(target, id, expected));
  }

  removeMany(collection: string, ids: readonly string[]): Promise<readonly RemoveResult[]> {
    return this.#write(collection, (target) => removeRecords(target, ids));
  }

  revision(): Promise<Revision> {
    return this.#read(() => this.#announcements.revision());
  }

  changedSince(revision: Revision): Promise<ChangedCollections> {
    return this.#read(() => this.#announcements.changedSince(revision));
  }

  async ping(): Promise<void> {
    await this.#read(() => this.#database.command({ ping: 1 }));
  }

  async close(): Promise<void> {
    await this.#announcements.settled();
    await this.#client.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #read<Result>(work: (prepared: Prepared) => Promise<Result>): Promise<Result> {
    try {
      return await work(await this.#prepare());
    } catch (error) {
      throw storeFailure(error);
    }
  }

  #write<Result>(collection: string, work: (target: Target) => Promise<Result>): Promise<Result> {
    const indexes = indexesOf(this.#collections, collection);
    return this.#read(async ({ alone }) => {
      if (this.#access === 'read') {
        const state = 'this process reads it only';
        throw new PortcullisError('STORE_READ_ONLY', `Cannot change the MongoDB store: ${state}`);
      }
      return work({
        records: this.#records(collection),
        indexes,
        limits: this.#limits,
        announce: (change) => this.#announcements.announce(collection, change),
        alone,
      });
    });
  }

  #records(collection: string): Collection<MongoRecord> {
    indexesOf(this.#collections, collection);
    return this.#database.collection<MongoRecord>(collection);
  }

  /** Once; after a failure the next call tries again. */
  #prepare(): Promise<Prepared> {
    this.#prepared ??= this.#prepareNow().catch((error: unknown) => {
      this.#prepared = undefined;
      throw error;
    });
    return this.#prepared;
  }

  async #prepareNow(): Promise<Prepared> {
    const server = await prepareDatabase(this.#database, this.#collections, this.#access);
    const { isAtomic, ours } = server;
    if (isAtomic) return { ours, alone: undefined };
    const lock = new WriterLock(this.#database, this.#limits.contentionMillisecondsMax);
    return { ours, alone: (work) => lock.hold(work) };
  }
}
