/** Changes of many records, each by itself as those of write.ts, and made known together. */

import { type AnyBulkWriteOperation, MongoBulkWriteError } from 'mongodb';
import { inBatches, inParallel } from '../batches.ts';
import type { Change } from '../change.ts';
import type { Document } from '../document.ts';
import type { InsertResult, RemoveResult, UpdateResult } from '../store.ts';
import { isDuplicate } from './failure.ts';
import { fromRecord, type MongoRecord } from './record.ts';
import {
  duplicateOf,
  insertedRecord,
  isPlanned,
  type Planned,
  planChange,
  replaceRecord,
  type Target,
  updateRecord,
} from './write.ts';

/** Records of one command; the driver's own limit is 100,000. */
const insertBatch = 500;

/** Records that are changed in one go: as long as others have to wait for it where one writes at a time. */
const changeBatch = 100;

/**
 * Changes that are under way at once: a single command for all would not say which record it found as it
 * was expected. It leaves connections to others.
 */
const parallelChanges = 8;

export async function insertRecords(
  target: Target,
  documents: readonly Document[],
): Promise<readonly InsertResult[]> {
  const records = documents.map((document) => insertedRecord(target, document));
  return inBatches(records, insertBatch, async (batch) => {
    const refused = await target.announce(() => insertBatchOf(target, batch));
    return inParallel([...batch.entries()], 1, async ([index, record]): Promise<InsertResult> => {
      if (refused.has(index)) return duplicateOf(target, record);
      return { outcome: 'inserted', document: fromRecord(record) };
    });
  });
}

/** @returns the positions of those that a unique index refused */
async function insertBatchOf(
  { records }: Target,
  batch: readonly MongoRecord[],
): Promise<ReadonlySet<number>> {
  const operations = batch.map((document): AnyBulkWriteOperation<MongoRecord> => {
    return { insertOne: { document } };
  });
  try {
    await records.bulkWrite(operations, { ordered: false });
    return new Set();
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError) || !isDuplicate(error)) throw error;
    const errors = [error.writeErrors].flat();
    return new Set(errors.map(({ index }) => index));
  }
}

export async function updateRecords(
  target: Target,
  ids: readonly string[],
  change: Change,
): Promise<readonly UpdateResult[]> {
  return inBatches(ids, changeBatch, async (batch) => {
    const tried = await alone(target, () => tryUpdates(target, batch, change));
    return inParallel([...batch.entries()], parallelChanges, async ([index, id]) => {
      const result = tried[index] ?? 'overtaken';
      return result === 'overtaken' ? updateRecord(target, id, change, undefined) : result;
    });
  });
}

async function tryUpdates(
  target: Target,
  ids: readonly string[],
  change: Change,
): Promise<readonly (UpdateResult | 'overtaken')[]> {
  const found = await target.records.find({ _id: { $in: [...ids] } }).toArray();
  const records = new Map(found.map((record) => [record._id, record]));
  const plans = ids.map((id) => planChange(target, records.get(id) ?? null, change, undefined));
  const settled = plans.flatMap((plan) => (isPlanned(plan) ? [] : [plan]));
  if (settled.length === plans.length) return settled;
  return target.announce(() =>
    inParallel<UpdateResult | Planned, UpdateResult | 'overtaken'>(
      plans,
      parallelChanges,
      (plan) => (isPlanned(plan) ? replaceRecord(target, plan) : Promise.resolve(plan)),
    ),
  );
}

export async function removeRecords(
  target: Target,
  ids: readonly string[],
): Promise<readonly RemoveResult[]> {
  const remove = async (id: string): Promise<RemoveResult> => {
    const { deletedCount } = await target.records.deleteOne({ _id: id });
    return deletedCount > 0 ? 'removed' : 'missing';
  };
  return inBatches(ids, changeBatch, (batch) =>
    alone(target, () => target.announce(() => inParallel(batch, parallelChanges, remove))),
  );
}

function alone<Result>(target: Target, work: () => Promise<Result>): Promise<Result> {
  return target.alone === undefined ? work() : target.alone(work);
}
