/** The store in a MongoDB database, or one that speaks its protocol, for processes of several hosts. */

import { setTimeout as sleep } from 'node:timers/promises';
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
import { Announcements } from './announcements.ts';
import { createClient, databaseOf } from './client.ts';
import { storeFailure } from './failure.ts';
import { prepareDatabase } from './prepare.ts';
import { countRecords, findRecords } from './read.ts';
import { fromRecord, type MongoRecord } from './record.ts';
import { insertRecord, insertRecords, removeRecord, type Target, updateRecord } from './write.ts';
import { WriterLock } from './writer-lock.ts';

/** How long to wait before a change is tried again, in milliseconds, at random up to this. */
const pauseMillisecondsMax = 20;

export interface MongodbOptions {
  /** With its credentials: it is given to the driver and to nobody else. */
  readonly url: string;
  /** A process that only reads makes nothing and changes nothing. */
  readonly access: 'read' | 'write';
  readonly collections: readonly CollectionDeclaration[];
  readonly limits: StoreLimits;
}

/** One at a time where the server needs it. */
type Exclusive = <Result>(work: () => Promise<Result>) => Promise<Result>;

export class MongodbStore implements Store {
  readonly kind = 'mongodb';
  readonly #access: 'read' | 'write';
  readonly #collections: Collections;
  readonly #limits: StoreLimits;
  readonly #client: MongoClient;
  readonly #database: Db;
  readonly #announcements: Announcements;
  #prepared: Promise<Exclusive> | undefined;

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
    return this.#read(() => findRecords(this.#records(collection), read, this.#limits));
  }

  count(collection: string, filter: Filter): Promise<number> {
    return this.#read(() => countRecords(this.#records(collection), filter));
  }

  insert(collection: string, document: Document): Promise<InsertResult> {
    return this.#write(collection, (target) => insertRecord(target, document));
  }

  insertMany(collection: string, documents: readonly Document[]): Promise<readonly InsertResult[]> {
    return this.#write(collection, (target) => insertRecords(target, documents));
  }

  update(collection: string, id: string, change: Change, expected?: number): Promise<UpdateResult> {
    const attempt = (target: Target) => updateRecord(target, id, change, expected);
    return this.#write(collection, (target) => this.#persist(collection, () => attempt(target)));
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

  async #read<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      await this.#prepare();
      return await work();
    } catch (error) {
      throw storeFailure(error);
    }
  }

  #write<Result>(collection: string, work: (target: Target) => Promise<Result>): Promise<Result> {
    const indexes = indexesOf(this.#collections, collection);
    return this.#read(async () => {
      if (this.#access === 'read') {
        const state = 'this process reads it only';
        throw new PortcullisError('STORE_READ_ONLY', `Cannot change the MongoDB store: ${state}`);
      }
      const exclusive = await this.#prepare();
      return work({
        records: this.#records(collection),
        indexes,
        limits: this.#limits,
        add: (change) => this.#announcements.announce(collection, change),
        change: (change) => this.#announcements.announce(collection, () => exclusive(change)),
      });
    });
  }

  /** Tries again while others change the same document. */
  async #persist(
    collection: string,
    attempt: () => Promise<UpdateResult | 'overtaken'>,
  ): Promise<UpdateResult> {
    const deadline = performance.now() + this.#limits.contentionMillisecondsMax;
    for (;;) {
      const result = await attempt();
      if (result !== 'overtaken') return result;
      if (performance.now() > deadline) {
        throw new PortcullisError(
          'STORE_UNAVAILABLE',
          `Cannot change a document of ${collection}: others are faster for too long`,
        );
      }
      await sleep(Math.random() * pauseMillisecondsMax);
    }
  }

  #records(collection: string): Collection<MongoRecord> {
    indexesOf(this.#collections, collection);
    return this.#database.collection<MongoRecord>(collection);
  }

  /** Once; after a failure the next call tries again. */
  #prepare(): Promise<Exclusive> {
    this.#prepared ??= this.#prepareNow().catch((error: unknown) => {
      this.#prepared = undefined;
      throw error;
    });
    return this.#prepared;
  }

  async #prepareNow(): Promise<Exclusive> {
    const server = await prepareDatabase(this.#database, this.#collections, this.#access);
    if (server.isAtomic) return (work) => work();
    const lock = new WriterLock(this.#database, this.#limits.contentionMillisecondsMax);
    return (work) => lock.hold(work);
  }
}
