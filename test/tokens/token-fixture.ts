/** Tokens, and stores for them, for tests. */

import { AttemptLimiter } from '../../src/identity/attempt-limiter.ts';
import { createLogger } from '../../src/log.ts';
import type { CustomerTokens } from '../../src/plugin.ts';
import { openStore, type StoreSettings } from '../../src/stores/open.ts';
import type { Store } from '../../src/stores/store.ts';
import { ChargeQueue } from '../../src/tokens/charge-queue.ts';
import { createCustomerTokens } from '../../src/tokens/customer-tokens.ts';
import { KnownTokens } from '../../src/tokens/known-tokens.ts';
import { type TokenTerms, tokenCollections } from '../../src/tokens/token.ts';
import { UsageBook } from '../../src/tokens/usage-book.ts';

/** Terms that limit nothing, but for what is given. */
export function terms(some: Partial<TokenTerms> = {}): TokenTerms {
  return {
    customer: 'Acme',
    description: null,
    validFrom: null,
    validUntil: null,
    distributions: null,
    paths: null,
    downloadsMax: null,
    bytesMax: null,
    addressesMax: null,
    ...some,
  };
}

/** A store for tokens alone. */
export function openTokenStore(settings: StoreSettings): Promise<Store> {
  return openStore({ settings, access: 'write', collections: tokenCollections });
}

/** Tokens as a worker has them, but with a memory that forgets at once, and guesses that stay counted. */
export interface TokenWorker {
  readonly tokens: CustomerTokens;
  readonly usage: UsageBook;
  readonly log: readonly string[];
}

export function tokenWorker(store: Store, now: () => Date = () => new Date()): TokenWorker {
  const log: string[] = [];
  const logger = createLogger({ level: 'info', write: (line) => log.push(line) });
  const usage = new UsageBook(async () => store, logger);
  const tokens = createCustomerTokens({
    known: new KnownTokens({ read: (_, __, load) => load(store) }),
    store,
    charges: new ChargeQueue(async () => store),
    usage,
    attempts: new AttemptLimiter(undefined, () => 0),
    now,
  });
  return { tokens, usage, log };
}
