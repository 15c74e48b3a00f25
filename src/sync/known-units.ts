/** Which files of a remote repository are units already: they are not fetched again. */

import type { JsonObject, Unit } from '../repositories/documents.ts';
import type { Units } from '../repositories/units.ts';
import type { Artifacts } from '../storage/storage.ts';
import { parseFilter, where } from '../stores/parse-filter.ts';
import { hasDigest } from './digest.ts';
import type { RemoteFile } from './remote-item.ts';
import { type SyncedUnit, syncedUnit } from './synced-unit.ts';

/** What is compared. The rest of a unit may be large. */
const comparedFields = [
  ...['type', 'artifact', 'is_pending', 'replaces_digest'],
  ...[
    'name',
    'epoch',
    'version',
    'release',
    'arch',
    'checksum',
    'size',
    'data_type',
    'repo_id',
  ].map((name) => `fields.${name}`),
];

/** Files that are looked for with one question. */
export const knownBatch = 200;

export interface KnownParts {
  readonly units: Units;
  readonly artifacts: Artifacts;
  readonly signal: AbortSignal;
}

/** The unit of each file, in order; undefined for one that has to be fetched. */
export async function knownUnits(
  parts: KnownParts,
  files: readonly RemoteFile[],
): Promise<readonly (SyncedUnit | undefined)[]> {
  const digests = files.map(({ digest }) => digest);
  const strong = digests.filter(({ algorithm }) => algorithm === 'sha256').map(({ hex }) => hex);
  const filter = parseFilter({ 'artifact.sha256': { $in: strong } });
  const found =
    strong.length === 0 ? [] : await parts.units.find({ filter, fields: comparedFields });
  const known: (SyncedUnit | undefined)[] = [];
  for (const file of files) {
    parts.signal.throwIfAborted();
    known.push(await knownUnit(parts, file, found));
  }
  return known;
}

async function knownUnit(
  parts: KnownParts,
  file: RemoteFile,
  found: readonly Unit[],
): Promise<SyncedUnit | undefined> {
  const { algorithm, hex } = file.digest;
  const candidates =
    algorithm === 'sha256'
      ? found.filter(({ artifact }) => artifact?.sha256 === hex)
      : await namesakes(parts.units, file);
  for (const unit of candidates) {
    if (await isUnitOf(parts, unit, file)) return syncedUnit(unit);
  }
  return undefined;
}

/** Where the metadata has another digest than we keep files by. */
async function namesakes(units: Units, { type, unitKey }: RemoteFile): Promise<readonly Unit[]> {
  if (typeof unitKey.name !== 'string') return [];
  const filter = where({ type, 'fields.name': unitKey.name });
  return units.find({ filter, fields: comparedFields });
}

/** One whose bytes are gone or cut is fetched again, and whole by that. */
async function isUnitOf(
  { artifacts, signal }: KnownParts,
  { type, artifact, fields, is_pending: isPending }: Unit,
  file: RemoteFile,
): Promise<boolean> {
  if (type !== file.type || artifact === null || isPending) return false;
  if (!agrees(fields, file.unitKey) || (file.size ?? artifact.size) !== artifact.size) return false;
  if ((await artifacts.sizeOf(artifact.sha256)) !== artifact.size) return false;
  const stored = { path: artifacts.pathOf(artifact.sha256), sha256: artifact.sha256 };
  return hasDigest(stored, file.digest, signal);
}

function agrees(fields: JsonObject, unitKey: JsonObject): boolean {
  return Object.entries(unitKey).every(([name, value]) => fields[name] === value);
}
