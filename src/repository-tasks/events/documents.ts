/** What is still to be sent to listeners: kept in the store, so that no death of a worker loses it. */

import type { EventType } from '../../repositories/events.ts';
import type { CollectionDeclaration } from '../../stores/collection.ts';
import type { StoredDocument } from '../../stores/document.ts';

export interface Delivery extends StoredDocument {
  /** The `_id` of the listener. */
  readonly listener: string;
  readonly event_type: EventType;
  /** JSON, as it is sent. At most {@link eventBytesMax}. */
  readonly body: string;
  readonly created: Date;
  /** Not before: a worker that takes it sets it to when another may. */
  readonly due: Date;
  /** How often it was begun to be sent. */
  readonly tries: number;
}

/** Of the body of one event, in bytes; a longer one goes without the details of its report. */
export const eventBytesMax = 256 * 1024;

/** Events that wait for one listener; what comes then is left out, and told in the log. */
export const deliveriesMax = 1000;

/** After how many seconds a delivery that failed is tried again, the first to the last time. */
export const retrySeconds: readonly number[] = [10, 60, 300, 1800, 7200];

export const deliveriesCollection = 'event_deliveries';

/** To be declared where the store is opened. */
export const deliveryCollections: readonly CollectionDeclaration[] = [
  { name: deliveriesCollection, indexes: [{ fields: ['due'] }, { fields: ['listener'] }] },
];
