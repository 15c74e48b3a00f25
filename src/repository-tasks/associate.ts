/**
 * Copies units from one repository to another: they are in both then, and their bytes lie once. Done again
 * after a stop, it goes on with those that are not there yet.
 */

import { associatedUnits } from '../repositories/associated-units.ts';
import type { RawAssociationCriteria } from '../repositories/association-criteria.ts';
import type { ContentChange } from '../repositories/content-changes.ts';
import type { JsonObject, Repository, Unit } from '../repositories/documents.ts';
import { importerType, unitType } from '../repository-types/all-types.ts';
import type { RunningTask, TaskKind } from '../tasks/kind.ts';
import type { Submission } from '../tasks/queue.ts';
import { UnitsReport } from './changed-units.ts';
import type { RepositoryTaskParts } from './parts.ts';
import { Replacement } from './replacement.ts';
import { checkTakes, publishAutomatically, RepositoryContent } from './repository-content.ts';
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
}

export function associateSubmission(given: {
  readonly repository: string;
  readonly source: string;
  readonly criteria: RawAssociationCriteria;
}): Submission {
  const { repository, source, criteria } = given;
  const { type_ids: types = null } = criteria;
  const args = {
    ...{ repository, source },
    types: typeof types === 'string' ? [types] : types,
    criteria: writeCriteria(criteria),
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
    this.#copies = new RepositoryCopies(this.#content.units, artifacts, this.#replacement);
  }

  async run(): Promise<JsonObject> {
    const given = this.#task.arguments as unknown as AssociateArguments;
    const repository = await this.#content.repository(given.repository);
    const source = await this.#content.repository(given.source);
    for (const type of given.types ?? []) checkTakes(repository, type);
    const change = this.#content.change(repository._id);
    const criteria = readCriteria(given.criteria);
    for await (const batch of associatedUnits(this.#parts.store, source._id, criteria)) {
      this.#task.signal.throwIfAborted();
      await this.#take(batch.filter(takenBy(repository)), change, repository._id);
      this.#task.progress({ associate: { num_processed: this.#report.count } });
    }
    const isAgain = this.#task.attempt > 1;
    await change.conclude({
      isAdded: this.#report.count > 0 || isAgain,
      isRemoved: this.#isRemoved,
    });
    await publishAutomatically(this.#task, repository);
    return this.#report.result;
  }

  async #take(batch: readonly Unit[], change: ContentChange, repository: string): Promise<void> {
    const shared = batch.filter((unit) => !isOfOneRepository(unit));
    const fresh = shared.filter((unit) => !unit.repositories.includes(repository));
    if (fresh.length > 0) {
      await change.announce();
      const ids = fresh.map(({ _id }) => _id);
      await this.#content.units.associate(ids, repository);
    }
    if (await this.#replacement.dissociateReplaced(shared, change, repository)) {
      this.#isRemoved = true;
    }
    for (const unit of batch.filter(isOfOneRepository)) {
      if (unit.repositories.includes(repository)) continue;
      await this.#copies.add(unit, change, repository);
    }
    for (const unit of batch) this.#report.add(unit);
  }
}

/** Where no types are named, those that the importer does not take stay behind. */
function takenBy({ importer }: Repository): (unit: Unit) => boolean {
  const types = importerType(importer?.importer_type_id ?? '')?.unitTypes ?? [];
  return ({ type }) => types.includes(type) && unitType(type) !== undefined;
}
