/** Every artifact: are its bytes what its name says, and does a unit refer to it? */

import { stat } from 'node:fs/promises';
import { digestOfFile } from '../../storage/digest.ts';
import { unless } from '../../storage/faults.ts';
import { inParallel } from '../../stores/batches.ts';
import { parseFilter } from '../../stores/parse-filter.ts';
import type { Verification } from './verification.ts';

/** Asked about in one query, and read one after the other by each of several. */
const batchSize = 200;
const parallel = 4;

export async function verifyArtifacts(verification: Verification): Promise<void> {
  let batch: string[] = [];
  for await (const sha256 of verification.storage.artifacts.list()) {
    batch.push(sha256);
    if (batch.length < batchSize) continue;
    await verifyBatch(batch, verification);
    batch = [];
  }
  if (batch.length > 0) await verifyBatch(batch, verification);
}

async function verifyBatch(batch: readonly string[], verification: Verification): Promise<void> {
  const filter = parseFilter({ 'artifact.sha256': { $in: [...batch] } });
  const units = await verification.units.find({ filter, fields: ['artifact.sha256'] });
  const referred = new Set(units.map(({ artifact }) => artifact?.sha256));
  await inParallel(batch, parallel, async (sha256) => {
    // Its bytes are of no interest: it goes, or has a unit by then.
    if (!referred.has(sha256)) verification.unreferenced.push(sha256);
    else await verifyBytes(sha256, verification);
  });
}

async function verifyBytes(sha256: string, verification: Verification): Promise<void> {
  const { storage, signal, wanted } = verification;
  const file = storage.artifacts.pathOf(sha256);
  const before = await unless(['ENOENT'], stat(file));
  const digest = await unless(['ENOENT'], digestOfFile(file, signal));
  if (before === undefined || digest === undefined) return;
  verification.count('artifacts');
  verification.count('bytes', digest.size);
  if (digest.sha256 !== sha256) wanted.set(sha256, { inode: before.ino });
}
