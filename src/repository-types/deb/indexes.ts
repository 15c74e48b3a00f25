/** The indexes of packages, one for each architecture. */

import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { PublishJob } from '../repository-type.ts';
import { paragraphsOf } from './paragraphs.ts';
import type { Archive } from './publish.ts';

const compress = promisify(gzip);

export async function indexPool(
  job: PublishJob,
  packages: readonly string[],
  { suite, component, architectures }: Archive,
  done: () => void,
): Promise<void> {
  const paragraphs = divide(await paragraphsOf(job, packages));
  const shared = paragraphs.get('all') ?? [];
  for (const architecture of architectures) {
    const index = [...(paragraphs.get(architecture) ?? []), ...shared].join('');
    const directory = `dists/${suite}/${component}/binary-${architecture}`;
    await writeByHash(job, directory, 'Packages', Buffer.from(index));
    await writeByHash(job, directory, 'Packages.gz', await compress(index));
    done();
  }
}

/** Under its name, and under its digest: a client with the Release before finds what that meant. */
async function writeByHash(
  { tree }: PublishJob,
  directory: string,
  name: string,
  bytes: Buffer,
): Promise<void> {
  const digest = createHash('sha256').update(bytes).digest('hex');
  await tree.write(`${directory}/${name}`, bytes);
  await tree.write(`${directory}/by-hash/SHA256/${digest}`, bytes);
}

/** By their architectures. */
function divide(paragraphs: readonly string[]): ReadonlyMap<string, readonly string[]> {
  return Map.groupBy(paragraphs, (each) => /^Architecture: *(\S+)$/m.exec(each)?.[1] ?? '');
}
