/** Changes a repository: what it says of itself and its importer at once, its distributors by tasks. */

import { z } from 'zod';
import type { JsonObject, Repository } from '../../repositories/documents.ts';
import { mergeObject } from '../../repositories/merge.ts';
import { Repositories } from '../../repositories/repositories.ts';
import { distributorOf } from '../../repositories/repository-parts.ts';
import { updateDistributorSubmission } from '../../repository-tasks/distributors.ts';
import { distributorType, importerType } from '../../repository-types/all-types.ts';
import { mergeFeedConfig } from '../../repository-types/feed-url.ts';
import { storableText } from '../check-input.ts';
import { missingResource, noWorkers } from '../failures.ts';
import { Answer, accepted, Failure, type Outcome } from '../outcome.ts';
import type { ApiParts } from '../parts.ts';
import { type Places, unknownPlaces } from '../places.ts';
import { storableObject } from '../storable-object.ts';
import { movedPlaceRefusal } from './new-distributor.ts';
import { mergedConfig, readDistributor, readImporter } from './plugin-config.ts';
import { withoutHidden } from './secrets.ts';
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
  const refusal = distributorsRefusal(present, body.distributor_configs ?? {}, places);
  if (refusal !== undefined) return refusal;
  const changed = await applyChange(id, body, repositories, now());
  if (changed instanceof Failure) return changed;
  const spawned: string[] = [];
  for (const [distributor, sent] of Object.entries(body.distributor_configs ?? {})) {
    const config = withoutHidden(sent, secretsOf(present, distributor));
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
  const { importer_type_id: typeId, config } = importer;
  const secrets = importerType(typeId)?.secrets ?? [];
  const read = readImporter(typeId, mergeFeedConfig(config, withoutHidden(sent, secrets)));
  return read instanceof Failure ? read : { ...importer, config: read.config, last_updated: now };
}

/** Of one that is not there the task says so, as in Pulp. */
function distributorsRefusal(
  repository: Repository,
  sent: Readonly<Record<string, JsonObject>>,
  places: Places,
): Failure | undefined {
  for (const [id, change] of Object.entries(sent)) {
    const distributor = distributorOf(repository, id);
    if (distributor === undefined) continue;
    const { distributor_type_id: typeId, config } = distributor;
    const merged = mergedConfig(config, change, secretsOf(repository, id));
    const read = readDistributor(typeId, merged);
    if (read instanceof Failure) return read;
    const refusal = movedPlaceRefusal(repository._id, distributor, read.config, places);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function secretsOf(repository: Repository, id: string): readonly string[] {
  const typeId = distributorOf(repository, id)?.distributor_type_id ?? '';
  return distributorType(typeId)?.secrets ?? [];
}
