/** A token as the API shows it: never its secret, but for the one time when it is made. */

import { z } from 'zod';
import { limitReached } from '../../tokens/counts.ts';
import type { CountedToken } from '../../tokens/token.ts';
import { isoDate, isoDateOrNull } from '../criteria.ts';
import { missingResource } from '../failures.ts';
import type { Failure } from '../outcome.ts';
import { hrefOf } from '../route.ts';

const date = z.string().nullable();
const list = z.array(z.string()).nullable();
const limit = z.int().nullable();

/** What hinders every use of it; `good` where nothing does. */
const tokenStates = ['good', 'early', 'expired', 'used_up', 'revoked'] as const;

type TokenState = (typeof tokenStates)[number];

export const tokenSchema = z.strictObject({
  _id: z.string(),
  id: z.string(),
  customer: z.string(),
  description: z.string().nullable(),
  state: z.enum(tokenStates),
  valid_from: date,
  valid_until: date,
  distributions: list,
  paths: list,
  downloads_max: limit,
  bytes_max: limit,
  addresses_max: limit,
  downloads: z.int(),
  bytes: z.int(),
  addresses: z.array(z.string()),
  last_used: date,
  by: z.string(),
  created: z.string(),
  secret_since: z.string(),
  previous_secret_until: date,
  revoked: z.strictObject({ at: z.string(), by: z.string(), reason: z.string() }).nullable(),
  _ns: z.literal('tokens'),
  _href: z.string(),
});

export const issuedTokenSchema = z.strictObject({ ...tokenSchema.shape, secret: z.string() });

export const tokenPath = '/v2/tokens/{token}/';

export function showToken(token: CountedToken, now: Date) {
  const { _id: id, counts, revoked } = token;
  return {
    _id: id,
    id,
    customer: token.customer,
    description: token.description,
    state: stateOf(token, now),
    valid_from: isoDateOrNull(token.validFrom),
    valid_until: isoDateOrNull(token.validUntil),
    distributions: token.distributions,
    paths: token.paths,
    downloads_max: token.downloadsMax,
    bytes_max: token.bytesMax,
    addresses_max: token.addressesMax,
    downloads: counts.downloads,
    bytes: counts.bytes,
    addresses: counts.addresses,
    last_used: isoDateOrNull(counts.lastUsed),
    by: token.by,
    created: isoDate(token.created),
    secret_since: isoDate(token.secretSince),
    previous_secret_until: isoDateOrNull(token.previousSecretUntil),
    revoked: revoked && { at: isoDate(revoked.at), by: revoked.by, reason: revoked.reason },
    _ns: 'tokens',
    _href: hrefOf(tokenPath, { token: id }),
  };
}

export function missingToken(id: string): Failure {
  return missingResource({ token: id });
}

function stateOf(token: CountedToken, now: Date): TokenState {
  const { revoked, validFrom, validUntil, counts } = token;
  if (revoked !== null) return 'revoked';
  if (validUntil !== null && now >= validUntil) return 'expired';
  if (validFrom !== null && now < validFrom) return 'early';
  return isUsedUp(token, counts) ? 'used_up' : 'good';
}

/** For every client: of addresses, those that are counted go on. */
function isUsedUp(token: CountedToken, counts: CountedToken['counts']): boolean {
  const limits = { ...token, addressesMax: null };
  return limitReached(counts, limits, { bytes: 0, address: undefined }) !== undefined;
}
