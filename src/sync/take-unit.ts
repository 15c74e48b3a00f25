/** Makes units of what a remote repository has: in no repository yet, and all of them whole. */

import type { Unit } from '../repositories/documents.ts';
import { unitsCollection } from '../repositories/documents.ts';
import { type NewUnit, newUnit } from '../repositories/new-unit.ts';
import { canonicalJson } from '../repositories/unit-digests.ts';
import type { Units } from '../repositories/units.ts';
import { unitType } from '../repository-types/all-types.ts';
import { describedUnit } from '../repository-types/described-unit.ts';
import type { GivenFile, UnitDescription, UnitType } from '../repository-types/repository-type.ts';
import { moduleBytesMax } from '../repository-types/rpm/modulemd.ts';
import type { ReceivedFile, Storage } from '../storage/storage.ts';
import type { Store } from '../stores/store.ts';
import { mergeErratum } from './erratum-merge.ts';
import { SyncFailure } from './failure.ts';
import { type FetchParts, fetchVerified } from './fetch-verified.ts';
import type { Gate } from './gate.ts';
import type { RemoteItem } from './remote-item.ts';
import { type SyncedUnit, syncedUnit } from './synced-unit.ts';
import type { UnitGroups } from './unit-groups.ts';

export interface TakeParts extends FetchParts {
  readonly store: Store;
  readonly units: Units;
  readonly groups: UnitGroups;
  /** Fetching a file and reading it goes through: whatever comes after waits for the disk alone. */
  readonly gate: Gate;
  readonly repositoryId: string;
  /** Called before a unit changes that repositories may have. */
  readonly announce: () => Promise<void>;
  readonly fileBytesMax: number;
  /** For what programs write that read a file. */
  readonly workDirectory: Storage['workDirectory'];
  readonly now: () => Date;
  readonly signal: AbortSignal;
}

export interface TakenUnit {
  readonly unit: SyncedUnit;
  /** Whether it was known by its key, and is another now. */
  readonly isUpdated: boolean;
}

/** @throws SyncFailure for what is no such unit; PortcullisError STORAGE_…, STORE_… */
export async function takeUnit(parts: TakeParts, item: RemoteItem): Promise<TakenUnit> {
  await using stack = new AsyncDisposableStack();
  const { read, file } = await parts.gate.through(() => readItem(parts, item, stack));
  return await keep(parts, read, file);
}

async function readItem(
  parts: TakeParts,
  item: RemoteItem,
  stack: AsyncDisposableStack,
): Promise<{ readonly read: NewUnit; readonly file: ReceivedFile | undefined }> {
  parts.signal.throwIfAborted();
  const file = await receive(parts, item, stack);
  const type = typeOf(item);
  const workDirectory = async () => stack.use(await parts.workDirectory()).path;
  const given = file && { ...file, workDirectory };
  const described = await describe(type, item, given, parts.signal);
  return { read: describedUnit(type, described, file), file };
}

/**
 * Reads the item and keeps nothing of it: whatever is wrong with it is found before anything is changed.
 * Of a file nothing is known before it is fetched.
 */
export async function checkItem(item: RemoteItem, signal: AbortSignal): Promise<void> {
  if (item.kind === 'record') await describe(typeOf(item), item, undefined, signal);
}

async function receive(
  { downloads, artifacts, fileBytesMax, signal }: TakeParts,
  item: RemoteItem,
  stack: AsyncDisposableStack,
): Promise<ReceivedFile | undefined> {
  if (item.kind === 'record') return undefined;
  if (item.kind === 'file') {
    const options = { bytesMax: fileBytesMax, signal };
    return stack.use(await fetchVerified({ downloads, artifacts }, item, options));
  }
  const bytes = textBytes(item.text);
  return stack.use(await artifacts.receive(bytes, { bytesMax: moduleBytesMax, signal }));
}

async function* textBytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

async function describe(
  type: UnitType,
  item: RemoteItem,
  file: GivenFile | undefined,
  signal: AbortSignal,
): Promise<UnitDescription> {
  const unitMetadata = item.kind === 'record' ? item.unitMetadata : {};
  const read = await type.read({ file, unitKey: item.unitKey, unitMetadata, signal });
  if (!('refused' in read)) return read;
  const what = item.kind === 'file' ? item.what : `a ${type.displayName} of the metadata`;
  throw new SyncFailure(`Cannot take ${what} (${read.refused})`);
}

async function keep(
  parts: TakeParts,
  read: NewUnit,
  file: ReceivedFile | undefined,
): Promise<TakenUnit> {
  const { units, groups, artifacts, signal } = parts;
  for (;;) {
    signal.throwIfAborted();
    const inserted = await groups.insertPending(read);
    const { _id: id, artifact } = inserted.unit;
    const given = inserted.isNew ? read : withOthers(inserted.unit, read, parts.repositoryId);
    const isUpdated = !inserted.isNew && isOther(inserted.unit, given);
    const unit = isUpdated ? await replaceContent(parts, id, given) : inserted.unit;
    if (file !== undefined) await artifacts.keep(file);
    const isThere = await groups.settle(id);
    if (isUpdated && artifact !== null && artifact.sha256 !== file?.sha256) {
      const { sha256 } = artifact;
      await artifacts.removeUnless(sha256, () => units.isArtifactReferred(sha256));
    }
    // Whoever removes orphans may have been faster.
    if (isThere && unit !== undefined) return { unit: syncedUnit(unit), isUpdated };
  }
}

/** What other repositories need of an erratum stays. */
function withOthers(unit: Unit, read: NewUnit, repositoryId: string): NewUnit {
  const isShared = unit.repositories.some((each) => each !== repositoryId);
  if (read.type !== 'erratum' || !isShared) return read;
  return { ...read, fields: mergeErratum(unit.fields, read.fields) };
}

/** Where the key has no digest in it, the remote repository may have changed what is behind it. */
function isOther(unit: Unit, given: NewUnit): boolean {
  return (
    unit.artifact?.sha256 !== given.artifact?.sha256 ||
    canonicalJson(unit.fields) !== canonicalJson(given.fields)
  );
}

/** @returns the unit as it then is; undefined when somebody has removed it */
async function replaceContent(
  parts: TakeParts,
  id: string,
  given: NewUnit,
): Promise<Unit | undefined> {
  const { store, announce, now } = parts;
  await announce();
  const at = now();
  const fresh = newUnit(given, at) as unknown as Unit;
  const result = await store.update(unitsCollection, id, (document) => ({
    ...document,
    fields: fresh.fields,
    artifact: fresh.artifact,
    replaces_digest: fresh.replaces_digest,
    is_pending: fresh.is_pending,
    // Nobody left it behind long ago.
    created: at,
    last_updated: at,
  }));
  return result.outcome === 'updated' ? (result.document as unknown as Unit) : undefined;
}

function typeOf(item: RemoteItem): UnitType {
  const type = unitType(item.type);
  if (type === undefined) throw new Error(`There is no type of units ${item.type}`);
  return type;
}
