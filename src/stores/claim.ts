/** Takes the first document of a selection, on any store whose updates compare versions. */

import { setTimeout as sleep } from 'node:timers/promises';
import { PortcullisError } from '../errors.ts';
import type { Change } from './change.ts';
import type { StoredDocument } from './document.ts';
import type { StoreLimits } from './limits.ts';
import type { Query, Store } from './store.ts';

/** How long to wait before the next try, in milliseconds, at random up to this. */
const pauseMillisecondsMax = 20;

export async function claimDocument(
  store: Pick<Store, 'find' | 'update'>,
  collection: string,
  selection: Pick<Query, 'filter' | 'sort'>,
  change: Change,
  limits: StoreLimits,
): Promise<StoredDocument | undefined> {
  const deadline = performance.now() + limits.contentionMillisecondsMax;
  for (;;) {
    const [first] = await store.find(collection, { ...selection, limit: 1 });
    if (first === undefined) return undefined;
    const result = await store.update(collection, first._id, change, first._version);
    if (result.outcome === 'updated') return result.document;
    if (result.outcome === 'left') return undefined;
    if (result.outcome === 'duplicate') {
      throw new PortcullisError(
        'DOCUMENT_INVALID',
        `Cannot claim a document of ${collection}: another has the same ${result.fields.join()}`,
      );
    }
    if (performance.now() > deadline) {
      throw new PortcullisError(
        'STORE_UNAVAILABLE',
        `Cannot claim a document of ${collection}: others are faster for too long`,
      );
    }
    await sleep(Math.random() * pauseMillisecondsMax);
  }
}
