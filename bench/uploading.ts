/** A large file by `portcullis-admin` through nginx: killed half-way, resumed, and what it takes of memory. */

import {
  artifactCount,
  uploadWithInterruption,
  writeRandomFile,
} from '../test/e2e/interrupted-upload.ts';
import { startRepositorySite } from '../test/e2e/repository-site.ts';
import { administerSite } from '../test/e2e/site-administration.ts';

export async function measureUploading(mebibytes: number): Promise<void> {
  await using site = await startRepositorySite();
  const administration = await administerSite(site);
  const repository = 'images';
  await administration.ok('iso', 'repo', 'create', '--repo-id', repository);
  const file = site.file('image.iso');
  const bytes = mebibytes * 1024 ** 2;
  await writeRandomFile(file, bytes);
  const target = { repository, file, bytes };
  const { seconds, killedAt, resumedAt, resident } = await uploadWithInterruption(
    site,
    administration,
    target,
  );
  const rate = (mebibytes / seconds).toFixed(1);
  console.log(`${mebibytes} MiB in ${seconds.toFixed(1)} s with the import, ${rate} MiB/s`);
  console.log(`  killed at ${killedAt} MiB, went on at ${resumedAt} MiB`);
  for (const [name, { without, peak }] of Object.entries(resident)) {
    const [from, to] = [without.toFixed(0), peak.toFixed(0)];
    console.log(`  ${name}: ${from} MiB resident without an upload, at most ${to} MiB with it`);
  }
  console.log(`  ${artifactCount(site)} artifact`);
}
