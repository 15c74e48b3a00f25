/** One token: shown, changed, given another secret, revoked and deleted. */

import { z } from 'zod';
import { overlapSecondsMax, reasonCharactersMax } from '../../tokens/token.ts';
import { storableText } from '../check-input.ts';
import { invalidValues, refusedValue } from '../failures.ts';
import { type Failure, type Outcome, ok } from '../outcome.ts';
import type { ApiParts } from '../parts.ts';
import { type Route, route } from '../route.ts';
import {
  issuedTokenSchema,
  missingToken,
  showToken,
  tokenPath,
  tokenSchema,
} from '../tokens/show-token.ts';
import { changeOf, problemsOf, tokenDelta } from '../tokens/token-terms.ts';

export type TokenParts = Pick<ApiParts, 'tokens' | 'now'>;

export function createOneTokenRoutes(parts: TokenParts): Route[] {
  const { tokens } = parts;
  return [
    route({
      method: 'GET',
      path: tokenPath,
      operation: 'READ',
      summary: 'One token, with what was counted of it',
      answer: { status: 200, schema: tokenSchema },
      refusals: [404],
      handle: ({ params: { token: id } }) => show(id, parts),
    }),
    route({
      method: 'PUT',
      path: tokenPath,
      operation: 'UPDATE',
      summary: 'Changes what a token is good for; null takes a limit away, and counts go on',
      body: z.strictObject({ delta: tokenDelta }),
      answer: { status: 200, schema: tokenSchema },
      refusals: [404],
      handle: async ({ params: { token: id }, body: { delta } }) => {
        const result = await tokens.change(id, changeOf(delta));
        if (result.outcome === 'invalid') {
          return invalidValues(problemsOf(result.problems, 'delta.'));
        }
        return show(id, parts);
      },
    }),
    route({
      method: 'DELETE',
      path: tokenPath,
      operation: 'DELETE',
      summary: 'Deletes a token with its counts: it opens nothing any more',
      answer: { status: 200, schema: z.null() },
      refusals: [404],
      handle: async ({ params: { token: id } }) =>
        (await tokens.delete(id)) === 'missing' ? missingToken(id) : ok(null),
    }),
    rotateRoute(parts),
    revokeRoute(parts),
  ];
}

function rotateRoute(parts: TokenParts): Route {
  return route({
    method: 'POST',
    path: `${tokenPath}actions/rotate/`,
    operation: 'EXECUTE',
    summary: 'Gives a token another secret; the one before is good for the overlap still',
    body: z.strictObject({ overlap_seconds: z.int().min(0).max(overlapSecondsMax).nullish() }),
    answer: { status: 200, schema: issuedTokenSchema },
    refusals: [404],
    handle: async ({ params: { token: id }, body: { overlap_seconds: overlap } }) => {
      const result = await parts.tokens.rotate(id, overlap ?? 0);
      if (result.outcome !== 'rotated') {
        return result.outcome === 'missing' ? missingToken(id) : revokedToken(id);
      }
      const found = await parts.tokens.byId(id);
      if (found === undefined) return missingToken(id);
      return ok({ ...showToken(found, parts.now()), secret: result.secret });
    },
  });
}

function revokeRoute(parts: TokenParts): Route {
  return route({
    method: 'POST',
    path: `${tokenPath}actions/revoke/`,
    operation: 'EXECUTE',
    summary: 'Ends a token for good, and keeps it with the reason; the first reason stays',
    body: z.strictObject({ reason: storableText.min(1).max(reasonCharactersMax) }),
    answer: { status: 200, schema: tokenSchema },
    refusals: [404],
    handle: async ({ params: { token: id }, body: { reason }, caller: { login } }) => {
      await parts.tokens.revoke(id, { by: login, reason });
      return show(id, parts);
    },
  });
}

function revokedToken(id: string): Failure {
  return refusedValue('token', `A revoked token gets no other secret: ${id}`);
}

async function show(id: string, { tokens, now }: TokenParts): Promise<Outcome> {
  const found = await tokens.byId(id);
  return found === undefined ? missingToken(id) : ok(showToken(found, now()));
}
