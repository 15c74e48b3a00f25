/**
 * Copies units from one repository to another, if it is told to with what they need: they are in both then,
 * and their bytes lie once. Done again after a stop, it goes on with those that are not there yet.
 */

import { associatedUnits, readUnits } from '../repositories/associated-units.ts';
import type { RawAssociationCriteria } from '../repositories/association-criteria.ts';
import type { ContentChange } from '../repositories/content-changes.ts';
import type { JsonObject, Repository, Unit } from '../repositories/documents.ts';
import { importerType, unitType } from '../repository-types/all-types.ts';
import type { RunningTask, TaskKind } from '../tasks/kind.ts';
import type { Submission } from '../tasks/queue.ts';
import { UnitsReport } from './changed-units.ts';
import { NeededUnits } from './needs/needed-units.ts';
import { PackageIndex } from './needs/package-index.ts';
import type { RepositoryTaskParts } from './parts.ts';
import { Replacement } from './replacement.ts';
import {
  checkSignatures,
  checkTakes,
  publishAutomatically,
  RepositoryContent,
} from './repository-content.ts';
import { isOfOneRepository, RepositoryCopies } from './repository-copies.ts';
import { repositoryResource, repositorySubmission, repositoryTag } from './submission.ts';
import { readCriteria, writeCriteria } from './unit-criteria.ts';

export const associateName = 'repository.associate';

interface AssociateArguments {
  /** Where they are copied to. */
  readonly repository: string;
  readonly source: string;
  readonly types: readonly string[] | null;
  readonly criteria: string;
  readonly needs: Needs | null;
}

/**
 * Whether what units need is copied with them: all that the source has of it, or what is not in the
 * repository already.
 */
export type Needs = 'all' | 'missing';

export function associateSubmission(given: {
  readonly repository: string;
  readonly source: string;
  readonly criteria: RawAssociationCriteria;
  readonly needs?: Needs;
}): Submission {
  const { repository, source, criteria, needs = null } = given;
  const { type_ids: types = null } = criteria;
  const args = {
    ...{ repository, source },
    types: typeof types === 'string' ? [types] : types,
    criteria: writeCriteria(criteria),
    needs,
  };
  const submission = repositorySubmission(associateName, 'associate', args, [
    repositoryTag(source),
  ]);
  const resources = [repositoryResource(repository), repositoryResource(source)];
  return { ...submission, resources };
}

export function createAssociateKind(parts: RepositoryTaskParts): TaskKind {
  return { whenLost: 'retry', run: (task) => new Associate(task, parts).run() };
}

class Associate {
  readonly #task: RunningTask;
  readonly #parts: RepositoryTaskParts;
  readonly #content: RepositoryContent;
  readonly #replacement: Replacement;
  readonly #copies: RepositoryCopies;
  readonly #report = new UnitsReport();
  #isRemoved = false;

  constructor(task: RunningTask, parts: RepositoryTaskParts) {
    this.#task = task;
    this.#parts = parts;
    this.#content = new RepositoryContent(parts);
    const { artifacts } = parts.storage;
    this.#replacement = new Replacement(this.#content.units, artifacts);
    this.#copies = new RepositoryCopies(artifacts, this.#replacement);
  }

  async run(): Promise<JsonObject> {
    const given = this.#task.arguments as unknown as AssociateArguments;
    const repository = await this.#content.repository(given.repository);
    const source = await this.#content.repository(given.source);
    // What is needed may be packages, whatever it is needed for.
    checkSignatures(repository, given.needs === null ? (given.types ?? undefined) : undefined);
    for (const type of given.types ?? []) checkTakes(repository, type);
    const change = this.#content.change(repository._id);
    const needed = await this.#neededUnits(given);
    const criteria = readCriteria(given.criteria);
    for await (const batch of associatedUnits(this.#parts.store, source._id, criteria)) {
      const taken = await this.#take(batch, change, repository);
      needed?.add(taken);
    }
    for await (const ids of needed?.ids() ?? []) {
      await this.#take(await readUnits(this.#parts.store, ids), change, repository);
    }
    const isAgain = this.#task.attempt > 1;
    await change.conclude({
      isAdded: this.#report.count > 0 || isAgain,
      isRemoved: this.#isRemoved,
    });
    await publishAutomatically(this.#task, repository);
    return this.#report.result;
  }

  /** Undefined when they stay behind. */
  async #neededUnits(given: AssociateArguments): Promise<NeededUnits | undefined> {
    const { source, repository, needs } = given;
    if (needs === null) return undefined;
    const { units } = this.#content;
    const { signal } = this.#task;
    const packages = await PackageIndex.read(units, source, signal);
    const present =
      needs === 'missing' ? await PackageIndex.read(units, repository, signal) : undefined;
    return new NeededUnits({ units, source, packages, present, signal });
  }

  /** @returns those that the repository takes, and has now */
  async #take(
    found: readonly Unit[],
    change: ContentChange,
    repository: Repository,
  ): Promise<readonly Unit[]> {
    this.#task.signal.throwIfAborted();
    const batch = found.filter(takenBy(repository));
    await this.#associate(
      batch.filter((unit) => !isOfOneRepository(unit)),
      change,
      repository._id,
    );
    for (const unit of batch.filter(isOfOneRepository)) {
      if (unit.repositories.includes(repository._id)) continue;
      await this.#copies.add(unit, change, repository._id, this.#task.signal);
    }
    for (const unit of batch) this.#report.add(unit);
    this.#task.progress({ associate: { num_processed: this.#report.count } });
    return batch;
  }

  async #associate(
    units: readonly Unit[],
    change: ContentChange,
    repository: string,
  ): Promise<void> {
    const fresh = units.filter((unit) => !unit.repositories.includes(repository));
    if (fresh.length > 0) {
      await change.announce();
      const ids = fresh.map(({ _id }) => _id);
      await this.#content.units.associate(ids, repository);
    }
    if (await this.#replacement.dissociateReplaced(units, change, repository)) {
      this.#isRemoved = true;
    }
  }
}

/** Where no types are named, those that the importer does not take stay behind. */
function takenBy({ importer }: Repository): (unit: Unit) => boolean {
  const types = importerType(importer?.importer_type_id ?? '')?.unitTypes ?? [];
  return ({ type }) => types.includes(type) && unitType(type) !== undefined;
}
