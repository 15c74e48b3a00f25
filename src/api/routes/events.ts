/** Who is told of what happens to repositories: the listeners. */

import { z } from 'zod';
import type { JsonObject } from '../../repositories/documents.ts';
import {
  EventListeners,
  eventListenersMax,
  eventTypes,
  everyEvent,
  type NotifierType,
  notifierTypes,
} from '../../repositories/events.ts';
import { feedOrigin, readFeedUrl } from '../../repository-types/feed-url.ts';
import {
  invalidValue,
  missingResource,
  missingValues,
  notImplemented,
  unsupportedValues,
} from '../failures.ts';
import { created, Failure, type Outcome, ok } from '../outcome.ts';
import type { ApiParts } from '../parts.ts';
import { withoutHidden } from '../repositories/secrets.ts';
import {
  listenerPath,
  listenerSchema,
  notifierSecrets,
  showListener,
} from '../repositories/show-listener.ts';
import { type Route, route } from '../route.ts';
import { storableObject } from '../storable-object.ts';

const types = z.array(z.enum([everyEvent, ...eventTypes])).min(1);

export function createEventRoutes({ store }: Pick<ApiParts, 'store'>): Route[] {
  const listeners = new EventListeners(store);
  return [
    route({
      method: 'GET',
      path: '/v2/events/',
      operation: 'READ',
      summary: 'All listeners to events',
      answer: { status: 200, schema: z.array(listenerSchema) },
      handle: async () => ok((await listeners.all()).map(showListener)),
    }),
    route({
      method: 'POST',
      path: '/v2/events/',
      operation: 'CREATE',
      summary: 'Has a URL or the log told of events',
      body: z.strictObject({
        notifier_type_id: z.string(),
        notifier_config: storableObject.nullish(),
        event_types: types,
      }),
      answer: { status: 201, schema: listenerSchema },
      refusals: [501],
      handle: async ({ body }) => {
        const type = notifierTypes.find((one) => one === body.notifier_type_id);
        if (type === undefined) return noSuchNotifier(body.notifier_type_id);
        const config = readNotifier(type, body.notifier_config ?? {});
        if (config instanceof Failure) return config;
        const listener = await listeners.add({
          notifier_type_id: type,
          notifier_config: config,
          event_types: eachOnce(body.event_types),
        });
        return listener === undefined ? tooMany() : created(showListener(listener));
      },
    }),
    ...createOneListenerRoutes(listeners),
  ];
}

function createOneListenerRoutes(listeners: EventListeners): Route[] {
  return [
    route({
      method: 'GET',
      path: listenerPath,
      operation: 'READ',
      summary: 'One listener',
      answer: { status: 200, schema: listenerSchema },
      refusals: [404],
      handle: async ({ params }) => {
        const listener = await listeners.byId(params.listener);
        return listener === undefined ? missing(params.listener) : ok(showListener(listener));
      },
    }),
    route({
      method: 'PUT',
      path: listenerPath,
      operation: 'UPDATE',
      summary: 'Changes where a listener is told, and of what; null takes a setting away',
      body: z.strictObject({
        notifier_config: storableObject.nullish(),
        event_types: types.nullish(),
      }),
      answer: { status: 200, schema: listenerSchema },
      refusals: [404],
      handle: ({ params, body }) => changeListener(params.listener, body, listeners),
    }),
    route({
      method: 'DELETE',
      path: listenerPath,
      operation: 'DELETE',
      summary: 'Removes a listener: nobody is told in its place',
      answer: { status: 200, schema: z.null() },
      refusals: [404],
      handle: async ({ params }) =>
        (await listeners.remove(params.listener)) ? ok(null) : missing(params.listener),
    }),
  ];
}

async function changeListener(
  id: string,
  body: {
    readonly notifier_config?: JsonObject | null | undefined;
    readonly event_types?: readonly string[] | null | undefined;
  },
  listeners: EventListeners,
): Promise<Outcome> {
  const listener = await listeners.byId(id);
  if (listener === undefined) return missing(id);
  const given = withoutHidden(body.notifier_config ?? {}, notifierSecrets);
  const merged = mergeNotifier(listener.notifier_config, given);
  const config = readNotifier(listener.notifier_type_id, merged);
  if (config instanceof Failure) return config;
  const changed = await listeners.change(listener, {
    notifier_config: config,
    event_types: body.event_types ? eachOnce(body.event_types) : listener.event_types,
  });
  // Somebody else was faster: what they made of it is changed.
  return changed === undefined ? changeListener(id, body, listeners) : ok(showListener(changed));
}

/** A user and a password are for the server that they were given for, and go with it (T89). */
function mergeNotifier(present: JsonObject, given: JsonObject): JsonObject {
  const { username: _, password: __, ...others } = present;
  const isSame = feedOrigin({ ...present, ...given }.url) === feedOrigin(present.url);
  return { ...(isSame ? present : others), ...given };
}

/** What an `http` notifier may say; the log needs nothing. */
const settings: Readonly<Record<NotifierType, readonly string[]>> = {
  http: ['url', 'username', 'password'],
  log: [],
};

/** Characters of a setting of a notifier. */
const settingCharactersMax = 4096;

/** Null is as if it were not given. */
function readNotifier(type: NotifierType, raw: JsonObject): JsonObject | Failure {
  const given = Object.entries(raw).filter(([, value]) => value !== null);
  const unknown = given.map(([name]) => name).filter((name) => !settings[type].includes(name));
  if (unknown.length > 0) return unsupportedValues(unknown.map((name) => name.slice(0, 100)));
  for (const [name, value] of given) {
    const isText = typeof value === 'string' && value.length <= settingCharactersMax;
    if (!isText) return invalidValue(name, `it is no text of ${settingCharactersMax} characters`);
  }
  const config = Object.fromEntries(given);
  if (type === 'http' && config.url === undefined) return missingValues(['url']);
  return type === 'http' && !isHttpUrl(String(config.url))
    ? invalidValue('url', 'it should be an http or https URL without a user and a password in it')
    : config;
}

function isHttpUrl(text: string): boolean {
  const url = readFeedUrl(text);
  return url !== undefined && url.username === undefined && url.password === undefined;
}

function noSuchNotifier(type: string): Failure {
  if (type !== 'email' && type !== 'amqp') {
    return invalidValue('notifier_type_id', `it is none of ${notifierTypes.join(', ')}`);
  }
  const text = `Portcullis sends no events by ${type}. The notifier "http" calls a URL that may.`;
  return notImplemented(`events.${type}`, text);
}

function tooMany(): Failure {
  return invalidValue('event_types', `there are ${eventListenersMax} listeners already`);
}

function missing(id: string): Failure {
  return missingResource({ event_listener: id });
}

function eachOnce(given: readonly string[]): readonly string[] {
  return [...new Set(given)];
}
