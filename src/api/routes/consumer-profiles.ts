/** What consumers say is installed on them: kept, shown and searched. */

import { z } from 'zod';
import { profilesMax } from '../../consumers/documents.ts';
import type { Caller, ConsumerCaller } from '../caller.ts';
import { type ConsumerParts, withConsumer } from '../consumers/consumer-parts.ts';
import {
  consumerPath,
  consumersPath,
  profilePath,
  profileSchema,
  showProfile,
} from '../consumers/show-consumer.ts';
import type { Searchable } from '../criteria.ts';
import { missingResource, refusedValue } from '../failures.ts';
import { Answer, type Outcome, ok } from '../outcome.ts';
import { type Route, route } from '../route.ts';
import { searchRoutes } from '../search-routes.ts';
import { storableValue } from '../storable-object.ts';

const searchable: Searchable = {
  fields: new Map(
    ['_id', 'consumer_id', 'content_type', 'profile', 'profile_hash'].map(
      (name) => [name, name] as const,
    ),
  ),
  always: ['_id', 'id', 'consumer_id', 'content_type', '_href'],
};

const contentType = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[-_A-Za-z0-9]+$/, 'it has other characters than letters, digits, "-" and "_"');

type Params = { readonly consumer: string; readonly content_type: string };

export function createProfileRoutes(parts: ConsumerParts): Route[] {
  const { profiles } = parts;
  return [
    ...searchRoutes(`${consumersPath}profile/search/`, 'Profiles that the criteria mean', {
      searchable,
      result: profileSchema,
      find: async (query) => (await profiles.find(query)).map(showProfile),
    }),
    ...allProfilesRoutes(parts),
    ...oneProfileRoutes(parts),
  ];
}

function allProfilesRoutes(parts: ConsumerParts): Route[] {
  const path = `${consumerPath}profiles/` as const;
  const list = (id: string): Promise<Outcome> =>
    withConsumer(id, parts, async (consumer) =>
      ok((await parts.profiles.of(consumer)).map(showProfile)),
    );
  const body = z.strictObject({ content_type: contentType, profile: storableValue });
  return [
    route({
      method: 'GET',
      path,
      operation: 'READ',
      summary: 'All profiles of a consumer',
      answer: { status: 200, schema: z.array(profileSchema) },
      refusals: [404],
      handle: ({ params }) => list(params.consumer),
      asConsumer: ({ params }) => list(params.consumer),
    }),
    route({
      method: 'POST',
      path,
      operation: 'CREATE',
      summary: 'Sets the profile of a type',
      body,
      answer: { status: 201, schema: profileSchema },
      refusals: [404],
      handle: ({ params, body, caller }) => set(201, { ...params, ...body }, caller, parts),
      asConsumer: ({ params, body, caller }) => set(201, { ...params, ...body }, caller, parts),
    }),
  ];
}

function oneProfileRoutes(parts: ConsumerParts): Route[] {
  const show = ({ consumer: id, content_type }: Params): Promise<Outcome> =>
    withConsumer(id, parts, async (consumer) => {
      const found = await parts.profiles.one(consumer, content_type);
      return found === undefined ? missingProfile(id, content_type) : ok(showProfile(found));
    });
  const remove = ({ consumer: id, content_type }: Params): Promise<Outcome> =>
    withConsumer(id, parts, async (consumer) =>
      (await parts.profiles.remove(consumer, content_type))
        ? ok(null)
        : missingProfile(id, content_type),
    );
  const answer = { status: 200, schema: profileSchema } as const;
  return [
    route({
      ...{ method: 'GET', path: profilePath, operation: 'READ', answer, refusals: [404] },
      summary: 'The profile of a type',
      handle: ({ params }) => show(params),
      asConsumer: ({ params }) => show(params),
    }),
    route({
      ...{ method: 'PUT', path: profilePath, operation: 'UPDATE', answer, refusals: [404] },
      summary: 'Sets the profile of a type anew',
      body: z.strictObject({ profile: storableValue }),
      handle: ({ params, body, caller }) => set(200, { ...params, ...body }, caller, parts),
      asConsumer: ({ params, body, caller }) => set(200, { ...params, ...body }, caller, parts),
    }),
    route({
      ...{ method: 'DELETE', path: profilePath, operation: 'DELETE', refusals: [404] },
      summary: 'Removes the profile of a type',
      answer: { status: 200, schema: z.null() },
      handle: ({ params }) => remove(params),
      asConsumer: ({ params }) => remove(params),
    }),
  ];
}

function missingProfile(consumer_id: string, content_type: string): Outcome {
  return missingResource({ consumer_id, content_type });
}

async function set(
  status: 200 | 201,
  given: Params & { readonly profile: z.output<typeof storableValue> },
  { login }: Caller | ConsumerCaller,
  parts: ConsumerParts,
): Promise<Outcome> {
  const { consumer: id, content_type } = given;
  const checked = contentType.safeParse(content_type);
  if (!checked.success) return missingProfile(id, content_type);
  return withConsumer(id, parts, async (consumer) => {
    const profile = await parts.profiles.set(consumer, content_type, given.profile);
    if (profile === 'missing') return missingResource({ consumer_id: id });
    if (profile === 'full') {
      return refusedValue('content_type', `A consumer has at most ${profilesMax} profiles.`);
    }
    await parts.history.record(consumer, 'unit_profile_changed', login, { content_type });
    const shown = showProfile(profile);
    return status === 200 ? ok(shown) : new Answer(201, shown, shown._href);
  });
}
