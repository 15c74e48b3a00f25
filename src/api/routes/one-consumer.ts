/** One consumer: shown, changed, given another certificate, deleted, and what happened to it. */

import { z } from 'zod';
import type { ConsumerDelta } from '../../consumers/consumers.ts';
import { consumerEventTypes } from '../../consumers/documents.ts';
import type { Caller, ConsumerCaller } from '../caller.ts';
import { queryBoolean } from '../check-input.ts';
import { type ConsumerParts, viewFor, withConsumer } from '../consumers/consumer-parts.ts';
import {
  consumerPath,
  consumerSchema,
  eventSchema,
  missingConsumer,
  showConsumer,
  showEvent,
} from '../consumers/show-consumer.ts';
import { type Outcome, ok } from '../outcome.ts';
import { one, type Route, route } from '../route.ts';
import { consumerFields, showWithBindings } from './consumers.ts';

const deltaBody = z.strictObject({ delta: z.strictObject(consumerFields) });

export function createOneConsumerRoutes(parts: ConsumerParts): Route[] {
  return [
    showRoute(parts),
    changeRoute(parts),
    route({
      method: 'DELETE',
      path: consumerPath,
      operation: 'DELETE',
      summary: 'Deletes a consumer with all that belongs to it: its certificates open nothing more',
      answer: { status: 200, schema: z.null() },
      refusals: [404],
      handle: async ({ params: { consumer: id }, caller: { login } }) => {
        if (!(await parts.consumers.delete(id))) return missingConsumer(id);
        parts.log.info('A consumer was deleted', { user: login, consumer: id });
        return ok(null);
      },
    }),
    renewRoute(parts),
    historyRoute(parts),
  ];
}

function showRoute(parts: ConsumerParts): Route {
  const show = async (
    id: string,
    query: { readonly details: boolean | undefined; readonly bindings: boolean | undefined },
    caller: Caller | ConsumerCaller,
  ): Promise<Outcome> =>
    withConsumer(id, parts, async (consumer) => {
      const isBound = query.details === true || query.bindings === true;
      return ok(
        isBound
          ? await showWithBindings(consumer, viewFor(caller, parts), parts)
          : showConsumer(consumer),
      );
    });
  return route({
    method: 'GET',
    path: consumerPath,
    operation: 'READ',
    summary: 'One consumer, with what it is bound to where that is asked for',
    query: { details: one(queryBoolean), bindings: one(queryBoolean) },
    answer: { status: 200, schema: consumerSchema },
    refusals: [404],
    handle: ({ params, query, caller }) => show(params.consumer, query, caller),
    asConsumer: ({ params, query, caller }) => show(params.consumer, query, caller),
  });
}

function changeRoute(parts: ConsumerParts): Route {
  const change = (id: string, { delta }: z.output<typeof deltaBody>): Promise<Outcome> =>
    withConsumer(id, parts, async (consumer) => {
      const updated = await parts.consumers.update(consumer, deltaOf(delta));
      return updated === undefined ? missingConsumer(id) : ok(showConsumer(updated));
    });
  return route({
    method: 'PUT',
    path: consumerPath,
    operation: 'UPDATE',
    summary: 'Changes what a consumer says of itself; a note that is null goes',
    body: deltaBody,
    answer: { status: 200, schema: consumerSchema },
    refusals: [404],
    handle: ({ params, body }) => change(params.consumer, body),
    asConsumer: ({ params, body }) => change(params.consumer, body),
  });
}

function deltaOf(delta: z.output<typeof deltaBody>['delta']): ConsumerDelta {
  return Object.fromEntries(Object.entries(delta).filter(([, value]) => value != null));
}

const renewBody = z.strictObject({ end_others: z.boolean().nullish() });

function renewRoute(parts: ConsumerParts): Route {
  const renew = (
    id: string,
    { end_others: endsOthers }: z.output<typeof renewBody>,
    { login }: Caller | ConsumerCaller,
  ): Promise<Outcome> =>
    withConsumer(id, parts, async (consumer) => {
      const others = endsOthers === true ? 'end' : 'stay';
      const issued = await parts.consumers.renew(consumer, others, parts.issue);
      if (issued === undefined) return missingConsumer(id);
      await parts.history.record(consumer, 'certificate_renewed', login);
      parts.log.info('A consumer got another certificate', { user: login, consumer: id, others });
      return ok({ certificate: issued.key + issued.certificate });
    });
  return route({
    method: 'POST',
    path: `${consumerPath}actions/renew_certificate/`,
    operation: 'UPDATE',
    summary: 'Another key and certificate; those of before stay good until they end, or end now',
    body: renewBody,
    isBodyOptional: true,
    answer: { status: 200, schema: z.strictObject({ certificate: z.string() }) },
    refusals: [404],
    handle: ({ params, body, caller }) => renew(params.consumer, body, caller),
    asConsumer: ({ params, body, caller }) => renew(params.consumer, body, caller),
  });
}

/** The most events of one answer. */
const limitMost = 1000;

const queryDate = z.iso
  .datetime({ offset: true })
  .or(z.iso.date())
  .transform((text) => new Date(text));

function historyRoute(parts: ConsumerParts): Route {
  return route({
    method: 'GET',
    path: `${consumerPath}history/`,
    operation: 'READ',
    summary: 'What happened to a consumer, the latest first',
    query: {
      event_type: one(z.enum(consumerEventTypes)),
      limit: one(
        z
          .string()
          .regex(/^\d{1,9}$/)
          .transform(Number)
          .pipe(z.int().min(1)),
      ),
      sort: one(z.enum(['ascending', 'descending'])),
      start_date: one(queryDate),
      end_date: one(queryDate),
    },
    answer: { status: 200, schema: z.array(eventSchema) },
    refusals: [404],
    handle: ({ params: { consumer: id }, query }) =>
      withConsumer(id, parts, async (consumer) => {
        const found = await parts.history.of(consumer, {
          type: query.event_type,
          limit: Math.min(query.limit ?? limitMost, limitMost),
          order: query.sort,
          from: query.start_date,
          until: query.end_date,
        });
        return ok(found.map(showEvent));
      }),
  });
}
