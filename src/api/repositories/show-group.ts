/** How the API shows a group of repositories and its distributors. */

import { z } from 'zod';
import type { GroupDistributor, RepositoryGroup } from '../../repositories/groups.ts';
import { distributorType } from '../../repository-types/all-types.ts';
import { isoDateOrNull, objectId, objectIdSchema } from '../criteria.ts';
import type { Linked } from '../outcome.ts';
import { hrefOf } from '../route.ts';
import { hideSecrets, toJson } from './secrets.ts';

export const groupPath = '/v2/repo_groups/{group}/';
export const groupDistributorPath = '/v2/repo_groups/{group}/distributors/{distributor}/';

const anything = z.record(z.string(), z.unknown());

export const groupSchema = z.strictObject({
  _id: objectIdSchema,
  id: z.string(),
  display_name: z.string().nullable(),
  description: z.string().nullable(),
  repo_ids: z.array(z.string()),
  notes: anything,
  scratchpad: anything,
  _ns: z.literal('repo_groups'),
  _href: z.string(),
});

export const groupDistributorSchema = z.strictObject({
  _id: objectIdSchema,
  id: z.string(),
  repo_group_id: z.string(),
  distributor_type_id: z.string(),
  config: anything,
  scratchpad: anything,
  last_publish: z.string().nullable(),
  _ns: z.literal('repo_group_distributors'),
  _href: z.string(),
});

export function showGroup(group: RepositoryGroup): Linked {
  const { _id } = group;
  return {
    _id: objectId(_id),
    id: _id,
    display_name: group.display_name,
    description: group.description,
    repo_ids: group.repo_ids,
    notes: toJson(group.notes),
    scratchpad: toJson(group.scratchpad),
    _ns: 'repo_groups',
    _href: hrefOf(groupPath, { group: _id }),
  };
}

export function showGroupDistributor(group: string, distributor: GroupDistributor): Linked {
  const { id, distributor_type_id: type, last_publish: last } = distributor;
  return {
    _id: objectId(`${group}:${id}`),
    id,
    repo_group_id: group,
    distributor_type_id: type,
    config: hideSecrets(distributor.config, distributorType(type)?.secrets ?? []),
    scratchpad: toJson(distributor.scratchpad),
    last_publish: isoDateOrNull(last),
    _ns: 'repo_group_distributors',
    _href: hrefOf(groupDistributorPath, { group, distributor: id }),
  };
}
