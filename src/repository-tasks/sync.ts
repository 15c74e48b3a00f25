/**
 * The task that takes over a remote repository. A stop at any point leaves the repository as it was, or as
 * it has to be; done again, it fetches what is not here yet.
 */

import { messageOf } from '../errors.ts';
import type { Importer, JsonObject, Repository } from '../repositories/documents.ts';
import { History, type SyncEntry } from '../repositories/history.ts';
import { Repositories } from '../repositories/repositories.ts';
import { importerType, programsFor } from '../repository-types/all-types.ts';
import { mergeFeedConfig } from '../repository-types/feed-url.ts';
import { requirePrograms } from '../repository-types/programs.ts';
import { SyncProgress } from '../sync/progress.ts';
import type { RemoteRevision, SyncResult } from '../sync/sync-job.ts';
import { syncRepository } from '../sync/sync-repository.ts';
import { isCanceled, type RunningTask, type TaskKind } from '../tasks/kind.ts';
import { timeText } from '../tasks/time-text.ts';
import { configOf } from './config-of.ts';
import type { RepositoryTaskParts } from './parts.ts';
import { publishAutomatically, RepositoryContent } from './repository-content.ts';
import { shownFailure } from './shown-failure.ts';
import { missingResource } from './submission.ts';
import {
  type SyncReport,
  syncCanceled,
  syncEntry,
  syncFailed,
  syncSucceeded,
} from './sync-result.ts';
import type { SyncArguments } from './sync-submission.ts';

export function createSyncKind(parts: RepositoryTaskParts): TaskKind {
  return {
    whenLost: 'retry',
    run: async (task) => {
      const { repository: id, override_config: override = {} } =
        task.arguments as unknown as SyncArguments;
      const content = new RepositoryContent(parts);
      const repository = await content.repository(id);
      const { importer } = repository;
      if (importer === null) throw missingResource({ repository: id, importer_id: 'none' });
      const run = new SyncRun(parts, content, task, { repository, importer });
      const { started, completed, ...shown } = await run.run(override);
      return { ...shown, started: timeText(started), completed: timeText(completed) };
    },
  };
}

interface Subject {
  readonly repository: Repository;
  readonly importer: Importer;
}

class SyncRun {
  readonly #parts: RepositoryTaskParts;
  readonly #content: RepositoryContent;
  readonly #task: RunningTask;
  readonly #subject: Subject;
  readonly #progress: SyncProgress;

  constructor(
    parts: RepositoryTaskParts,
    content: RepositoryContent,
    task: RunningTask,
    subject: Subject,
  ) {
    this.#parts = parts;
    this.#content = content;
    this.#task = task;
    this.#subject = subject;
    this.#progress = new SyncProgress(subject.importer.importer_type_id, (report) =>
      task.progress(report),
    );
  }

  async run(override: JsonObject): Promise<SyncEntry> {
    const started = this.#parts.now();
    try {
      const result = await this.#sync(override);
      await this.#noteSuccess(result);
      const entry = await this.#record(syncSucceeded(result, this.#progress), started);
      await publishAutomatically(this.#task, this.#subject.repository);
      return entry;
    } catch (error) {
      if (isCanceled(this.#task)) await this.#noteCancel(started);
      // One that is lost may be at work elsewhere by now, or be begun again.
      if (this.#task.signal.aborted) throw error;
      const failure = shownFailure(error, { what: 'sync', code: 'PLP0000', shownCodes });
      this.#progress.fail(failure.message);
      await this.#record(syncFailed(failure.message, this.#progress), started);
      this.#task.log.warn('A sync failed', { reason: messageOf(error) });
      throw failure;
    }
  }

  async #sync(override: JsonObject): Promise<SyncResult> {
    const { repository, importer } = this.#subject;
    const { importer_type_id: importerTypeId } = importer;
    const { force_full: isForced, ...given } = override;
    const config = configOf(importerType(importerTypeId), mergeFeedConfig(importer.config, given));
    await requirePrograms(programsFor(importerTypeId));
    const { store, storage, settings, now } = this.#parts;
    const { signal, log } = this.#task;
    const parts = { store, storage, units: this.#content.units, limits: settings.sync, now };
    return syncRepository(parts, {
      ...{ repositoryId: repository._id, importerTypeId, config, signal, log },
      last: lastOf(importer),
      isForced: isForced === true || config.force_full === true,
      change: this.#content.change(repository._id),
      progress: this.#progress,
      confirm: () => this.#task.confirm(),
    });
  }

  async #noteSuccess({ taken }: SyncResult): Promise<void> {
    const { repository, importer } = this.#subject;
    const { store, now } = this.#parts;
    const at = now();
    const repositories = new Repositories(store, now);
    await repositories.updateImporter(repository._id, importer.importer_type_id, (present) => ({
      ...present,
      last_sync: at,
      scratchpad: {
        ...present.scratchpad,
        remote_feed: taken.feed,
        remote_revision: taken.revision,
      },
    }));
  }

  /** It ends, whether that can be kept or not. */
  async #noteCancel(started: Date): Promise<void> {
    this.#progress.cancel();
    try {
      await this.#record(syncCanceled(this.#progress), started);
    } catch (error) {
      const reason = messageOf(error);
      this.#task.log.warn('Cannot keep in the history that a sync was cancelled', { reason });
    }
  }

  async #record(report: SyncReport, started: Date): Promise<SyncEntry> {
    const { repository, importer } = this.#subject;
    const times = { started, completed: this.#parts.now() };
    const entry = syncEntry(repository._id, importer.importer_type_id, report, times);
    await new History(this.#parts.store).addSync(entry);
    return entry;
  }
}

function lastOf({ scratchpad }: Importer): RemoteRevision | undefined {
  const { remote_feed: feed, remote_revision: revision } = scratchpad;
  if (typeof feed !== 'string') return undefined;
  return { feed, revision: typeof revision === 'number' ? revision : null };
}

/** Their messages name programs, limits and settings, and nothing of the feed. */
const shownCodes: ReadonlySet<string> = new Set([
  'PROGRAM_MISSING',
  'STORAGE_FULL',
  'CONTENT_TOO_LARGE',
  'DOCUMENT_INVALID',
]);
