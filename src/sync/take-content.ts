/** Takes what a remote repository has as units, which no repository has by that. */

import { createHash } from 'node:crypto';
import { inBatches } from '../stores/batches.ts';
import type { Downloads } from './download.ts';
import { eachOf } from './each-of.ts';
import { SyncFailure } from './failure.ts';
import { Gate } from './gate.ts';
import { knownBatch, knownUnits } from './known-units.ts';
import type { RemoteContent, RemoteFile, RemoteItem } from './remote-item.ts';
import { outlived } from './retention.ts';
import type { SyncJob, SyncParts } from './sync-job.ts';
import { namedVersion, packageTypes, type SyncedUnit } from './synced-unit.ts';
import { checkItem, type TakenUnit, type TakeParts, takeUnit } from './take-unit.ts';
import { UnitGroups } from './unit-groups.ts';

export type SyncedUnits = ReadonlyMap<string, SyncedUnit>;

interface TakingParts extends SyncParts {
  readonly downloads: Downloads;
}

/** Documents of metadata that are read at a time. */
const metadataAtATime = 4;

/** Units that wait for the disk together, besides those that are fetched. */
const keptAtATime = 128;

/** The types that the importer is to pass over. */
export function skippedTypes({ config }: SyncJob): readonly string[] {
  const { type_skip_list: skipped } = config;
  return Array.isArray(skipped) ? skipped.map(String) : [];
}

/** Undefined where all versions are kept. */
export function retainOldCount({ config }: SyncJob): number | undefined {
  const { retain_old_count: count } = config;
  return typeof count === 'number' ? count : undefined;
}

/** Reads all metadata once, so that what is wrong with it ends the sync before anything changes. */
export async function checkMetadata(job: SyncJob, content: RemoteContent): Promise<void> {
  for (const { items } of content.metadata) {
    for await (const item of itemsOf(job, items())) await checkItem(item, job.signal);
  }
}

/** @throws SyncFailure */
export async function takeFiles(
  parts: TakingParts,
  job: SyncJob,
  content: RemoteContent,
  atATime: number,
): Promise<SyncedUnits> {
  const { progress, signal } = job;
  progress.begin('content');
  const files = await listFiles(parts, job, content);
  const taken = new Map<string, SyncedUnit>();
  const known = await inBatches(files, knownBatch, (batch) =>
    knownUnits({ units: parts.units, artifacts: parts.storage.artifacts, signal }, batch),
  );
  for (const unit of known) if (unit !== undefined) taken.set(unit.id, unit);
  const missing = files.filter((_, index) => known[index] === undefined);
  progress.expect(
    missing.length,
    missing.reduce((sum, { size = 0 }) => sum + size, 0),
  );
  const stopped = new AbortController();
  const taking = takeParts(parts, job, AbortSignal.any([signal, stopped.signal]), atATime);
  await eachOf(
    missing,
    atATime + keptAtATime,
    (reason) => stopped.abort(reason),
    async (file) => {
      const { unit } = await takeUnit(taking, file);
      taken.set(unit.id, unit);
      progress.fetched();
    },
  );
  progress.finish('content');
  return taken;
}

/** @throws SyncFailure */
export async function takeMetadata(
  parts: TakingParts,
  job: SyncJob,
  content: RemoteContent,
): Promise<{ readonly units: SyncedUnits; readonly updated: number }> {
  const units = new Map<string, SyncedUnit>();
  let updated = 0;
  for (const { name, items } of content.metadata) {
    job.progress.begin(name);
    const stopped = new AbortController();
    const signal = AbortSignal.any([job.signal, stopped.signal]);
    const taking = takeParts(parts, job, signal, metadataAtATime);
    const stop = (reason: unknown): void => stopped.abort(reason);
    await eachOf(itemsOf(job, items()), metadataAtATime + keptAtATime, stop, async (item) => {
      const { unit, isUpdated } = await takeItem(taking, item);
      units.set(unit.id, unit);
      if (units.size > parts.limits.unitsMax) throw tooMany(parts.limits.unitsMax);
      if (isUpdated) updated += 1;
    });
    job.progress.finish(name);
  }
  return { units, updated };
}

/** What has bytes of its own is looked for first: most of it is as it was the last time. */
async function takeItem(parts: TakeParts, item: RemoteItem): Promise<TakenUnit> {
  if (item.kind !== 'record') {
    const [unit] = await knownUnits(parts, [item.kind === 'file' ? item : fileOf(item)]);
    if (unit !== undefined) return { unit, isUpdated: false };
  }
  return takeUnit(parts, item);
}

function fileOf({ type, text, unitKey }: Extract<RemoteItem, { kind: 'document' }>): RemoteFile {
  const hex = createHash('sha256').update(text).digest('hex');
  const size = Buffer.byteLength(text);
  const digest = { algorithm: 'sha256', hex } as const;
  return { kind: 'file', type, what: type, path: '', size, digest, unitKey };
}

async function listFiles(
  { limits }: SyncParts,
  job: SyncJob,
  content: RemoteContent,
): Promise<readonly RemoteFile[]> {
  const files: RemoteFile[] = [];
  for await (const file of itemsOf(job, content.files())) {
    if (files.length >= limits.unitsMax) throw tooMany(limits.unitsMax);
    files.push(file);
  }
  const oldCount = retainOldCount(job);
  if (oldCount === undefined) return files;
  const versionOf = ({ type, unitKey }: RemoteFile) =>
    packageTypes.includes(type) ? namedVersion(type, unitKey) : undefined;
  const old = new Set(outlived(files, versionOf, oldCount));
  return files.filter((file) => !old.has(file));
}

async function* itemsOf<T extends RemoteItem>(
  job: SyncJob,
  items: AsyncIterable<T> | Iterable<T>,
): AsyncGenerator<T> {
  const skipped = skippedTypes(job);
  for await (const item of items) {
    job.signal.throwIfAborted();
    if (!skipped.includes(item.type)) yield item;
  }
}

function takeParts(
  parts: TakingParts,
  job: SyncJob,
  signal: AbortSignal,
  atATime: number,
): TakeParts {
  const { store, units, downloads, limits, now, storage } = parts;
  return {
    ...{ store, units, downloads, now, signal },
    groups: new UnitGroups({ store, units, now }),
    gate: new Gate(atATime),
    artifacts: storage.artifacts,
    workDirectory: () => storage.workDirectory(),
    repositoryId: job.repositoryId,
    fileBytesMax: limits.fileBytesMax,
    announce: () => job.change.announce(),
  };
}

function tooMany(unitsMax: number): SyncFailure {
  return new SyncFailure(`Cannot take the repository: it has over ${unitsMax} units of one kind`);
}
