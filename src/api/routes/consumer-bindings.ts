/** What a consumer is bound to: listed, bound, unbound and searched. */

import { z } from 'zod';
import type { NewBinding } from '../../consumers/bindings.ts';
import { type Binding, bindingsMax, type Consumer } from '../../consumers/documents.ts';
import { callReportSchema } from '../call-report.ts';
import type { Caller, ConsumerCaller } from '../caller.ts';
import {
  bindConsumer,
  bindingOf,
  newBindingBody,
  reportOf,
  unbindBody,
} from '../consumers/bind.ts';
import { type ConsumerParts, viewFor, viewOf, withConsumer } from '../consumers/consumer-parts.ts';
import { isOpenToAll } from '../consumers/open-to-all.ts';
import {
  bindingPath,
  bindingSchema,
  findBound,
  showBinding,
  showBindings,
} from '../consumers/show-binding.ts';
import { consumerPath, consumersPath } from '../consumers/show-consumer.ts';
import type { Searchable } from '../criteria.ts';
import { missingResource, refusedValue, unauthenticated } from '../failures.ts';
import { type Outcome, ok } from '../outcome.ts';
import { type Route, route } from '../route.ts';
import { searchRoutes } from '../search-routes.ts';

const searchable: Searchable = {
  fields: new Map(
    ['_id', 'consumer_id', 'repo_id', 'distributor_id', 'notify_agent', 'binding_config'].map(
      (name) => [name, name] as const,
    ),
  ),
  always: ['_id', 'id', 'consumer_id', 'repo_id', 'distributor_id', '_href'],
};

export function createBindingRoutes(parts: ConsumerParts): Route[] {
  const { bindings } = parts;
  return [
    ...searchRoutes(`${consumersPath}binding/search/`, 'Bindings that the criteria mean', {
      searchable,
      result: bindingSchema,
      find: async (query) => showBindings(await bindings.find(query), viewOf(parts)),
    }),
    ...listRoutes(parts),
    bindRoute(parts),
    showRoute(parts),
    unbindRoute(parts),
  ];
}

interface Asked<Params> {
  readonly params: Params;
  readonly caller: Caller | ConsumerCaller;
}

function listRoutes(parts: ConsumerParts): Route[] {
  const list = ({
    params: { consumer: id, repository },
    caller,
  }: Asked<{ readonly consumer: string; readonly repository?: string }>): Promise<Outcome> =>
    withConsumer(id, parts, async (consumer) => {
      const found = await parts.bindings.of(consumer, repository);
      return ok(await showBindings(found, viewFor(caller, parts)));
    });
  const answer = { status: 200, schema: z.array(bindingSchema) } as const;
  const shared = { operation: 'READ', answer, handle: list, asConsumer: list } as const;
  return [
    route({
      method: 'GET',
      path: `${consumerPath}bindings/`,
      summary: 'All that a consumer is bound to, with what it needs in order to read it',
      refusals: [404],
      ...shared,
    }),
    route({
      method: 'GET',
      path: `${consumerPath}bindings/{repository}/`,
      summary: 'What a consumer is bound to of one repository',
      refusals: [404],
      ...shared,
    }),
  ];
}

function bindRoute(parts: ConsumerParts): Route {
  const path = `${consumerPath}bindings/` as const;
  return route({
    method: 'POST',
    path,
    operation: 'CREATE',
    summary: 'Binds a consumer to a repository by one of its distributors, at once',
    body: newBindingBody,
    answer: { status: 200, schema: callReportSchema },
    refusals: [404],
    handle: ({ params: { consumer: id }, body, caller }) =>
      withConsumer(id, parts, (consumer) => bind(consumer, bindingOf(body, true), caller, parts)),
    asConsumer: async ({ params: { consumer: id }, body, caller }) =>
      withConsumer(id, parts, async (consumer) => {
        const { repo_id, distributor_id } = body;
        const found = await findBound(parts, repo_id, distributor_id);
        // Of others it is not even told whether they are there.
        const isServed = found?.distribution !== undefined;
        const isOpen = isServed && (await isOpenToAll(repo_id, parts));
        if (isOpen) return bind(consumer, bindingOf(body, false), caller, parts);
        return unauthenticated('permission_denied', { user: caller.login, operation: 'CREATE' });
      }),
  });
}

async function bind(
  consumer: Consumer,
  binding: NewBinding,
  caller: Caller | ConsumerCaller,
  parts: ConsumerParts,
): Promise<Outcome> {
  const { repo_id, distributor_id } = binding;
  const bound = await bindConsumer(consumer, binding, caller.login, parts);
  if (bound === 'unknown') return missingResource({ repo_id, distributor_id });
  if (bound === 'missing') return missingResource({ consumer_id: consumer._id });
  if (bound === 'full') {
    return refusedValue('repo_id', `A consumer has at most ${bindingsMax} bindings.`);
  }
  return ok(reportOf(await showBinding(bound, viewFor(caller, parts))));
}

interface BindingParams {
  readonly consumer: string;
  readonly repository: string;
  readonly distributor: string;
}

/** What is done with a binding that is there. */
function withBinding(
  params: BindingParams,
  parts: ConsumerParts,
  act: (binding: Binding, consumer: Consumer) => Promise<Outcome>,
): Promise<Outcome> {
  const { consumer: consumer_id, repository: repo_id, distributor: distributor_id } = params;
  return withConsumer(consumer_id, parts, async (consumer) => {
    const found = await parts.bindings.one(consumer, { repo_id, distributor_id });
    if (found !== undefined) return act(found, consumer);
    return missingResource({ consumer_id, repo_id, distributor_id });
  });
}

function showRoute(parts: ConsumerParts): Route {
  const show = ({ params, caller }: Asked<BindingParams>): Promise<Outcome> =>
    withBinding(params, parts, async (binding) =>
      ok(await showBinding(binding, viewFor(caller, parts))),
    );
  return route({
    method: 'GET',
    path: bindingPath,
    operation: 'READ',
    summary: 'One binding',
    answer: { status: 200, schema: bindingSchema },
    refusals: [404],
    handle: show,
    asConsumer: show,
  });
}

function unbindRoute(parts: ConsumerParts): Route {
  const unbind = ({ params, caller }: Asked<BindingParams>): Promise<Outcome> =>
    withBinding(params, parts, async (binding, consumer) => {
      const { repo_id, distributor_id } = binding;
      const target = { repo_id, distributor_id };
      await parts.bindings.unbind(consumer, target);
      await parts.history.record(consumer, 'repo_unbound', caller.login, target);
      return ok(reportOf(await showBinding(binding, viewFor(caller, parts))));
    });
  return route({
    method: 'DELETE',
    path: bindingPath,
    operation: 'DELETE',
    summary: 'Ends a binding: within a second, the consumer does not come in by it any more',
    body: unbindBody,
    isBodyOptional: true,
    answer: { status: 200, schema: callReportSchema },
    refusals: [404],
    handle: unbind,
    asConsumer: unbind,
  });
}
