/** Tokens of customers, which Pulp has not: listed, made and searched. */

import { z } from 'zod';
import { everything } from '../../stores/filter.ts';
import { parseFilter, where } from '../../stores/parse-filter.ts';
import { digestOf } from '../../tokens/secret.ts';
import { noCounts } from '../../tokens/token.ts';
import type { Caller } from '../caller.ts';
import type { Searchable } from '../criteria.ts';
import { invalidValues } from '../failures.ts';
import { created, type Outcome, ok } from '../outcome.ts';
import type { ApiParts } from '../parts.ts';
import { many, type Route, route } from '../route.ts';
import { searchRoutes } from '../search-routes.ts';
import { issuedTokenSchema, missingToken, showToken, tokenSchema } from '../tokens/show-token.ts';
import { newTokenBody, problemsOf, termPaths, termsOf } from '../tokens/token-terms.ts';
import { createOneTokenRoutes, type TokenParts } from './one-token.ts';

/** Neither what is stored of a secret, which could be tried out, nor counts, which lie elsewhere. */
const searchable: Searchable = {
  fields: new Map([
    ['_id', '_id'],
    ['id', '_id'],
    ...termPaths,
    ['by', 'by'],
    ['created', 'created'],
    ['revoked', 'revoked'],
  ]),
  always: ['_id', 'id', '_href'],
};

export function createTokenRoutes(parts: TokenParts & Pick<ApiParts, 'log'>): Route[] {
  const { tokens, now } = parts;
  return [
    route({
      method: 'GET',
      path: '/v2/tokens/',
      operation: 'READ',
      summary: 'The tokens of all customers, or of these, with what was counted of each',
      query: { customer: many(z.string()) },
      answer: { status: 200, schema: z.array(tokenSchema) },
      handle: async ({ query: { customer } }) => {
        const filter =
          customer.length === 0 ? everything : parseFilter({ customer: { $in: customer } });
        const sort = [
          ['customer', 1],
          ['created', 1],
        ] as const;
        const found = await tokens.find({ filter, sort });
        return ok(found.map((token) => showToken(token, now())));
      },
    }),
    route({
      method: 'POST',
      path: '/v2/tokens/',
      operation: 'CREATE',
      summary: 'Makes a token, whose secret is in the answer and can never be shown again',
      body: newTokenBody,
      answer: { status: 201, schema: issuedTokenSchema },
      handle: ({ body, caller }) => createToken(body, caller, parts),
    }),
    ...searchRoutes('/v2/tokens/search/', 'Tokens that the criteria mean', {
      searchable,
      result: tokenSchema,
      find: async (query) => (await tokens.find(query)).map((token) => showToken(token, now())),
    }),
    identifyRoute(parts),
    ...createOneTokenRoutes(parts),
  ];
}

/** Whoever finds a secret has no id to revoke it by. In the body: paths stand in logs (T62). */
function identifyRoute({ tokens, now }: TokenParts): Route {
  return route({
    method: 'POST',
    path: '/v2/tokens/actions/identify/',
    operation: 'READ',
    summary:
      'The token that has this secret, as one that was found in a place where it should not be',
    body: z.strictObject({ secret: z.string() }),
    answer: { status: 200, schema: tokenSchema },
    refusals: [404],
    handle: async ({ body: { secret } }) => {
      const filter = where({ 'secrets.digest': digestOf(secret) });
      const [found] = await tokens.find({ filter, limit: 1 });
      return found === undefined ? missingToken(unnamed) : ok(showToken(found, now()));
    },
  });
}

/** In place of an id where only a secret was given, which no answer repeats. */
const unnamed = 'of this secret';

async function createToken(
  body: z.output<typeof newTokenBody>,
  { login }: Caller,
  { tokens, log, now }: TokenParts & Pick<ApiParts, 'log'>,
): Promise<Outcome> {
  const result = await tokens.create(termsOf(body), login);
  if (result.outcome === 'invalid') return invalidValues(problemsOf(result.problems));
  const { token, secret } = result;
  log.info('A token was made', { user: login, tokenId: token._id, customer: token.customer });
  return created({ ...showToken({ ...token, counts: noCounts }, now()), secret });
}
