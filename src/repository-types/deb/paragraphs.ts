/**
 * What indexes say of packages, a paragraph each: made by apt-ftparchive, or taken over from the publication
 * before, because a path that is there again means the same bytes.
 */

import { glob, link, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { PublishJob } from '../repository-type.ts';
import { runProgram } from '../run-program.ts';

/** By their paths in the tree, each with the empty line that ends it. */
export type Paragraphs = ReadonlyMap<string, string>;

const timeLimitSeconds = 4 * 3600;
/** A paragraph has a thousand bytes or two. */
const outputBytesMax = 1024 ** 3;

/** apt asks for an index by the strongest digest that the Release names, so one kind is enough. */
export const onlySha256: readonly string[] = ['MD5', 'SHA1', 'SHA512'].flatMap((digest) => [
  '-o',
  `APT::FTPArchive::${digest}=false`,
]);

/** In the order of the packages. @param packages their paths, as `pool/g/gate_1.0_all.deb` */
export async function paragraphsOf(
  job: PublishJob,
  packages: readonly string[],
): Promise<readonly string[]> {
  const known = await knownParagraphs(job);
  const unknown = packages.filter((each) => !known.has(each));
  const isAllUnknown = unknown.length === packages.length;
  const made = isAllUnknown
    ? await makeParagraphs(job, job.tree.directory)
    : await makeFew(job, unknown);
  return packages.flatMap((each) => known.get(each) ?? made.get(each) ?? []);
}

async function knownParagraphs({ previous, config }: PublishJob): Promise<Paragraphs> {
  const known = new Map<string, string>();
  if (previous === undefined || config.force_full === true) return known;
  for await (const file of glob('dists/*/*/binary-*/Packages', { cwd: previous })) {
    addParagraphs(known, await readFile(path.join(previous, file), 'utf8'));
  }
  return known;
}

/** Of packages that lie in a directory of their own for it. */
async function makeFew(job: PublishJob, packages: readonly string[]): Promise<Paragraphs> {
  if (packages.length === 0) return new Map();
  const directory = path.join(job.workDirectory, 'unknown');
  for (const place of packages) {
    const file = path.join(directory, place);
    await mkdir(path.dirname(file), { recursive: true });
    await link(path.join(job.tree.directory, place), file);
  }
  return makeParagraphs(job, directory);
}

/** Of all packages in the pool of a directory. */
async function makeParagraphs({ signal }: PublishJob, directory: string): Promise<Paragraphs> {
  await mkdir(path.join(directory, 'pool'), { recursive: true });
  const args = ['--quiet', ...onlySha256, 'packages', 'pool'];
  const options = { signal, timeLimitSeconds, outputBytesMax, directory };
  const made = new Map<string, string>();
  addParagraphs(made, (await runProgram('apt-ftparchive', args, options)).toString());
  return made;
}

function addParagraphs(paragraphs: Map<string, string>, text: string): void {
  for (const paragraph of text.split(/\n{2,}/)) {
    const file = /^Filename: *(.+)$/m.exec(paragraph)?.[1];
    if (file !== undefined) paragraphs.set(file, `${paragraph}\n\n`);
  }
}
