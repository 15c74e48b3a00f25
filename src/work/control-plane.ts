/**
 * What the roles of a worker and the rules of its policies share: the store, and the bounds on
 * passwords, of which there is one for all of a process.
 */

import { availableParallelism } from 'node:os';
import { peopleCollections } from '../api/people/documents.ts';
import { sessionCollections } from '../api/people/sessions.ts';
import { auditCollections } from '../audit/collections.ts';
import type { Configuration, PoolConfiguration } from '../config/configuration.ts';
import { AttemptLimiter } from '../identity/attempt-limiter.ts';
import { WorkQueue } from '../identity/work-queue.ts';
import { deniedCertificateCollections } from '../people/denied-certificates.ts';
import type { CollectionDeclaration } from '../stores/collection.ts';
import { openStore } from '../stores/open.ts';
import type { Store } from '../stores/store.ts';
import { taskCollections } from '../tasks/task.ts';
import { tokenCollections } from '../tokens/token.ts';
import { readStoreSettings } from './store-settings.ts';

export interface ControlPlane extends AsyncDisposable {
  /**
   * The store, one for all who ask for it, and closed in the end. Where nobody asks, nothing is opened.
   * It is there at once: each call of it fails by itself while the store is away.
   *
   * @throws PortcullisError CONFIG_INVALID for a URL that is none; FILE_UNREADABLE for its file
   */
  store(): Promise<Store>;
  /** Whether somebody asked for the store. */
  readonly isAsked: boolean;
  /** Hashes share the thread pool with the file system, which must never have to wait for it (T49). */
  readonly hashing: WorkQueue;
  /** Guessing goes on from one list of passwords to the next. */
  readonly attempts: AttemptLimiter;
}

/** All that is kept in the store: each process declares all of it, whatever its roles. */
const storeCollections: readonly CollectionDeclaration[] = [
  ...peopleCollections,
  ...sessionCollections,
  ...deniedCertificateCollections,
  ...taskCollections,
  ...tokenCollections,
  ...auditCollections,
];

/** Whether a pool changes what is in the store; content only reads it. */
export function writesStore({ roles }: Pick<PoolConfiguration, 'roles'>): boolean {
  return roles.some((role) => role !== 'content');
}

/** Whether there is a store whose deny-list counts, though no rule names users or roles of it. */
export function hasStore({ store, pools }: Pick<Configuration, 'store' | 'pools'>): boolean {
  return store.isNamed || pools.some(writesStore);
}

/** @param access `write` where a role changes something */
export function createControlPlane(
  configuration: Pick<Configuration, 'store' | 'access'>,
  access: 'read' | 'write',
): ControlPlane {
  let store: Promise<Store> | undefined;
  const open = async (): Promise<Store> => {
    const settings = await readStoreSettings(configuration.store);
    return openStore({ settings, access, collections: storeCollections });
  };
  return {
    store: () => {
      store ??= open();
      return store;
    },
    get isAsked() {
      return store !== undefined;
    },
    hashing: new WorkQueue({
      runningMax: Math.max(1, Math.min(2, availableParallelism() - 1)),
      pendingMax: configuration.access.passwordChecksMax,
    }),
    attempts: new AttemptLimiter(),
    [Symbol.asyncDispose]: async () => {
      // Whoever asked for one that could not be opened was told.
      await (await store?.catch(() => undefined))?.close();
    },
  };
}
