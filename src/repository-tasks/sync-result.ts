/** What a sync came to, as tasks and the history have it in Pulp's words. */

import type { JsonObject } from '../repositories/documents.ts';
import type { SyncEntry } from '../repositories/history.ts';
import type { SyncProgress } from '../sync/progress.ts';
import type { SyncResult } from '../sync/sync-job.ts';

export interface SyncReport {
  readonly result: 'success' | 'failed' | 'canceled';
  readonly added_count: number;
  readonly updated_count: number;
  readonly removed_count: number;
  readonly summary: JsonObject;
  readonly details: JsonObject;
  readonly error_message: string | null;
}

export function syncSucceeded(result: SyncResult, progress: SyncProgress): SyncReport {
  return {
    result: 'success',
    added_count: result.added,
    updated_count: result.updated,
    removed_count: result.removed,
    summary: progress.summary(),
    details: progress.report(),
    error_message: null,
  };
}

const nothing: SyncResult = {
  ...{ added: 0, updated: 0, removed: 0 },
  taken: { feed: '', revision: null },
};

export function syncFailed(message: string, progress: SyncProgress): SyncReport {
  return { ...syncSucceeded(nothing, progress), result: 'failed', error_message: message };
}

export function syncCanceled(progress: SyncProgress): SyncReport {
  return { ...syncSucceeded(nothing, progress), result: 'canceled' };
}

/** A sync as it is kept and shown. */
export function syncEntry(
  repository: string,
  importerTypeId: string,
  report: SyncReport,
  times: { readonly started: Date; readonly completed: Date },
): SyncEntry {
  return {
    repo_id: repository,
    importer_id: importerTypeId,
    importer_type_id: importerTypeId,
    ...times,
    ...report,
    exception: null,
    traceback: null,
  };
}
