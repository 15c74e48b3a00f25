/**
 * Tells listeners what happens to repositories: writes it into the log, or keeps it to be sent. No task
 * waits for a listener, and none fails for one.
 */

import { messageOf } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import type { JsonObject } from '../../repositories/documents.ts';
import { EventListeners, type EventType } from '../../repositories/events.ts';
import { where } from '../../stores/parse-filter.ts';
import type { Store } from '../../stores/store.ts';
import { deliveriesCollection, deliveriesMax, eventBytesMax } from './documents.ts';

export interface EmitParts {
  readonly store: Store;
  readonly log: Logger;
  readonly now: () => Date;
}

export interface RepositoryEvent {
  readonly type: EventType;
  readonly payload: JsonObject;
  /** The task that it is of, as far as it is known then. */
  readonly callReport: JsonObject;
}

/** Never rejects: what cannot be kept is told in the log. */
export async function emitEvent(event: RepositoryEvent, parts: EmitParts): Promise<void> {
  try {
    await tell(event, parts);
  } catch (error) {
    const message = 'Listeners are not told of an event';
    parts.log.error(message, { event: event.type, reason: messageOf(error) });
  }
}

async function tell(event: RepositoryEvent, { store, log, now }: EmitParts): Promise<void> {
  const listeners = await new EventListeners(store).of(event.type);
  if (listeners.length === 0) return;
  const body = bodyOf(event);
  for (const { _id: listener, notifier_type_id: type } of listeners) {
    if (type === 'log') {
      log.info('An event of a repository', { event: event.type, listener, payload: event.payload });
      continue;
    }
    const waiting = await store.count(deliveriesCollection, where({ listener }));
    if (waiting >= deliveriesMax) {
      const message = 'A listener is not told of an event: too many wait for it';
      log.warn(message, { event: event.type, listener, waiting });
      continue;
    }
    const at = now();
    const delivery = { listener, event_type: event.type, body, created: at, due: at, tries: 0 };
    await store.insert(deliveriesCollection, delivery);
  }
}

/** As Pulp sends it. */
function bodyOf({ type, payload, callReport }: RepositoryEvent): string {
  const write = (some: JsonObject): string =>
    JSON.stringify({ event_type: type, payload: some, call_report: callReport });
  const whole = write(payload);
  if (Buffer.byteLength(whole) <= eventBytesMax) return whole;
  const { details: _, summary: __, ...rest } = payload;
  return write(rest);
}
