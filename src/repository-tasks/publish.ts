/**
 * The task that publishes: from the units of a repository to a publication, and the pointer to it. A stop
 * at any point leaves the pointer where it was, or at a whole publication; done again, it does the same.
 */

import { messageOf } from '../errors.ts';
import type { Distributor, JsonObject, Repository } from '../repositories/documents.ts';
import { History, type PublishEntry } from '../repositories/history.ts';
import { mergeObject } from '../repositories/merge.ts';
import { Repositories } from '../repositories/repositories.ts';
import { distributorOf } from '../repositories/repository-parts.ts';
import { distributorType, programsFor } from '../repository-types/all-types.ts';
import { requirePrograms } from '../repository-types/programs.ts';
import type { DistributorType } from '../repository-types/repository-type.ts';
import { type RunningTask, TaskFailure, type TaskKind } from '../tasks/kind.ts';
import type { Submission } from '../tasks/queue.ts';
import { timeText } from '../tasks/time-text.ts';
import { configDigest } from './config-digest.ts';
import { configOf } from './config-of.ts';
import type { RepositoryTaskParts } from './parts.ts';
import { failed, type PublishReport, publishEntry, skipped, succeeded } from './publish-result.ts';
import { type Publication, Publisher } from './publisher.ts';
import { removeOldPublications } from './remove-old-publications.ts';
import { shownFailure } from './shown-failure.ts';
import { missingResource, repositorySubmission } from './submission.ts';

export type PublishArguments = {
  readonly repository: string;
  /** The id of the distributor. */
  readonly distributor: string;
  /** For this publish alone: names to take over, those with null to take away. */
  readonly override_config?: JsonObject;
};

export function publishSubmission(given: PublishArguments): Submission {
  return repositorySubmission('repository.publish', 'publish', given);
}

export function createPublishKind(parts: RepositoryTaskParts): TaskKind {
  const repositories = new Repositories(parts.store, parts.now);
  return {
    whenLost: 'retry',
    run: async (task) => {
      const given = task.arguments as unknown as PublishArguments;
      const repository = await repositories.byId(given.repository);
      if (repository === undefined) throw missingResource({ repository: given.repository });
      const distributor = distributorOf(repository, given.distributor);
      if (distributor === undefined) throw missing(given);
      const run = new PublishRun(parts, repositories, task, { repository, distributor });
      const { started, completed, ...shown } = await run.run(given.override_config ?? {});
      return { ...shown, started: timeText(started), completed: timeText(completed) };
    },
  };
}

interface Subject {
  readonly repository: Repository;
  readonly distributor: Distributor;
}

class PublishRun {
  readonly #parts: RepositoryTaskParts;
  readonly #repositories: Repositories;
  readonly #task: RunningTask;
  readonly #subject: Subject;
  readonly #publisher: Publisher;

  constructor(
    parts: RepositoryTaskParts,
    repositories: Repositories,
    task: RunningTask,
    subject: Subject,
  ) {
    this.#parts = parts;
    this.#repositories = repositories;
    this.#task = task;
    this.#subject = subject;
    this.#publisher = new Publisher(parts, task);
  }

  async run(override: JsonObject): Promise<PublishEntry> {
    const started = this.#parts.now();
    try {
      return await this.#record(await this.#publish(override), started);
    } catch (error) {
      // One that is lost or cancelled may be at work elsewhere by now, or be begun again.
      if (this.#task.signal.aborted) throw error;
      const failure = shownFailure(error, { what: 'publish', code: 'PLP0034', shownCodes });
      const report = failed(failure.message, this.#publisher.steps);
      await this.#record(report, started);
      this.#task.log.warn('A publish failed', { reason: messageOf(error) });
      throw failure;
    }
  }

  async #publish(override: JsonObject): Promise<PublishReport> {
    const { repository, distributor } = this.#subject;
    const { distributor_type_id: typeId } = distributor;
    const type = distributorType(typeId);
    refuseFixed(type, override);
    const config = configOf(type, mergeObject(distributor.config, override));
    if (type === undefined) throw missingResource({ distributor_type_id: typeId });
    await requirePrograms(programsFor(typeId));
    const isSigned = this.#publisher.signs(type, config);
    const digest = configDigest(config, isSigned);
    if (config.force_full !== true && (await this.#isUnchanged(type, digest))) return skipped;
    const publication = { repository, distributor, type, config, digest, isSigned };
    const steps = await this.#publisher.publish(publication);
    await this.#noteSuccess(publication);
    await removeOldPublications(this.#parts, repository._id, distributor.id);
    return succeeded(steps);
  }

  /** Facts alone: what was published was made of these units and this configuration, and is served. */
  async #isUnchanged(type: DistributorType, digest: string): Promise<boolean> {
    const { repository, distributor } = this.#subject;
    const { published } = distributor;
    if (type.isServedInPlace === true || published === null) return false;
    const isSame =
      published.content_revision === repository.content_revision &&
      published.config_digest === digest;
    return isSame && (await this.#publisher.isServed(repository._id, distributor.id));
  }

  async #noteSuccess({ repository, distributor, digest }: Publication): Promise<void> {
    const { content_revision } = repository;
    const now = this.#parts.now();
    await this.#repositories.updateDistributor(repository._id, distributor.id, (present) => ({
      ...present,
      last_publish: now,
      published: { content_revision, config_digest: digest },
    }));
  }

  async #record(report: PublishReport, started: Date): Promise<PublishEntry> {
    const { repository, distributor } = this.#subject;
    const times = { started, completed: this.#parts.now() };
    const entry = publishEntry(repository._id, distributor, report, times);
    await new History(this.#parts.store).addPublish(entry);
    return entry;
  }
}

/** @throws TaskFailure */
function refuseFixed(type: DistributorType | undefined, override: JsonObject): void {
  const name = type?.fixed?.find((each) => Object.hasOwn(override, each));
  if (name === undefined) return;
  const why = `${name} is the distributor's, and no publish takes another one`;
  throw new TaskFailure('PLP1014', `The configuration is not valid: ${why}.`);
}

/** Their messages name programs and settings, and nothing of clients. */
const shownCodes: ReadonlySet<string> = new Set(['PROGRAM_MISSING', 'STORAGE_FULL']);

function missing({ repository, distributor }: PublishArguments): TaskFailure {
  return missingResource({ repo_id: repository, distributor_id: distributor });
}
