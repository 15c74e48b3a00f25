/** What a consumer is bound to: listed, bound, unbound and searched. */

import { z } from 'zod';
import type { NewBinding } from '../../consumers/bindings.ts';
import { bindingsMax, type Consumer } from '../../consumers/documents.ts';
import { callReportSchema } from '../call-report.ts';
import type { Caller, ConsumerCaller } from '../caller.ts';
import { bindConsumer, bindingOf, newBindingBody, reportOf } from '../consumers/bind.ts';
import { type ConsumerParts, viewFor, withConsumer } from '../consumers/consumer-parts.ts';
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
import { type Failure, type Outcome, ok } from '../outcome.ts';
import { type Route, route } from '../route.ts';
import { searchRoutes } from '../search-routes.ts';
import { storableObject } from '../storable-object.ts';

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
      find: async (query) =>
        showBindings(await bindings.find(query), { ...parts, showsKeys: false }),
    }),
    listRoute(parts),
    bindRoute(parts),
    ...ofRepositoryRoutes(parts),
    unbindRoute(parts),
  ];
}

function listRoute(parts: ConsumerParts): Route {
  const list = (id: string, caller: Caller | ConsumerCaller): Promise<Outcome> =>
    withConsumer(id, parts, async (consumer) =>
      ok(await showBindings(await parts.bindings.of(consumer), viewFor(caller, parts))),
    );
  return route({
    method: 'GET',
    path: `${consumerPath}bindings/`,
    operation: 'READ',
    summary: 'All that a consumer is bound to, with what it needs in order to read it',
    answer: { status: 200, schema: z.array(bindingSchema) },
    refusals: [404],
    handle: ({ params, caller }) => list(params.consumer, caller),
    asConsumer: ({ params, caller }) => list(params.consumer, caller),
  });
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
        const found = await findBound(parts.store, repo_id, distributor_id);
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

function ofRepositoryRoutes(parts: ConsumerParts): Route[] {
  const list = (
    params: { readonly consumer: string; readonly repository: string },
    caller: Caller | ConsumerCaller,
  ): Promise<Outcome> =>
    withConsumer(params.consumer, parts, async (consumer) => {
      const found = await parts.bindings.of(consumer, params.repository);
      return ok(await showBindings(found, viewFor(caller, parts)));
    });
  const show = (
    params: {
      readonly consumer: string;
      readonly repository: string;
      readonly distributor: string;
    },
    caller: Caller | ConsumerCaller,
  ): Promise<Outcome> =>
    withConsumer(params.consumer, parts, async (consumer) => {
      const target = { repo_id: params.repository, distributor_id: params.distributor };
      const found = await parts.bindings.one(consumer, target);
      if (found === undefined) return missingBinding(params);
      return ok(await showBinding(found, viewFor(caller, parts)));
    });
  return [
    route({
      method: 'GET',
      path: `${consumerPath}bindings/{repository}/`,
      operation: 'READ',
      summary: 'What a consumer is bound to of one repository',
      answer: { status: 200, schema: z.array(bindingSchema) },
      refusals: [404],
      handle: ({ params, caller }) => list(params, caller),
      asConsumer: ({ params, caller }) => list(params, caller),
    }),
    route({
      method: 'GET',
      path: bindingPath,
      operation: 'READ',
      summary: 'One binding',
      answer: { status: 200, schema: bindingSchema },
      refusals: [404],
      handle: ({ params, caller }) => show(params, caller),
      asConsumer: ({ params, caller }) => show(params, caller),
    }),
  ];
}

function missingBinding(params: {
  readonly consumer: string;
  readonly repository: string;
  readonly distributor: string;
}): Failure {
  const { consumer: consumer_id, repository: repo_id, distributor: distributor_id } = params;
  return missingResource({ consumer_id, repo_id, distributor_id });
}

function unbindRoute(parts: ConsumerParts): Route {
  const unbind = (
    params: Parameters<typeof missingBinding>[0],
    caller: Caller | ConsumerCaller,
  ): Promise<Outcome> =>
    withConsumer(params.consumer, parts, async (consumer) => {
      const target = { repo_id: params.repository, distributor_id: params.distributor };
      const found = await parts.bindings.one(consumer, target);
      if (found === undefined) return missingBinding(params);
      await parts.bindings.unbind(consumer, target);
      await parts.history.record(consumer, 'repo_unbound', caller.login, { ...target });
      return ok(reportOf(await showBinding(found, viewFor(caller, parts))));
    });
  return route({
    method: 'DELETE',
    path: bindingPath,
    operation: 'DELETE',
    summary: 'Ends a binding: within a second, the consumer does not come in by it any more',
    body: z.strictObject({ force: z.boolean().nullish(), options: storableObject.nullish() }),
    isBodyOptional: true,
    answer: { status: 200, schema: callReportSchema },
    refusals: [404],
    handle: ({ params, caller }) => unbind(params, caller),
    asConsumer: ({ params, caller }) => unbind(params, caller),
  });
}
