/** Changes of one record each, every one a single command that compares what it depends on. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Collection } from 'mongodb';
import { PortcullisError } from '../../errors.ts';
import { applyChange, type Change } from '../change.ts';
import { type CollectionIndex, checkIndexed } from '../collection.ts';
import { checkDocument, type Document, newId } from '../document.ts';
import type { StoreLimits } from '../limits.ts';
import type { Duplicate, InsertResult, RemoveResult, UpdateResult } from '../store.ts';
import { isDuplicate } from './failure.ts';
import { fromRecord, type MongoRecord, sameValues, toRecord } from './record.ts';

/** Does one work at a time, of all processes. */
export type Alone = <Result>(work: () => Promise<Result>) => Promise<Result>;

export interface Target {
  readonly records: Collection<MongoRecord>;
  readonly indexes: readonly CollectionIndex[];
  readonly limits: StoreLimits;
  /** Makes a change known to everybody. */
  readonly announce: <Result>(change: () => Promise<Result>) => Promise<Result>;
  /** Around what compares and changes a record that is there; undefined where the server does both in one. */
  readonly alone: Alone | undefined;
}

/** How long to wait before a change is tried again, in milliseconds, at random up to this. */
const pauseMillisecondsMax = 20;

export async function insertRecord(target: Target, document: Document): Promise<InsertResult> {
  const record = insertedRecord(target, document);
  try {
    await target.announce(() => target.records.insertOne(record));
  } catch (error) {
    if (!isDuplicate(error)) throw error;
    return duplicateOf(target, record);
  }
  return { outcome: 'inserted', document: fromRecord(record) };
}

/** Tries again while others change the same document. */
export async function updateRecord(
  target: Target,
  id: string,
  change: Change,
  expected: number | undefined,
): Promise<UpdateResult> {
  const deadline = performance.now() + target.limits.contentionMillisecondsMax;
  for (;;) {
    const result = await tryUpdate(target, id, change, expected);
    if (result !== 'overtaken') return result;
    if (performance.now() > deadline) {
      throw new PortcullisError(
        'STORE_UNAVAILABLE',
        'Cannot change a document of the MongoDB store: others are faster for too long',
      );
    }
    await sleep(Math.random() * pauseMillisecondsMax);
  }
}

/** A change that was computed from what the record was. */
export interface Planned {
  readonly version: number;
  readonly record: MongoRecord;
}

/** `overtaken`: somebody changed it between the reading and the writing, and the caller may try again. */
async function tryUpdate(
  target: Target,
  id: string,
  change: Change,
  expected: number | undefined,
): Promise<UpdateResult | 'overtaken'> {
  const planned = await planUpdate(target, id, change, expected);
  if (!isPlanned(planned)) return planned;
  if (target.alone === undefined) return replace(target, planned);
  return target.alone(async () => {
    // Whoever had the turn before may have changed it.
    const anew = await planUpdate(target, id, change, expected);
    return isPlanned(anew) ? replace(target, anew) : anew;
  });
}

async function planUpdate(
  target: Target,
  id: string,
  change: Change,
  expected: number | undefined,
): Promise<UpdateResult | Planned> {
  return planChange(target, await target.records.findOne({ _id: id }), change, expected);
}

/** @param found the record as it is; null when there is none */
export function planChange(
  { indexes, limits }: Pick<Target, 'indexes' | 'limits'>,
  found: MongoRecord | null,
  change: Change,
  expected: number | undefined,
): UpdateResult | Planned {
  if (found === null) return { outcome: 'missing' };
  const { _id, _version, ...before } = fromRecord(found);
  if (expected !== undefined && expected !== _version) return { outcome: 'conflict' };
  const after = applyChange(before, change, limits);
  if (after === undefined) return { outcome: 'left' };
  checkIndexed(after, indexes, limits);
  return { version: _version, record: toRecord(_id, _version + 1, after) };
}

export function isPlanned(plan: UpdateResult | Planned): plan is Planned {
  return !('outcome' in plan);
}

async function replace(target: Target, planned: Planned): Promise<UpdateResult | 'overtaken'> {
  return target.announce(() => replaceRecord(target, planned));
}

/** Inside of an announcement. */
export async function replaceRecord(
  target: Target,
  { version, record }: Planned,
): Promise<UpdateResult | 'overtaken'> {
  const condition = { _id: record._id, _version: version };
  try {
    const { matchedCount } = await target.records.replaceOne(condition, record);
    if (matchedCount === 0) return 'overtaken';
  } catch (error) {
    if (!isDuplicate(error)) throw error;
    return duplicateOf(target, record);
  }
  return { outcome: 'updated', document: fromRecord(record) };
}

export async function removeRecord(
  target: Target,
  id: string,
  expected: number | undefined,
): Promise<RemoveResult> {
  const condition = expected === undefined ? { _id: id } : { _id: id, _version: expected };
  const remove = () => target.announce(() => target.records.deleteOne(condition));
  const { deletedCount } = await (target.alone === undefined ? remove() : target.alone(remove));
  if (deletedCount > 0) return 'removed';
  if (expected === undefined) return 'missing';
  return (await target.records.findOne({ _id: id })) === null ? 'missing' : 'conflict';
}

export function insertedRecord({ indexes, limits }: Target, document: Document): MongoRecord {
  const { _id = newId(), ...fields } = checkDocument(document, limits);
  checkIndexed(fields, indexes, limits);
  return toRecord(String(_id), 1, fields);
}

/** Servers differ in what they say of it, so that the store looks for itself which values are taken. */
export async function duplicateOf(target: Target, record: MongoRecord): Promise<Duplicate> {
  const { _id, _version, ...fields } = fromRecord(record);
  const unique = target.indexes.filter((index) => index.unique);
  for (const index of unique) {
    const other = await target.records.findOne({ ...sameValues(index, fields), _id: { $ne: _id } });
    if (other !== null) {
      return { outcome: 'duplicate', fields: index.fields.map((names) => names.join('.')) };
    }
  }
  return { outcome: 'duplicate', fields: ['_id'] };
}
