/** Groups of consumers: listed, made, changed, deleted and searched. */

import { z } from 'zod';
import { groupIdProblem } from '../../consumers/consumers.ts';
import { type ConsumerGroup, groupMembersMax } from '../../consumers/documents.ts';
import { everything } from '../../stores/filter.ts';
import { parseFilter } from '../../stores/parse-filter.ts';
import { storableText } from '../check-input.ts';
import type { ConsumerParts } from '../consumers/consumer-parts.ts';
import { groupPath, groupSchema, missingGroup, showGroup } from '../consumers/show-group.ts';
import type { Searchable } from '../criteria.ts';
import { duplicateResource, invalidValue } from '../failures.ts';
import { created, type Outcome, ok } from '../outcome.ts';
import { type Route, route } from '../route.ts';
import { searchRoutes } from '../search-routes.ts';
import { storableObject } from '../storable-object.ts';
import { createGroupActionRoutes } from './consumer-group-actions.ts';

const searchable: Searchable = {
  fields: new Map([
    ['_id', '_id'],
    ['id', '_id'],
    ...['display_name', 'description', 'notes', 'consumer_ids'].map(
      (name) => [name, name] as const,
    ),
  ]),
  always: ['_id', 'id', '_href'],
};

const fields = {
  display_name: storableText.nullish(),
  description: storableText.nullish(),
  notes: storableObject.nullish(),
};

const newGroupBody = z.strictObject({
  id: z.string(),
  ...fields,
  consumer_ids: z.array(z.string()).max(groupMembersMax).nullish(),
});

export function createConsumerGroupRoutes(parts: ConsumerParts): Route[] {
  const { groups } = parts;
  return [
    route({
      method: 'GET',
      path: '/v2/consumer_groups/',
      operation: 'READ',
      summary: 'All groups of consumers',
      answer: { status: 200, schema: z.array(groupSchema) },
      handle: async () => ok((await groups.find({ filter: everything })).map(showGroup)),
    }),
    route({
      method: 'POST',
      path: '/v2/consumer_groups/',
      operation: 'CREATE',
      summary: 'Makes a group of consumers',
      body: newGroupBody,
      answer: { status: 201, schema: groupSchema },
      refusals: [409],
      handle: ({ body }) => createGroup(body, parts),
    }),
    ...searchRoutes('/v2/consumer_groups/search/', 'Groups that the criteria mean', {
      searchable,
      result: groupSchema,
      find: async (query) => (await groups.find(query)).map(showGroup),
    }),
    ...createOneGroupRoutes(parts),
    ...createGroupActionRoutes(parts),
  ];
}

function createOneGroupRoutes({ groups }: ConsumerParts): Route[] {
  const shown = (group: ConsumerGroup | undefined, id: string): Outcome =>
    group === undefined ? missingGroup(id) : ok(showGroup(group));
  const answer = { status: 200, schema: groupSchema } as const;
  return [
    route({
      ...{ method: 'GET', path: groupPath, operation: 'READ', answer, refusals: [404] },
      summary: 'One group',
      handle: async ({ params: { group } }) => shown(await groups.byId(group), group),
    }),
    route({
      ...{ method: 'PUT', path: groupPath, operation: 'UPDATE', answer, refusals: [404] },
      summary: 'Changes what a group says of itself; a note that is null goes',
      body: z.strictObject(fields),
      handle: async ({ params: { group }, body }) => {
        const given = Object.entries(body).filter(([, value]) => value != null);
        return shown(await groups.update(group, Object.fromEntries(given)), group);
      },
    }),
    route({
      ...{ method: 'DELETE', path: groupPath, operation: 'DELETE', refusals: [404] },
      summary: 'Deletes a group; its consumers stay as they are, with all that they are bound to',
      answer: { status: 200, schema: z.null() },
      handle: async ({ params: { group } }) =>
        (await groups.delete(group)) ? ok(null) : missingGroup(group),
    }),
  ];
}

async function createGroup(
  { id, display_name, description, notes, consumer_ids }: z.output<typeof newGroupBody>,
  { groups, consumers }: ConsumerParts,
): Promise<Outcome> {
  const problem = groupIdProblem(id);
  if (problem !== undefined) return invalidValue('id', problem);
  const members = [...new Set(consumer_ids)];
  const filter = parseFilter({ _id: { $in: members } });
  const known = new Set((await consumers.find({ filter })).map(({ _id }) => _id));
  if (members.some((member) => !known.has(member))) {
    return invalidValue('consumer_ids', 'there is no consumer of one of the ids');
  }
  const group = await groups.create({
    id,
    display_name: display_name ?? id,
    description: description ?? null,
    notes: notes ?? {},
    consumer_ids: members,
  });
  return group === undefined ? duplicateResource(id) : created(showGroup(group));
}
