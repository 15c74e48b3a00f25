/** How the API shows a repository, its importer and its distributors: secrets never. */

import { z } from 'zod';
import type { Distributor, Importer, Repository } from '../../repositories/documents.ts';
import { distributorType, importerType } from '../../repository-types/all-types.ts';
import { isoDateOrNull, objectId, objectIdSchema } from '../criteria.ts';
import type { Linked } from '../outcome.ts';
import { hrefOf } from '../route.ts';
import { hideSecrets, toJson } from './secrets.ts';

export const repositoryPath = '/v2/repositories/{repository}/';
export const importerPath = '/v2/repositories/{repository}/importers/{importer}/';
export const distributorPath = '/v2/repositories/{repository}/distributors/{distributor}/';

const anything = z.record(z.string(), z.unknown());
const date = z.string().nullable();

export const importerSchema = z.strictObject({
  _id: objectIdSchema,
  id: z.string(),
  importer_type_id: z.string(),
  repo_id: z.string(),
  config: anything,
  scratchpad: anything,
  last_sync: date,
  last_updated: date,
  last_override_config: anything,
  _ns: z.literal('repo_importers'),
  _href: z.string(),
});

export const distributorSchema = z.strictObject({
  _id: objectIdSchema,
  id: z.string(),
  repo_id: z.string(),
  distributor_type_id: z.string(),
  config: anything,
  auto_publish: z.boolean(),
  scratchpad: anything,
  last_publish: date,
  last_updated: date,
  last_override_config: anything,
  _ns: z.literal('repo_distributors'),
  _href: z.string(),
});

export const repositorySchema = z.strictObject({
  _id: objectIdSchema,
  id: z.string(),
  display_name: z.string().nullable(),
  description: z.string().nullable(),
  notes: anything,
  scratchpad: anything,
  content_unit_counts: z.record(z.string(), z.int()),
  last_unit_added: date,
  last_unit_removed: date,
  _ns: z.literal('repos'),
  _href: z.string(),
  importers: z.array(importerSchema).optional(),
  distributors: z.array(distributorSchema).optional(),
  total_repository_units: z.int().optional(),
  locally_stored_units: z.int().optional(),
});

/** What is shown besides the repository itself. */
export interface Shown {
  /** All that is below, and the numbers of units. */
  readonly details?: boolean | undefined;
  readonly importers?: boolean | undefined;
  readonly distributors?: boolean | undefined;
}

export function showRepository(repository: Repository, shown: Shown = {}): Linked {
  const { _id, importer, distributors, content_unit_counts: counts } = repository;
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return {
    _id: objectId(_id),
    id: _id,
    display_name: repository.display_name,
    description: repository.description,
    notes: toJson(repository.notes),
    scratchpad: toJson(repository.scratchpad),
    content_unit_counts: counts,
    last_unit_added: isoDateOrNull(repository.last_unit_added),
    last_unit_removed: isoDateOrNull(repository.last_unit_removed),
    _ns: 'repos',
    _href: hrefOf(repositoryPath, { repository: _id }),
    ...((shown.details || shown.importers) && {
      importers: importer === null ? [] : [showImporter(_id, importer)],
    }),
    ...((shown.details || shown.distributors) && {
      distributors: distributors.map((distributor) => showDistributor(_id, distributor)),
    }),
    // What is in a repository lies in the storage: there is no other policy of downloads.
    ...(shown.details && { total_repository_units: total, locally_stored_units: total }),
  };
}

export function showImporter(repository: string, importer: Importer): Linked {
  const { importer_type_id: type } = importer;
  return {
    _id: objectId(`${repository}:${type}`),
    id: type,
    importer_type_id: type,
    repo_id: repository,
    config: hideSecrets(importer.config, importerType(type)?.secrets ?? []),
    scratchpad: toJson(importer.scratchpad),
    last_sync: isoDateOrNull(importer.last_sync),
    last_updated: isoDateOrNull(importer.last_updated),
    // It told what was given for one run alone, passwords as well (CVE-2018-1090).
    last_override_config: {},
    _ns: 'repo_importers',
    _href: hrefOf(importerPath, { repository, importer: type }),
  };
}

export function showDistributor(repository: string, distributor: Distributor): Linked {
  const { id, distributor_type_id: type } = distributor;
  return {
    _id: objectId(`${repository}:${id}`),
    id,
    repo_id: repository,
    distributor_type_id: type,
    config: hideSecrets(distributor.config, distributorType(type)?.secrets ?? []),
    auto_publish: distributor.auto_publish,
    scratchpad: toJson(distributor.scratchpad),
    last_publish: isoDateOrNull(distributor.last_publish),
    last_updated: isoDateOrNull(distributor.last_updated),
    last_override_config: {},
    _ns: 'repo_distributors',
    _href: hrefOf(distributorPath, { repository, distributor: id }),
  };
}
