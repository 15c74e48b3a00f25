/** How the API shows what synchronizations and publishes of a repository came to. */

import { z } from 'zod';
import type { PublishEntry, SyncEntry } from '../../repositories/history.ts';
import type { StoredDocument } from '../../stores/document.ts';
import { isoDate, objectId, objectIdSchema } from '../criteria.ts';
import type { JsonObject } from '../outcome.ts';
import { toJson } from './secrets.ts';

const shared = {
  _id: objectIdSchema,
  id: z.string(),
  repo_id: z.string(),
  started: z.string(),
  completed: z.string(),
  result: z.string(),
  error_message: z.string().nullable(),
  exception: z.null(),
  traceback: z.null(),
  summary: z.unknown(),
  details: z.unknown(),
};

export const syncEntrySchema = z.strictObject({
  ...shared,
  importer_id: z.string(),
  importer_type_id: z.string(),
  added_count: z.int(),
  updated_count: z.int(),
  removed_count: z.int(),
  _ns: z.literal('repo_sync_results'),
});

export const publishEntrySchema = z.strictObject({
  ...shared,
  distributor_id: z.string(),
  distributor_type_id: z.string(),
  _ns: z.literal('repo_publish_results'),
});

export function showSync(entry: SyncEntry & StoredDocument): JsonObject {
  return {
    ...showEntry(entry),
    importer_id: entry.importer_id,
    importer_type_id: entry.importer_type_id,
    added_count: entry.added_count,
    updated_count: entry.updated_count,
    removed_count: entry.removed_count,
    _ns: 'repo_sync_results',
  };
}

export function showPublish(entry: PublishEntry & StoredDocument): JsonObject {
  return {
    ...showEntry(entry),
    distributor_id: entry.distributor_id,
    distributor_type_id: entry.distributor_type_id,
    _ns: 'repo_publish_results',
  };
}

function showEntry(entry: (SyncEntry | PublishEntry) & StoredDocument): JsonObject {
  return {
    _id: objectId(entry._id),
    id: entry._id,
    repo_id: entry.repo_id,
    started: isoDate(entry.started),
    completed: isoDate(entry.completed),
    result: entry.result,
    error_message: entry.error_message,
    // They told clients about our code.
    exception: null,
    traceback: null,
    summary: toJson(entry.summary),
    details: toJson(entry.details),
  };
}
