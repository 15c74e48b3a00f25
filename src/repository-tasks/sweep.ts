/**
 * Removes what nobody will come back for: uploads that were given up, units and publications whose task died
 * for good, bytes without a document. Each step compares before it removes, so that any number of processes
 * may sweep at once, beside whoever is at work.
 */

import { Distributions } from '../repositories/distributions.ts';
import type { Unit } from '../repositories/documents.ts';
import { Publications } from '../repositories/publications.ts';
import { Repositories } from '../repositories/repositories.ts';
import { distributorOf } from '../repositories/repository-parts.ts';
import { Units } from '../repositories/units.ts';
import { Uploads } from '../repositories/uploads.ts';
import { createTaskQueue } from '../tasks/create-queue.ts';
import { isFinal } from '../tasks/task.ts';
import type { RepositoryTaskParts } from './parts.ts';
import { submitRemovals } from './remove-old-publications.ts';
import { removePublication } from './remove-publications.ts';
import { removeOrphan } from './replacement.ts';
import { sweepArtifacts } from './sweep-artifacts.ts';

/**
 * How long a unit may wait for its file, or a place for its distributor, in seconds: who is at it needs far
 * less, and whoever needs longer begins again.
 */
export const pendingSeconds = 3600;

export interface Swept {
  readonly uploads: number;
  readonly units: number;
  readonly publications: number;
  /** Files and directories that no document knows. */
  readonly files: number;
}

/** @throws PortcullisError STORE_…, STORAGE_…; what was done by then stays done */
export async function sweep(parts: RepositoryTaskParts, signal: AbortSignal): Promise<Swept> {
  const steps = new Sweep(parts, signal);
  const uploads = await steps.uploads();
  const units = await steps.pendingUnits();
  const publications = await steps.publications();
  await steps.oldPublications();
  await steps.places();
  return { uploads, units, publications, files: await steps.files() };
}

class Sweep {
  readonly #parts: RepositoryTaskParts;
  readonly #signal: AbortSignal;
  readonly #units: Units;
  readonly #uploads: Uploads;
  readonly #publications: Publications;

  constructor(parts: RepositoryTaskParts, signal: AbortSignal) {
    const { store, now } = parts;
    this.#parts = parts;
    this.#signal = signal;
    this.#units = new Units(store, now);
    this.#uploads = new Uploads(store, now);
    this.#publications = new Publications(store, now);
  }

  /** Those that expired, and bytes without a record: the record comes first. */
  async uploads(): Promise<number> {
    const { settings, storage } = this.#parts;
    const expired = await this.#uploads.removeUnused(
      this.#ago(settings.storage.uploadExpireSeconds),
    );
    let removed = 0;
    for await (const id of storage.uploads.list()) {
      this.#signal.throwIfAborted();
      if (await this.#uploads.hasRecord(id)) continue;
      await storage.uploads.remove(id);
      removed += 1;
    }
    return Math.max(removed, expired.length);
  }

  async pendingUnits(): Promise<number> {
    const { artifacts } = this.#parts.storage;
    let removed = 0;
    for (;;) {
      const stale: readonly Unit[] = await this.#units.stalePending(this.#ago(pendingSeconds));
      const before = removed;
      for (const unit of stale) {
        this.#signal.throwIfAborted();
        if (await removeOrphan(unit, this.#units, artifacts)) removed += 1;
      }
      if (removed === before) return removed;
    }
  }

  /** Those whose task is over, and directories without a document: the document comes first. */
  async publications(): Promise<number> {
    const { storage } = this.#parts;
    const queue = createTaskQueue(this.#parts.store);
    let removed = 0;
    for (const { _id, task } of await this.#publications.unfinished()) {
      this.#signal.throwIfAborted();
      const builder = await queue.get(task);
      if (builder !== undefined && !isFinal(builder.state)) continue;
      await removePublication(_id, this.#publications, storage);
      removed += 1;
    }
    for await (const id of storage.publications.list()) {
      this.#signal.throwIfAborted();
      if ((await this.#publications.byId(id)) !== undefined) continue;
      await storage.publications.remove(id);
      removed += 1;
    }
    return removed;
  }

  /** By tasks, which have the repository for themselves. */
  async oldPublications(): Promise<void> {
    await submitRemovals(this.#parts, createTaskQueue(this.#parts.store), this.#signal);
  }

  /** Claims of distributors that were never added. */
  async places(): Promise<void> {
    const { store, now } = this.#parts;
    const repositories = new Repositories(store, now);
    const isDistributor = async (id: string, distributor: string): Promise<boolean> => {
      const repository = await repositories.byId(id);
      return repository !== undefined && distributorOf(repository, distributor) !== undefined;
    };
    const before = this.#ago(pendingSeconds);
    await new Distributions(store, now).releaseAbandoned(isDistributor, before);
  }

  async files(): Promise<number> {
    const { storage } = this.#parts;
    const isReferred = (sha256: string) => this.#units.isArtifactReferred(sha256);
    const { temporary, removed } = await storage.sweep(isReferred);
    return temporary + removed + (await sweepArtifacts(storage, this.#units, this.#signal));
  }

  #ago(seconds: number): Date {
    return new Date(this.#parts.now().getTime() - seconds * 1000);
  }
}
