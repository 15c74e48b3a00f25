/** A group of consumers as the API shows it, and what it says of one that is not there. */

import { z } from 'zod';
import type { ConsumerGroup } from '../../consumers/documents.ts';
import { missingResource } from '../failures.ts';
import type { Failure, JsonObject, Linked } from '../outcome.ts';
import { hrefOf } from '../route.ts';

export const groupPath = '/v2/consumer_groups/{group}/';

export const groupSchema = z.strictObject({
  _id: z.string(),
  id: z.string(),
  display_name: z.string().nullable(),
  description: z.string().nullable(),
  consumer_ids: z.array(z.string()),
  notes: z.record(z.string(), z.unknown()),
  _ns: z.literal('consumer_groups'),
  _href: z.string(),
});

export function showGroup(group: ConsumerGroup): Linked {
  const { _id: id, display_name, description, consumer_ids } = group;
  return {
    _id: id,
    id,
    display_name,
    description,
    consumer_ids,
    notes: group.notes as JsonObject,
    _ns: 'consumer_groups',
    _href: hrefOf(groupPath, { group: id }),
  };
}

export function missingGroup(id: string): Failure {
  return missingResource({ consumer_group_id: id });
}
