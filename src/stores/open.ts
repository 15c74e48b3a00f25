/** The store that an installation is configured to have. */

import type { CollectionDeclaration } from './collection.ts';
import { type StoreLimits, storeLimits } from './limits.ts';
import type { Store } from './store.ts';

export type StoreSettings =
  | { readonly type: 'sqlite'; readonly file: string }
  | { readonly type: 'mongodb'; readonly url: string };

export interface OpenStoreOptions {
  readonly settings: StoreSettings;
  /** A content worker reads, and need not be able to do more. */
  readonly access: 'read' | 'write';
  /** Whether a file that is not there is made; true for who writes, unless given. */
  readonly mayCreate?: boolean;
  readonly collections: readonly CollectionDeclaration[];
  readonly limits?: StoreLimits;
}

/**
 * Opens nothing yet: the first call does, and each call after a fault tries again. Whoever wants to
 * know at once calls `ping`. Only the chosen store's library is loaded.
 *
 * @throws PortcullisError CONFIG_INVALID for a wrong URL
 */
export async function openStore(options: OpenStoreOptions): Promise<Store> {
  const { settings, access, collections, limits = storeLimits } = options;
  const { mayCreate = access === 'write' } = options;
  const rest = { access, collections, limits };
  if (settings.type === 'sqlite') {
    const { SqliteStore } = await import('./sqlite/store.ts');
    return new SqliteStore({ file: settings.file, mayCreate, ...rest });
  }
  const { MongodbStore } = await import('./mongodb/store.ts');
  return new MongodbStore({ url: settings.url, ...rest });
}
