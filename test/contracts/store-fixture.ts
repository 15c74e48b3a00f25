/** What the tests of stores have in common: their collections, and a store that is empty. */

import type { CollectionDeclaration } from '../../src/stores/collection.ts';
import { storeLimits } from '../../src/stores/limits.ts';
import { type OpenStoreOptions, openStore, type StoreSettings } from '../../src/stores/open.ts';
import type { Store } from '../../src/stores/store.ts';

export const collections: readonly CollectionDeclaration[] = [
  {
    name: 'users',
    indexes: [
      { fields: ['login'], unique: true },
      { fields: ['roles'], multikey: true },
      { fields: ['age', 'name'] },
      { fields: ['roles', 'name', '_id'], multikey: true },
    ],
  },
  {
    name: 'grants',
    indexes: [{ fields: ['resource', 'user'], unique: true }, { fields: ['since'] }],
  },
  { name: 'tasks', indexes: [{ fields: ['state', 'order'] }] },
  { name: 'plain', indexes: [] },
];

/** How a kind of store is set up for a test. */
export interface StoreContract {
  readonly name: string;
  /** Why it cannot be tested here; false when it can. */
  readonly skip: string | false;
  /** What holds the stores, such as a server; disposed of at the end. */
  readonly host: () => Promise<StoreHost>;
}

export interface StoreHost extends AsyncDisposable {
  /** Of a store with nothing in it. */
  settings(): StoreSettings;
}

export function open(
  settings: StoreSettings,
  options: Partial<Omit<OpenStoreOptions, 'settings'>> = {},
): Promise<Store> {
  return openStore({
    settings,
    access: 'write',
    collections,
    limits: storeLimits,
    ...options,
  });
}
