/** What has to be there before the first use: the schema's version, the indexes, the revisions. */

import type { Db } from 'mongodb';
import { PortcullisError } from '../../errors.ts';
import type { CollectionIndex, Collections } from '../collection.ts';
import type { Operators } from '../filter.ts';
import { StoreUnprepared } from '../unprepared.ts';
import { isDuplicate } from './failure.ts';
import { ownCollections } from './names.ts';
import { newToken } from './token.ts';

const schemaVersion = 1;

interface Named {
  readonly _id: string;
}

/** What the server can do. */
export interface Server {
  /** Whether it compares and changes a document in one step; FerretDB 1 reads first and then writes. */
  readonly isAtomic: boolean;
  /** The operators of filters that are not left to it. */
  readonly ours: Operators;
}

/** Regular expressions, which it would match by backtracking (T69). */
const everywhere: Operators = new Set(['regex']);

/** FerretDB 1 asks each condition of `$elemMatch` of another element, and no objects at all. */
const onFerretdb1: Operators = new Set(['regex', 'elemMatch', 'elemMatchObject']);

/**
 * Makes what is missing; several processes may do so at once.
 *
 * @throws PortcullisError STORE_SCHEMA for a newer schema, or documents that break a unique index
 */
export async function prepareDatabase(
  database: Db,
  collections: Collections,
  access: 'read' | 'write',
): Promise<Server> {
  const buildInfo = await database.command({ buildInfo: 1 });
  await checkSchema(database, access);
  if (access === 'write') {
    for (const [name, indexes] of collections) await ensureCollection(database, name, indexes);
  }
  const isFerretdb1 = 'ferretdbVersion' in buildInfo;
  return { isAtomic: !isFerretdb1, ours: isFerretdb1 ? onFerretdb1 : everywhere };
}

async function checkSchema(database: Db, access: 'read' | 'write'): Promise<void> {
  const state = database.collection<Named & { version: number }>(ownCollections.state);
  const found = await state.findOne({ _id: 'schema' });
  const version = found?.version ?? 0;
  if (version > schemaVersion) {
    throw unsuitable(
      `its schema ${version} is of a newer Portcullis, and this one knows ${schemaVersion}`,
    );
  }
  if (found !== null) return;
  if (access === 'read') {
    const state = 'it is empty; a process that may write fills it';
    throw new StoreUnprepared(`Cannot use the MongoDB store: ${state}`);
  }
  await insertOnce(() => state.insertOne({ _id: 'schema', version: schemaVersion }));
}

async function ensureCollection(
  database: Db,
  name: string,
  indexes: readonly CollectionIndex[],
): Promise<void> {
  const revisions = database.collection<Named & { token: string }>(ownCollections.revisions);
  await insertOnce(() => revisions.insertOne({ _id: name, token: newToken() }));
  const collection = database.collection(name);
  for (const { name: index, fields, unique } of indexes) {
    const keys = Object.fromEntries(fields.map((names) => [names.join('.'), 1 as const]));
    try {
      await collection.createIndex(keys, unique ? { name: index, unique } : { name: index });
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      throw unsuitable(
        `several documents of ${name} have the same ${index}, which has to be unique`,
      );
    }
  }
}

async function insertOnce(insert: () => Promise<unknown>): Promise<void> {
  try {
    await insert();
  } catch (error) {
    if (!isDuplicate(error)) throw error;
  }
}

function unsuitable(state: string): PortcullisError {
  return new PortcullisError('STORE_SCHEMA', `Cannot use the MongoDB store: ${state}`);
}
