/** Consumers: listed, registered and searched. */

import { z } from 'zod';
import { consumerIdProblem } from '../../consumers/consumers.ts';
import type { Consumer } from '../../consumers/documents.ts';
import { everything } from '../../stores/filter.ts';
import type { Caller } from '../caller.ts';
import { queryBoolean, storableText } from '../check-input.ts';
import { type ConsumerParts, viewOf } from '../consumers/consumer-parts.ts';
import { type BindingView, showBindings } from '../consumers/show-binding.ts';
import {
  consumerSchema,
  consumersPath,
  missingConsumer,
  showConsumer,
} from '../consumers/show-consumer.ts';
import type { Searchable } from '../criteria.ts';
import { duplicateResource, invalidValue } from '../failures.ts';
import { Answer, type JsonObject, type Outcome, ok } from '../outcome.ts';
import { one, type Route, route } from '../route.ts';
import { searchRoutes } from '../search-routes.ts';
import { storableObject } from '../storable-object.ts';

export const searchableConsumers: Searchable = {
  fields: new Map([
    ['_id', 'record'],
    ['id', '_id'],
    ...['display_name', 'description', 'notes', 'capabilities', 'rsa_pub'].map(
      (name) => [name, name] as const,
    ),
  ]),
  always: ['_id', 'id', '_href'],
};

/** Of a body; null is what is not given, as of all that pulp-consumer sends. */
export const consumerFields = {
  display_name: storableText.nullish(),
  description: storableText.nullish(),
  notes: storableObject.nullish(),
  capabilities: storableObject.nullish(),
  rsa_pub: storableText.nullish(),
};

const newConsumerBody = z.strictObject({ id: z.string(), ...consumerFields });

export function createConsumerRoutes(parts: ConsumerParts): Route[] {
  const { consumers } = parts;
  return [
    route({
      method: 'GET',
      path: consumersPath,
      operation: 'READ',
      summary: 'All consumers, with what they are bound to where that is asked for',
      query: { details: one(queryBoolean), bindings: one(queryBoolean) },
      answer: { status: 200, schema: z.array(consumerSchema) },
      handle: async ({ query: { details, bindings } }) => {
        const found = await consumers.find({ filter: everything });
        const isBound = details === true || bindings === true;
        return ok(isBound ? await showAllWithBindings(found, parts) : found.map(showConsumer));
      },
    }),
    route({
      method: 'POST',
      path: consumersPath,
      operation: 'CREATE',
      summary: 'Registers a consumer: its key and certificate are in the answer, and nowhere else',
      body: newConsumerBody,
      answer: {
        status: 201,
        schema: z.strictObject({ consumer: consumerSchema, certificate: z.string() }),
      },
      refusals: [409],
      handle: ({ body, caller }) => register(body, caller, parts),
    }),
    ...searchRoutes(`${consumersPath}search/`, 'Consumers that the criteria mean', {
      searchable: searchableConsumers,
      result: consumerSchema,
      flags: ['details', 'bindings'],
      find: async (query, flags) => {
        const found = await consumers.find(query);
        return flags.size > 0 ? showAllWithBindings(found, parts) : found.map(showConsumer);
      },
    }),
  ];
}

export async function showWithBindings(
  consumer: Consumer,
  view: BindingView,
  { bindings }: Pick<ConsumerParts, 'bindings'>,
): Promise<JsonObject> {
  const bound = await bindings.of(consumer);
  return { ...showConsumer(consumer), bindings: await showBindings(bound, view) };
}

async function showAllWithBindings(
  consumers: readonly Consumer[],
  parts: ConsumerParts,
): Promise<readonly JsonObject[]> {
  const view = viewOf(parts);
  const shown: JsonObject[] = [];
  for (const consumer of consumers) shown.push(await showWithBindings(consumer, view, parts));
  return shown;
}

async function register(
  body: z.output<typeof newConsumerBody>,
  { login }: Caller,
  parts: ConsumerParts,
): Promise<Outcome> {
  const { id } = body;
  const problem = consumerIdProblem(id);
  if (problem !== undefined) return invalidValue('id', problem);
  const fields = {
    id,
    display_name: body.display_name ?? id,
    description: body.description ?? null,
    notes: body.notes ?? {},
    capabilities: body.capabilities ?? {},
    rsa_pub: body.rsa_pub ?? null,
  };
  const registered = await parts.consumers.register(fields, parts.issue);
  if (registered === undefined) return duplicateResource(id);
  const { consumer, issued } = registered;
  await parts.history.record(consumer, 'consumer_registered', login);
  // Who deleted it meanwhile ended what it could do.
  const isThere = (await parts.consumers.byId(id))?.record === consumer.record;
  if (!isThere) return missingConsumer(id);
  parts.log.info('A consumer was registered', { user: login, consumer: id });
  const shown = showConsumer(consumer);
  const certificate = issued.key + issued.certificate;
  return new Answer(201, { consumer: shown, certificate }, shown._href);
}
