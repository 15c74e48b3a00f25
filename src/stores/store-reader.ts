/** What was read of a store and is known to be so still: the memory that all rules go by. */

import type { Store } from './store.ts';

export interface StoreReader {
  /**
   * What `load` reads of one collection, or what it read before.
   *
   * @param key what is asked, apart from all else that is asked of the collection
   * @throws PortcullisError STORE_UNAVAILABLE while the store is away; else what `load` throws
   */
  read<Value>(
    collection: string,
    key: string,
    load: (store: Store) => Promise<Value>,
  ): Promise<Value>;
}
