/** What is done with the consumers of a group: put in, taken out, bound and unbound. */

import { z } from 'zod';
import type { Consumer, ConsumerGroup } from '../../consumers/documents.ts';
import { groupMembersMax } from '../../consumers/documents.ts';
import { parseFilter } from '../../stores/parse-filter.ts';
import { callReportSchema } from '../call-report.ts';
import type { Caller } from '../caller.ts';
import {
  bindConsumer,
  bindingOf,
  newBindingBody,
  reportOf,
  unbindBody,
} from '../consumers/bind.ts';
import type { ConsumerParts } from '../consumers/consumer-parts.ts';
import { findBound } from '../consumers/show-binding.ts';
import { groupPath, missingGroup } from '../consumers/show-group.ts';
import { readCriteria, searchBody } from '../criteria.ts';
import { missingResource, refusedValue } from '../failures.ts';
import { Failure, type Outcome, ok } from '../outcome.ts';
import { type Route, route } from '../route.ts';
import { searchableConsumers } from './consumers.ts';

const memberBody = searchBody.partial();
const answer = { status: 200, schema: callReportSchema } as const;

export function createGroupActionRoutes(parts: ConsumerParts): Route[] {
  return [
    ...(['associate', 'unassociate'] as const).map((act) =>
      route({
        method: 'POST',
        path: `${groupPath}actions/${act}/`,
        operation: 'EXECUTE',
        summary:
          act === 'associate'
            ? 'Puts the consumers into a group that the criteria mean; gives all that are in it'
            : 'Takes the consumers from a group that the criteria mean; gives all that are in it',
        body: memberBody,
        isBodyOptional: true,
        answer: { status: 200, schema: z.array(z.string()) },
        refusals: [404],
        handle: ({ params: { group }, body, caller }) =>
          changeMembers(act, group, body.criteria ?? {}, caller, parts),
      }),
    ),
    route({
      method: 'POST',
      path: `${groupPath}bindings/`,
      operation: 'CREATE',
      summary: 'Binds each consumer that is in a group now; whoever comes later is not bound',
      body: newBindingBody,
      answer,
      refusals: [404],
      handle: ({ params: { group }, body, caller }) => bindGroup(group, body, caller, parts),
    }),
    route({
      method: 'DELETE',
      path: `${groupPath}bindings/{repository}/{distributor}/`,
      operation: 'DELETE',
      summary: 'Ends the binding of each consumer that is in a group now',
      body: unbindBody,
      isBodyOptional: true,
      answer,
      refusals: [404],
      handle: ({ params, caller }) => unbindGroup(params, caller, parts),
    }),
  ];
}

async function changeMembers(
  act: 'associate' | 'unassociate',
  id: string,
  raw: Readonly<Record<string, unknown>>,
  { login }: Caller,
  { consumers, groups, history }: ConsumerParts,
): Promise<Outcome> {
  const criteria = readCriteria(raw, searchableConsumers);
  if (criteria instanceof Failure) return criteria;
  if ((await groups.byId(id)) === undefined) return missingGroup(id);
  const meant = await consumers.find(criteria.query);
  const ids = meant.map(({ _id }) => _id);
  const changed = act === 'associate' ? await groups.add(id, ids) : await groups.take(id, ids);
  if (changed === 'missing') return missingGroup(id);
  if (changed === 'full') {
    return refusedValue('criteria', `A group has at most ${groupMembersMax} consumers.`);
  }
  const type = act === 'associate' ? 'added_to_group' : 'removed_from_group';
  for (const consumer of meant) await history.record(consumer, type, login, { group_id: id });
  return ok(changed.consumer_ids);
}

/** Some of a group may be gone: those that are there. */
async function membersOf(
  { consumer_ids }: ConsumerGroup,
  { consumers }: Pick<ConsumerParts, 'consumers'>,
): Promise<readonly Consumer[]> {
  return consumers.find({ filter: parseFilter({ _id: { $in: consumer_ids } }) });
}

async function bindGroup(
  id: string,
  body: z.output<typeof newBindingBody>,
  { login }: Caller,
  parts: ConsumerParts,
): Promise<Outcome> {
  const group = await parts.groups.byId(id);
  if (group === undefined) return missingGroup(id);
  const { repo_id, distributor_id } = body;
  const unknown = missingResource({ repo_id, distributor_id });
  if ((await findBound(parts, repo_id, distributor_id)) === undefined) return unknown;
  const bound: string[] = [];
  const full: string[] = [];
  for (const consumer of await membersOf(group, parts)) {
    const binding = await bindConsumer(consumer, bindingOf(body, true), login, parts);
    if (binding === 'unknown') return unknown;
    if (binding === 'full') full.push(consumer._id);
    else if (binding !== 'missing') bound.push(consumer._id);
  }
  return ok(reportOf({ repo_id, distributor_id, bound, full }));
}

async function unbindGroup(
  params: { readonly group: string; readonly repository: string; readonly distributor: string },
  { login }: Caller,
  parts: ConsumerParts,
): Promise<Outcome> {
  const group = await parts.groups.byId(params.group);
  if (group === undefined) return missingGroup(params.group);
  const target = { repo_id: params.repository, distributor_id: params.distributor };
  const unbound: string[] = [];
  for (const consumer of await membersOf(group, parts)) {
    if (!(await parts.bindings.unbind(consumer, target))) continue;
    await parts.history.record(consumer, 'repo_unbound', login, { ...target });
    unbound.push(consumer._id);
  }
  return ok(reportOf({ ...target, unbound }));
}
