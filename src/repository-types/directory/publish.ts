/** Finds the tree that is served: below the configured roots, without links in its path (T27). */

import { realpath, stat } from 'node:fs/promises';
import { systemCodeOf } from '../../errors.ts';
import { TaskFailure } from '../../tasks/kind.ts';
import { PublishSteps } from '../publish-steps.ts';
import type { PublishJob, PublishSummary } from '../repository-type.ts';

const step = { type: 'directory', description: 'Finding the Directory' };

/** Nothing is copied: what lies there is served, as it is at any moment. */
export async function publishDirectory(job: PublishJob): Promise<PublishSummary> {
  const steps = new PublishSteps([step], job.progress);
  const directory = await steps.run(step.type, 1, async (done) => {
    const found = await confinedDirectory(String(job.config.path), job.directoryRoots);
    done();
    return found;
  });
  return { steps: steps.list(), unitCounts: {}, directory };
}

/** The directory without links in its path: what they lead to has to be below a root as well. */
async function confinedDirectory(directory: string, roots: readonly string[]): Promise<string> {
  const real = await realpath(directory).catch(notFound);
  if (!roots.some((root) => isAtOrBelow(real, root)))
    throw refused(await outsideReason(real, roots));
  if (!(await stat(real).catch(notFound)).isDirectory()) throw refused('it is no directory');
  return real;
}

/** A root with links in its path has nothing below it: the front is told to follow none. */
async function outsideReason(real: string, roots: readonly string[]): Promise<string> {
  for (const root of roots) {
    const realRoot = await realpath(root).catch(() => root);
    if (isAtOrBelow(real, realRoot))
      return `repositories.directoryRoots names ${root}, which has a link in its path: name ${realRoot}`;
  }
  return 'it is below none of repositories.directoryRoots';
}

/** By whole segments (T24). */
function isAtOrBelow(directory: string, root: string): boolean {
  return directory === root || directory.startsWith(`${root}/`);
}

function notFound(error: unknown): never {
  throw refused(`it cannot be found (${systemCodeOf(error) ?? 'unknown'})`);
}

function refused(state: string): TaskFailure {
  return new TaskFailure('PLP0034', `Cannot publish the directory: ${state}`);
}
