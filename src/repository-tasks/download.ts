/**
 * Looks whether the bytes of a repository are there. With downloads that are immediate there is nothing to
 * fetch: what is damaged comes back with the next upload or sync of it.
 */

import type { Unit } from '../repositories/documents.ts';
import type { Units } from '../repositories/units.ts';
import { unitTypeIds } from '../repository-types/all-types.ts';
import { digestOfFile } from '../storage/digest.ts';
import { type RunningTask, TaskFailure, type TaskKind } from '../tasks/kind.ts';
import type { Submission } from '../tasks/queue.ts';
import type { RepositoryTaskParts } from './parts.ts';
import { RepositoryContent } from './repository-content.ts';
import { repositorySubmission } from './submission.ts';

/** Files that a failure names. */
const namedMax = 100;

export type DownloadArguments = {
  readonly repository: string;
  /** Whether each file is read, and not only looked for. */
  readonly verify_all_units: boolean;
};

export function downloadSubmission(given: DownloadArguments): Submission {
  return repositorySubmission('repository.download', 'download', given);
}

export function createDownloadKind(parts: RepositoryTaskParts): TaskKind {
  return {
    whenLost: 'retry',
    run: async (task) => {
      const given = task.arguments as unknown as DownloadArguments;
      const content = new RepositoryContent(parts);
      const { content_unit_counts: counts } = await content.repository(given.repository);
      const total = Object.values(counts).reduce((sum, one) => sum + one, 0);
      const { looked, damaged } = await look(task, given, total, content.units, parts.storage);
      if (damaged.length === 0) return { units_looked_at: looked };
      throw new TaskFailure(
        'PLP1013',
        `Of ${looked} files, ${damaged.length} are missing or damaged. Upload or synchronize them again.`,
        { damaged: damaged.slice(0, namedMax) },
      );
    },
  };
}

async function look(
  task: RunningTask,
  { repository, verify_all_units: verifies }: DownloadArguments,
  total: number,
  units: Units,
  storage: RepositoryTaskParts['storage'],
): Promise<{ readonly looked: number; readonly damaged: readonly string[] }> {
  const damaged: string[] = [];
  let looked = 0;
  for (const type of unitTypeIds) {
    const found = units.ofRepository(repository, type, { fields: ['artifact'] });
    for await (const { artifact } of found) {
      task.signal.throwIfAborted();
      if (artifact === null) continue;
      looked += 1;
      const isRight = verifies
        ? await isWhole(artifact, storage, task.signal)
        : (await storage.artifacts.sizeOf(artifact.sha256)) === artifact.size;
      if (!isRight) damaged.push(artifact.filename);
      task.progress({ download: { num_processed: looked, items_total: total } });
    }
  }
  return { looked, damaged };
}

async function isWhole(
  { sha256, size }: NonNullable<Unit['artifact']>,
  { artifacts }: RepositoryTaskParts['storage'],
  signal: AbortSignal,
): Promise<boolean> {
  if ((await artifacts.sizeOf(sha256)) !== size) return false;
  return (await digestOfFile(artifacts.pathOf(sha256), signal)).sha256 === sha256;
}
