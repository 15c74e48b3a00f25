/** The metadata of the packages, by createrepo_c and modifyrepo_c. */

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { PublishJob } from '../repository-type.ts';
import { runProgram } from '../run-program.ts';

/** 20,000 packages take a minute or two when nothing can be taken over. */
const timeLimitSeconds = 4 * 3600;
const outputBytesMax = 16 * 1024 * 1024;
const workers = 2;

/** What was in the publication before is taken over: a path that is there again means the same bytes. */
export async function createRepodata(job: PublishJob, checksum: string): Promise<void> {
  const { tree, config, previous, now } = job;
  const isSame = previous !== undefined && (await checksumOf(previous)) === checksum;
  const revision = Math.floor(now.getTime() / 1000);
  await runProgram(
    'createrepo_c',
    [
      ...['--quiet', '--error-exit-val', '--unique-md-filenames', `--workers=${workers}`],
      ...['--compress-type=gz', '--general-compress-type=gz'],
      ...[`--checksum=${checksum}`, `--revision=${revision}`],
      config.generate_sqlite === true ? '--database' : '--no-database',
      ...(isSame ? ['--update', '--skip-stat', `--update-md-path=${previous}`] : []),
      ...['--', tree.directory],
    ],
    optionsOf(job),
  );
}

export interface AddedMetadata {
  readonly file: string;
  /** The end of its name in the repository, after its digest. */
  readonly name: string;
  /** As `updateinfo`. */
  readonly type: string;
  /** Whether it is to be; otherwise it stays as it is. */
  readonly isCompressed: boolean;
}

export async function addMetadata(
  job: PublishJob,
  { file, name, type, isCompressed }: AddedMetadata,
  checksum: string,
): Promise<void> {
  const compression = isCompressed ? ['--compress', '--compress-type=gz'] : ['--no-compress'];
  const naming = ['--unique-md-filenames', `--checksum=${checksum}`, `--new-name=${name}`];
  const repodata = path.join(job.tree.directory, 'repodata');
  const args = [`--mdtype=${type}`, ...compression, ...naming, '--', file, repodata];
  await runProgram('modifyrepo_c', args, optionsOf(job));
}

/** The type of the digests in the metadata of a publication; undefined where it has none. */
async function checksumOf(publication: string): Promise<string | undefined> {
  try {
    const text = await readFile(path.join(publication, 'repodata/repomd.xml'), 'utf8');
    return /<data type="primary">\s*<checksum type="(\w+)">/.exec(text)?.[1];
  } catch {
    return undefined;
  }
}

function optionsOf({ signal, workDirectory }: PublishJob): Parameters<typeof runProgram>[2] {
  const environment = { TMPDIR: workDirectory };
  return { signal, timeLimitSeconds, outputBytesMax, directory: workDirectory, environment };
}
