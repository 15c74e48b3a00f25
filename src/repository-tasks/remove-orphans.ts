/**
 * Removes units that no repository has, with their bytes. Whoever lets one into a repository meanwhile keeps
 * it: a unit goes by one change that compares, and its bytes only when nobody refers to them.
 */

import type { JsonObject, Unit } from '../repositories/documents.ts';
import { Units } from '../repositories/units.ts';
import { unitTypeIds } from '../repository-types/all-types.ts';
import type { RunningTask, TaskKind } from '../tasks/kind.ts';
import type { Submission } from '../tasks/queue.ts';
import type { RepositoryTaskParts } from './parts.ts';
import { removeOrphan } from './replacement.ts';
import { actionTag } from './submission.ts';

export const removeOrphansName = 'orphans.remove';

export type OrphansToRemove =
  | { readonly kind: 'all' }
  | { readonly kind: 'type'; readonly type: string }
  | { readonly kind: 'units'; readonly units: readonly OrphanName[] };

export interface OrphanName {
  readonly type: string;
  readonly id: string;
}

export function removeOrphansSubmission(which: OrphansToRemove): Submission {
  return {
    name: removeOrphansName,
    arguments: which as unknown as JsonObject,
    tags: ['pulp:content_unit:orphans', actionTag('delete_orphans')],
    resources: ['orphans'],
  };
}

/** The result is how many of each type; of one type alone the number. */
export function createRemoveOrphansKind(parts: RepositoryTaskParts): TaskKind {
  return {
    whenLost: 'retry',
    run: async (task) => {
      const which = task.arguments as unknown as OrphansToRemove;
      const counts = await new RemoveOrphans(task, parts).run(which);
      return which.kind === 'type' ? (counts.get(which.type) ?? 0) : Object.fromEntries(counts);
    },
  };
}

class RemoveOrphans {
  readonly #task: RunningTask;
  readonly #parts: RepositoryTaskParts;
  readonly #units: Units;
  readonly #counts = new Map<string, number>();

  constructor(task: RunningTask, parts: RepositoryTaskParts) {
    this.#task = task;
    this.#parts = parts;
    this.#units = new Units(parts.store, parts.now);
  }

  async run(which: OrphansToRemove): Promise<ReadonlyMap<string, number>> {
    for await (const unit of this.#orphans(which)) {
      this.#task.signal.throwIfAborted();
      if (!(await removeOrphan(unit, this.#units, this.#parts.storage.artifacts))) continue;
      const count = (this.#counts.get(unit.type) ?? 0) + 1;
      this.#counts.set(unit.type, count);
      this.#task.progress({ delete_orphans: Object.fromEntries(this.#counts) });
    }
    return this.#counts;
  }

  async *#orphans(which: OrphansToRemove): AsyncGenerator<Unit> {
    if (which.kind === 'units') {
      for (const { type, id } of which.units) {
        const unit = await this.#units.byId(id);
        if (unit?.type === type && unit.is_orphan && !unit.is_pending) yield unit;
      }
      return;
    }
    const types = which.kind === 'type' ? [which.type] : unitTypeIds;
    for (const type of types) yield* this.#units.orphans(type);
  }
}
