/** What the tasks of repositories work on. */

import type {
  RepositoriesConfiguration,
  StorageConfiguration,
  SyncConfiguration,
} from '../config/configuration.ts';
import type { Logger } from '../log.ts';
import type { Storage } from '../storage/storage.ts';
import type { Store } from '../stores/store.ts';

export interface RepositoryTaskParts {
  readonly store: Store;
  readonly storage: Storage;
  readonly settings: {
    readonly storage: StorageConfiguration;
    readonly repositories: RepositoriesConfiguration;
    readonly sync: SyncConfiguration;
  };
  readonly log: Logger;
  readonly now: () => Date;
}
