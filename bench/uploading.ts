/** A large file by `portcullis-admin` through nginx: killed half-way, resumed, and what it takes of memory. */

import {
  artifactCount,
  startCompiledSite,
  uploadWithInterruption,
  writeRandomFile,
} from '../test/e2e/interrupted-upload.ts';

export async function measureUploading(mebibytes: number): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const { site, administration } = await startCompiledSite(stack);
  const repository = 'images';
  await administration.ok('iso', 'repo', 'create', '--repo-id', repository);
  const file = site.file('image.iso');
  const bytes = mebibytes * 1024 ** 2;
  await writeRandomFile(file, bytes);
  const target = { repository, file, bytes };
  const { seconds, killedAt, resumedAt, memory } = await uploadWithInterruption(
    site,
    administration,
    target,
  );
  const rate = (mebibytes / seconds).toFixed(1);
  console.log(`${mebibytes} MiB in ${seconds.toFixed(1)} s with the import, ${rate} MiB/s`);
  console.log(`  killed at ${killedAt} MiB, went on at ${resumedAt} MiB`);
  for (const [name, { without, peak }] of Object.entries(memory)) {
    const [from, to] = [without.toFixed(0), peak.toFixed(0)];
    console.log(
      `  ${name}: ${from} MB of its own memory without an upload, at most ${to} MB with it`,
    );
  }
  console.log(`  ${artifactCount(site)} artifact`);
}
