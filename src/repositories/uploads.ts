/**
 * Uploads under way: whose they are, and what became of them. Their bytes are in the storage, under the
 * same id, as long as the record is here.
 */

import { randomUUID } from 'node:crypto';
import { uploadIdPattern } from '../storage/layout.ts';
import type { StoredDocument } from '../stores/document.ts';
import { parseFilter, where } from '../stores/parse-filter.ts';
import type { Store } from '../stores/store.ts';
import { uploadsCollection } from './documents.ts';
import { repositoryLimits } from './limits.ts';

export interface Upload extends StoredDocument {
  /** 32 lower-case hexadecimal digits. */
  readonly _id: string;
  /** The `_id` of the user who makes it. */
  readonly creator: string;
  readonly created: Date;
  /** When something was added last, to {@link usedSecondsStep}. */
  readonly last_used: Date;
  /** The task that imported it; then it is there for that task alone, should it be done again. */
  readonly imported_by: string | null;
}

/** A chunk is no change of the record unless the last one was that long ago, in seconds. */
export const usedSecondsStep = 30;

/** Whether an upload can have this id. */
export function isUploadId(id: string): boolean {
  return uploadIdPattern.test(id);
}

/** Those that were imported are not there for anybody but {@link Uploads.importedBy}. */
export class Uploads {
  readonly #store: Store;
  readonly #now: () => Date;

  /** @param store with the collections of repositories */
  constructor(store: Store, now: () => Date) {
    this.#store = store;
    this.#now = now;
  }

  /** Whether the user has as many uploads as may be under way; of several begun at once some may be too many. */
  async isFull(creator: string): Promise<boolean> {
    const there = await this.#store.count(uploadsCollection, where({ creator, imported_by: null }));
    return there >= repositoryLimits.uploadsOfUserMax;
  }

  /** To be made before its bytes: bytes without a record are garbage. */
  async create(creator: string): Promise<Upload> {
    const now = this.#now();
    const record = {
      _id: randomUUID().replaceAll('-', ''),
      creator,
      created: now,
      last_used: now,
      imported_by: null,
    };
    const inserted = await this.#store.insert(uploadsCollection, record);
    if (inserted.outcome === 'inserted') return inserted.document as Upload;
    throw new Error('Two random ids are the same');
  }

  async byId(id: string): Promise<Upload | undefined> {
    const found = await this.#get(id);
    return found?.imported_by === null ? found : undefined;
  }

  /** In the order of their ids. */
  async ids(): Promise<readonly string[]> {
    const filter = parseFilter({ imported_by: null });
    const found = await this.#store.find(uploadsCollection, { filter, fields: [] });
    return found.map(({ _id }) => _id);
  }

  /** Puts off its end. */
  async use({ _id, last_used: last }: Upload): Promise<void> {
    const now = this.#now();
    if (now.getTime() - last.getTime() < usedSecondsStep * 1000) return;
    await this.#store.update(uploadsCollection, _id, { $set: { last_used: now } });
  }

  /** Whether this task has imported it. */
  async importedBy(id: string, task: string): Promise<boolean> {
    return (await this.#get(id))?.imported_by === task;
  }

  /** Nobody else finds it any more; its bytes may go. */
  async markImported(id: string, task: string): Promise<void> {
    await this.#store.update(uploadsCollection, id, { $set: { imported_by: task } });
  }

  async remove(id: string): Promise<void> {
    await this.#store.remove(uploadsCollection, id);
  }

  /**
   * Removes the record of each to which nothing was added since `before`.
   *
   * @returns their ids: their bytes may go
   */
  async removeUnused(before: Date): Promise<readonly string[]> {
    const filter = parseFilter({ last_used: { $lt: before } });
    const found = await this.#store.find(uploadsCollection, { filter, fields: [] });
    const removed: string[] = [];
    for (const { _id, _version } of found) {
      const outcome = await this.#store.remove(uploadsCollection, _id, _version);
      if (outcome === 'removed') removed.push(_id);
    }
    return removed;
  }

  /** Whether there is a record, imported or not. */
  async hasRecord(id: string): Promise<boolean> {
    return (await this.#get(id)) !== undefined;
  }

  async #get(id: string): Promise<Upload | undefined> {
    if (!isUploadId(id)) return undefined;
    return (await this.#store.get(uploadsCollection, id)) as Upload | undefined;
  }
}
