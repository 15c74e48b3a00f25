/** What belongs to a consumer besides its own document: added while somebody may delete the consumer. */

import type { Document, StoredDocument } from '../stores/document.ts';
import { where } from '../stores/parse-filter.ts';
import type { Store } from '../stores/store.ts';
import { consumersCollection } from './documents.ts';

/** As much of a document as says whose it is. */
export interface Belonging extends Document {
  readonly _id: string;
  readonly consumer_id: string;
  readonly record: string;
}

/** @returns `full` where the consumer has `max` in the collection already; `missing` when it is gone */
export async function addBelonging<Kept extends Belonging>(
  store: Store,
  collection: string,
  document: Kept,
  max: number,
): Promise<(Kept & StoredDocument) | 'full' | 'missing'> {
  const { _id, consumer_id, record } = document;
  const there = await store.count(collection, where({ consumer_id }));
  if (there >= max) return 'full';
  await store.insert(collection, document);
  // Whoever deleted the consumer meanwhile may not have seen it.
  const consumer = await store.get(consumersCollection, consumer_id);
  if (consumer?.record === record) return { ...document, _version: 1 };
  await store.remove(collection, _id);
  return 'missing';
}
