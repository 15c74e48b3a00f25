/** Takes over a tree: plain files and directories alone, from below the configured roots (T27). */

import { constants } from 'node:fs';
import { copyFile, mkdir, open, opendir, readlink, realpath } from 'node:fs/promises';
import path from 'node:path';
import { systemCodeOf } from '../../errors.ts';
import { fileNameProblem } from '../../storage/relative-path.ts';
import { TaskFailure } from '../../tasks/kind.ts';
import { PublishSteps } from '../publish-steps.ts';
import type { PublishJob, PublishSummary } from '../repository-type.ts';

const filesMax = 1_000_000;
const depthMax = 32;

export async function publishDirectory(job: PublishJob): Promise<PublishSummary> {
  const step = { type: 'files', description: 'Publishing Files' };
  const steps = new PublishSteps([step], job.progress);
  const source = await confinedSource(String(job.config.path), job.directoryRoots);
  await steps.run('files', 0, (done) => {
    let files = 0;
    return copyTree({ job, source, depth: 0 }, () => {
      files += 1;
      if (files > filesMax) throw refused(`it has more than ${filesMax} files`);
      done();
    });
  });
  return { steps: steps.list(), unitCounts: {} };
}

/** The directory without links in its path: what they lead to has to be below a root as well. */
async function confinedSource(source: string, roots: readonly string[]): Promise<string> {
  const real = await realpath(source).catch((error: unknown) => {
    throw refused(`it cannot be found (${systemCodeOf(error) ?? 'unknown'})`);
  });
  for (const root of roots) {
    const realRoot = await realpath(root).catch(() => undefined);
    if (realRoot !== undefined && (real === realRoot || real.startsWith(`${realRoot}/`)))
      return real;
  }
  throw refused('it is below none of repositories.directoryRoots');
}

interface Level {
  readonly job: PublishJob;
  readonly source: string;
  /** Relative to the tree; undefined for its top. */
  readonly within?: string;
  readonly depth: number;
}

async function copyTree({ job, source, within, depth }: Level, done: () => void): Promise<void> {
  if (depth > depthMax) throw refused(`it is deeper than ${depthMax} directories`);
  for await (const entry of await opendir(source)) {
    job.signal.throwIfAborted();
    const problem = fileNameProblem(entry.name);
    if (problem !== undefined) throw refused(`the name of a file in it ${problem}`);
    const name = within === undefined ? entry.name : `${within}/${entry.name}`;
    const from = path.join(source, entry.name);
    const to = path.join(job.tree.directory, name);
    if (entry.isDirectory()) {
      await mkdir(to);
      await copyTree({ job, source: from, within: name, depth: depth + 1 }, done);
    } else if (entry.isFile()) {
      await copyPlain(from, to);
      done();
    } else {
      throw refused(`${JSON.stringify(name)} is no file and no directory`);
    }
  }
}

/**
 * Costs no bytes where the file system can share them. Whatever took the place of the file or of a directory
 * above it since it was listed, only what was opened is copied, and only if it lies where it should.
 */
async function copyPlain(from: string, to: string): Promise<void> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, COPYFILE_EXCL, COPYFILE_FICLONE } = constants;
  await using file = await open(from, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch(changed);
  const opened = `/proc/self/fd/${file.fd}`;
  if ((await readlink(opened)) !== from || !(await file.stat()).isFile()) changed();
  await copyFile(opened, to, COPYFILE_EXCL | COPYFILE_FICLONE);
}

function changed(): never {
  throw refused('it is changed while it is published');
}

function refused(state: string): TaskFailure {
  return new TaskFailure('PLP0034', `Cannot publish the directory: ${state}`);
}
