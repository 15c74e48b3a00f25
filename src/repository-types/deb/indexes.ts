/** The indexes of packages: one run of apt-ftparchive over the pool, divided by architecture. */

import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { PublishJob } from '../repository-type.ts';
import { runProgram } from '../run-program.ts';
import type { Archive } from './publish.ts';

const compress = promisify(gzip);
const timeLimitSeconds = 4 * 3600;
/** A paragraph has a thousand bytes or two. */
const outputBytesMax = 1024 ** 3;

export async function indexPool(
  job: PublishJob,
  { suite, component, architectures }: Archive,
  done: () => void,
): Promise<void> {
  const { tree, signal } = job;
  await mkdir(path.join(tree.directory, 'pool'), { recursive: true });
  const args = ['--quiet', ...onlySha256, 'packages', 'pool'];
  const options = { signal, timeLimitSeconds, outputBytesMax, directory: tree.directory };
  const paragraphs = divide((await runProgram('apt-ftparchive', args, options)).toString());
  const shared = paragraphs.get('all') ?? [];
  for (const architecture of architectures) {
    const index = [...(paragraphs.get(architecture) ?? []), ...shared].join('');
    const directory = `dists/${suite}/${component}/binary-${architecture}`;
    await writeByHash(job, directory, 'Packages', Buffer.from(index));
    await writeByHash(job, directory, 'Packages.gz', await compress(index));
    done();
  }
}

/** apt asks for an index by the strongest digest that the Release names, so one kind is enough. */
export const onlySha256: readonly string[] = ['MD5', 'SHA1', 'SHA512'].flatMap((digest) => [
  '-o',
  `APT::FTPArchive::${digest}=false`,
]);

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

/** Paragraphs with the empty line that ends each, by their architectures. */
function divide(text: string): ReadonlyMap<string, readonly string[]> {
  const paragraphs = new Map<string, string[]>();
  for (const paragraph of text.split(/\n{2,}/)) {
    const architecture = /^Architecture: *(\S+)$/m.exec(paragraph)?.[1];
    if (architecture === undefined) continue;
    const list = paragraphs.get(architecture) ?? [];
    list.push(`${paragraph}\n\n`);
    paragraphs.set(architecture, list);
  }
  return paragraphs;
}
