/** Verifies the tokens of customers for rules, and charges what they are used for. */

import type { AttemptLimiter } from '../identity/attempt-limiter.ts';
import type {
  CustomerTokens,
  Settlement,
  TokenAttempt,
  TokenDelivery,
  TokenVerdict,
} from '../plugin.ts';
import type { Store } from '../stores/store.ts';
import type { ChargeQueue } from './charge-queue.ts';
import { countedAddress } from './counted-address.ts';
import { limitReached, readCounts } from './counts.ts';
import { timeOf, unfitness, uselessness } from './judge.ts';
import type { FoundToken, KnownTokens } from './known-tokens.ts';
import { digestOf, isSecretForm } from './secret.ts';
import { hasCountedLimits, type Token, tokenCountCollection } from './token.ts';
import type { UsageBook } from './usage-book.ts';

export interface CustomerTokenParts {
  readonly known: KnownTokens;
  /** Read anew each time, where a limit counts. */
  readonly store: Pick<Store, 'get'>;
  readonly charges: ChargeQueue;
  readonly usage: UsageBook;
  /** Not that of passwords: who guesses those keeps no token out. */
  readonly attempts: AttemptLimiter;
  readonly now: () => Date;
}

/** Tokens that were found once, which no guesses of others keep out; the first one goes. */
const rightEntriesMax = 10_000;

export function createCustomerTokens(parts: CustomerTokenParts): CustomerTokens {
  const right = new Set<string>();
  return {
    verify: (attempt) => verify(attempt, parts, right),
    settle: (id, delivery, signal) => settle(id, delivery, signal, parts),
  };
}

async function verify(
  attempt: TokenAttempt,
  parts: CustomerTokenParts,
  right: Set<string>,
): Promise<TokenVerdict> {
  if (!isSecretForm(attempt.secret)) return { outcome: 'unusable', reason: 'it is no token' };
  const found = await find(attempt, parts, right);
  if (found === undefined) return { outcome: 'unusable', reason: 'the store has no such token' };
  return 'outcome' in found ? found : judge(found, attempt, parts);
}

/**
 * A wrong token is no guess that could come true, but a look into the store: these are bounded for each
 * network. What was found before is looked for in any case.
 */
async function find(
  { secret, address }: TokenAttempt,
  { known, attempts }: CustomerTokenParts,
  right: Set<string>,
): Promise<FoundToken | Extract<TokenVerdict, { outcome: 'too-many' }> | undefined> {
  const digest = digestOf(secret);
  if (right.has(digest)) return known.bySecret(digest);
  const attempt = attempts.begin(digest, address);
  if ('retryAfterSeconds' in attempt) return { outcome: 'too-many', ...attempt };
  // Many clients come at once with one token, or one each: what is under way counts as right.
  attempt.abandoned();
  const found = await known.bySecret(digest);
  if (found === undefined) attempts.begin(digest, address);
  else keep(right, digest);
  return found;
}

function keep(right: Set<string>, digest: string): void {
  right.add(digest);
  const [first] = right;
  if (right.size > rightEntriesMax && first !== undefined) right.delete(first);
}

async function judge(
  { token, secretUntil }: FoundToken,
  attempt: TokenAttempt,
  { store, now }: CustomerTokenParts,
): Promise<TokenVerdict> {
  const { _id: id, customer } = token;
  const useless = uselessness(token, now()) ?? rotated(secretUntil, now());
  if (useless !== undefined) return { outcome: 'unusable', reason: about(token, useless) };
  const unfit = unfitness(token, attempt) ?? (await exhaustion(token, attempt.address, store));
  if (unfit !== undefined) return { outcome: 'refused', reason: about(token, unfit) };
  return { outcome: 'admitted', id, customer };
}

function rotated(until: Date | null, now: Date): string | undefined {
  if (until === null || now < until) return undefined;
  return `it got another secret, and the one before was good until ${timeOf(until)}`;
}

/** So that `any` goes on to its other rules, and HEAD and `explain` are told as well. */
async function exhaustion(
  token: Token,
  address: string | undefined,
  store: CustomerTokenParts['store'],
): Promise<string | undefined> {
  if (!hasCountedLimits(token)) return undefined;
  const document = await store.get(tokenCountCollection, token._id);
  if (document === undefined) return 'it was deleted';
  const asked = { bytes: 0, address: countedAddress(address) };
  return limitReached(readCounts(document), token, asked);
}

async function settle(
  id: string,
  { bytes, address }: TokenDelivery,
  signal: AbortSignal,
  { known, charges, usage, now }: CustomerTokenParts,
): Promise<Settlement> {
  const token = await known.byId(id);
  if (token === undefined) return refuse('the token was deleted meanwhile');
  const at = now();
  const useless = uselessness(token, at);
  if (useless !== undefined) return refuse(about(token, useless));
  if (!hasCountedLimits(token)) {
    usage.record(id, bytes, at);
    return { outcome: 'settled' };
  }
  const download = { bytes, address: countedAddress(address), at };
  const refused = await charges.charge(id, token, download, signal);
  return refused === undefined ? { outcome: 'settled' } : refuse(about(token, refused));
}

function refuse(reason: string): Settlement {
  return { outcome: 'refused', reason };
}

function about({ _id: id, customer }: Token, clause: string): string {
  return `the token ${id} of ${JSON.stringify(customer)}: ${clause}`;
}
