/** One sync: what it works on, what it is to do, and what it came to. */

import type { SyncConfiguration } from '../config/configuration.ts';
import type { Logger } from '../log.ts';
import type { ContentChange } from '../repositories/content-changes.ts';
import type { JsonObject } from '../repositories/documents.ts';
import type { Units } from '../repositories/units.ts';
import type { Storage } from '../storage/storage.ts';
import type { Store } from '../stores/store.ts';
import type { SyncProgress } from './progress.ts';

export interface SyncParts {
  readonly store: Store;
  readonly storage: Storage;
  readonly units: Units;
  readonly limits: SyncConfiguration;
  readonly now: () => Date;
}

export interface SyncJob {
  readonly repositoryId: string;
  /** As `yum_importer`. */
  readonly importerTypeId: string;
  /** As its type has read it. */
  readonly config: JsonObject;
  /** What was taken over last. */
  readonly last: RemoteRevision | undefined;
  /** Takes metadata over that is older than that. */
  readonly isForced: boolean;
  readonly change: ContentChange;
  readonly progress: SyncProgress;
  readonly confirm: () => Promise<void>;
  readonly signal: AbortSignal;
  readonly log: Logger;
}

export interface RemoteRevision {
  /** Without what may be secret in it. */
  readonly feed: string;
  /** Null where the remote repository has nothing that counts up. */
  readonly revision: number | null;
}

export interface SyncResult {
  readonly taken: RemoteRevision;
  /** Units. */
  readonly added: number;
  readonly updated: number;
  readonly removed: number;
}
