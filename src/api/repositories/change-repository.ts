/** Changes a repository: what it says of itself and its importer at once, its distributors by tasks. */

import { z } from 'zod';
import type { JsonObject, Repository } from '../../repositories/documents.ts';
import { mergeObject } from '../../repositories/merge.ts';
import { Repositories } from '../../repositories/repositories.ts';
import { distributorOf } from '../../repositories/repository-parts.ts';
import { updateDistributorSubmission } from '../../repository-tasks/distributors.ts';
import { storableText } from '../check-input.ts';
import { missingResource, noWorkers } from '../failures.ts';
import { Answer, accepted, Failure, type Outcome } from '../outcome.ts';
import type { ApiParts } from '../parts.ts';
import { type Places, unknownPlaces } from '../places.ts';
import { storableObject } from '../storable-object.ts';
import { movedPlaceRefusal } from './new-distributor.ts';
import { readDistributorChange, readImporterChange } from './plugin-config.ts';
import { showRepository } from './show-repository.ts';

export const repositoryChangeBody = z.strictObject({
  delta: z
    .strictObject({
      display_name: storableText.nullish(),
      description: storableText.nullish(),
      notes: storableObject.nullish(),
    })
    .nullish(),
  importer_config: storableObject.nullish(),
  distributor_configs: z.record(z.string(), storableObject).nullish(),
});

type ChangeBody = z.output<typeof repositoryChangeBody>;

type ChangeParts = Pick<ApiParts, 'store' | 'tasks' | 'now' | 'places'>;

export async function changeRepository(
  id: string,
  body: ChangeBody,
  { store, tasks, now, places = unknownPlaces }: ChangeParts,
): Promise<Outcome> {
  const repositories = new Repositories(store, now);
  const present = await repositories.byId(id);
  if (present === undefined) return missingResource({ repository: id });
  const changes = distributorChanges(present, body.distributor_configs ?? {}, places);
  if (changes instanceof Failure) return changes;
  const changed = await applyChange(id, body, repositories, now());
  if (changed instanceof Failure) return changed;
  const spawned: string[] = [];
  for (const [distributor, config] of changes) {
    const submission = updateDistributorSubmission({
      ...{ repository: id, distributor, config, auto_publish: null },
    });
    const result = await tasks.submit(submission);
    if (result.outcome === 'full') return noWorkers();
    spawned.push(result.task.task_id);
  }
  const { body: report } = accepted(spawned);
  const result = showRepository(changed);
  return new Answer(spawned.length === 0 ? 200 : 202, { ...(report as object), result });
}

/** In one change, made anew where somebody was faster. */
async function applyChange(
  id: string,
  { delta, importer_config: sent }: ChangeBody,
  repositories: Repositories,
  now: Date,
): Promise<Repository | Failure> {
  let refusal: Failure | undefined;
  const result = await repositories.update(id, (repository) => {
    const importer = changedImporter(repository, sent ?? {}, now);
    refusal = importer instanceof Failure ? importer : undefined;
    if (importer instanceof Failure) return undefined;
    const { display_name = repository.display_name, description = repository.description } =
      delta ?? {};
    const notes = mergeObject(repository.notes, delta?.notes ?? {});
    return { ...repository, display_name, description, notes, importer };
  });
  if (refusal !== undefined) return refusal;
  return result.outcome === 'updated' ? result.repository : missingResource({ repository: id });
}

function changedImporter(
  { importer, _id }: Repository,
  sent: JsonObject,
  now: Date,
): Repository['importer'] | Failure {
  if (Object.keys(sent).length === 0) return importer;
  if (importer === null) return missingResource({ repo_id: _id, importer_id: 'any' });
  const read = readImporterChange(importer, sent);
  return read instanceof Failure ? read : { ...importer, config: read.config, last_updated: now };
}

/** What each distributor shall take over. Of one that is not there the task says so, as in Pulp. */
function distributorChanges(
  repository: Repository,
  sent: Readonly<Record<string, JsonObject>>,
  places: Places,
): ReadonlyMap<string, JsonObject> | Failure {
  const changes = new Map(Object.entries(sent));
  for (const [id, config] of changes) {
    const distributor = distributorOf(repository, id);
    if (distributor === undefined) continue;
    const read = readDistributorChange(distributor, config);
    if (read instanceof Failure) return read;
    const refusal = movedPlaceRefusal(repository._id, distributor, read.config, places);
    if (refusal !== undefined) return refusal;
    changes.set(id, read.change);
  }
  return changes;
}
