/** Finds bytes that no unit refers to: whoever removed the unit died before its bytes went. */

import type { Units } from '../repositories/units.ts';
import type { Storage } from '../storage/storage.ts';
import { parseFilter } from '../stores/parse-filter.ts';

/** Artifacts that are asked about at a time. */
const batchSize = 500;

/** @returns how many artifacts went */
export async function sweepArtifacts(
  { artifacts }: Pick<Storage, 'artifacts'>,
  units: Units,
  signal: AbortSignal,
): Promise<number> {
  let removed = 0;
  const removeUnreferred = async (batch: readonly string[]): Promise<void> => {
    for (const sha256 of await unreferred(batch, units)) {
      signal.throwIfAborted();
      await artifacts.removeUnless(sha256, () => units.isArtifactReferred(sha256));
      removed += 1;
    }
  };
  let batch: string[] = [];
  for await (const sha256 of artifacts.list()) {
    batch.push(sha256);
    if (batch.length < batchSize) continue;
    await removeUnreferred(batch);
    batch = [];
  }
  await removeUnreferred(batch);
  return removed;
}

/** Those that seem to be nobody's; each is asked about once more when it goes. */
async function unreferred(batch: readonly string[], units: Units): Promise<readonly string[]> {
  if (batch.length === 0) return [];
  const filter = parseFilter({ 'artifact.sha256': { $in: [...batch] } });
  const found = await units.find({ filter, fields: ['artifact.sha256'] });
  const referred = new Set(found.map(({ artifact }) => artifact?.sha256));
  return batch.filter((sha256) => !referred.has(sha256));
}
