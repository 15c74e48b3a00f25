/** Tokens, and stores for them, for tests. */

import { openStore, type StoreSettings } from '../../src/stores/open.ts';
import type { Store } from '../../src/stores/store.ts';
import { type TokenTerms, tokenCollections } from '../../src/tokens/token.ts';

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
