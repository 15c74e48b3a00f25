/** How a sync is asked for, apart from how it is done: whoever asks needs no client of remote servers. */

import type { JsonObject } from '../repositories/documents.ts';
import type { Submission } from '../tasks/queue.ts';
import { repositorySubmission } from './submission.ts';

export const syncName = 'repository.sync';

export type SyncArguments = {
  readonly repository: string;
  /** For this sync alone: names to take over, those with null to take away. */
  readonly override_config?: JsonObject;
};

export function syncSubmission(given: SyncArguments): Submission {
  return repositorySubmission(syncName, 'sync', given);
}
