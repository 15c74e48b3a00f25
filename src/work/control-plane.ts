/**
 * What the roles of a worker and the rules of its policies share: the store, and the bounds on
 * passwords, of which there is one for all of a process.
 */

import { availableParallelism } from 'node:os';
import { peopleCollections } from '../api/people/documents.ts';
import { sessionCollections } from '../api/people/sessions.ts';
import { auditCollections } from '../audit/collections.ts';
import type { Configuration } from '../config/configuration.ts';
import { consumerCollections } from '../consumers/documents.ts';
import { AttemptLimiter } from '../identity/attempt-limiter.ts';
import { WorkQueue } from '../identity/work-queue.ts';
import { deniedCertificateCollections } from '../people/denied-certificates.ts';
import { policyCollections } from '../policies/documents.ts';
import { repositoryCollections } from '../repositories/documents.ts';
import { deliveryCollections } from '../repository-tasks/events/documents.ts';
import type { CollectionDeclaration } from '../stores/collection.ts';
import { type OpenStoreOptions, openStore } from '../stores/open.ts';
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
  /**
   * The same store for changes: where no role of the pool makes any, a second one is opened with the
   * first call, which never makes a store that is not there. For what content itself has to keep, as the
   * counts of tokens: whoever asks for it makes a worker for content one that writes to the store.
   */
  storeForWriting(): Promise<Store>;
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
  ...policyCollections,
  ...repositoryCollections,
  ...consumerCollections,
  ...deliveryCollections,
];

/** @param access `write` where a role changes something */
export function createControlPlane(
  configuration: Pick<Configuration, 'store' | 'access'>,
  access: 'read' | 'write',
): ControlPlane {
  let store: Promise<Store> | undefined;
  let writable: Promise<Store> | undefined;
  const open = async (how: OpenStoreOptions['access'], mayCreate: boolean): Promise<Store> => {
    const settings = await readStoreSettings(configuration.store);
    return openStore({ settings, access: how, collections: storeCollections, mayCreate });
  };
  const shared = (): Promise<Store> => {
    store ??= open(access, access === 'write');
    return store;
  };
  return {
    store: shared,
    storeForWriting: () => {
      if (access === 'write') return shared();
      writable ??= open('write', false);
      return writable;
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
      for (const opened of [writable, store]) {
        await (await opened?.catch(() => undefined))?.close();
      }
    },
  };
}
