/** Who wants to be told of what happens to repositories: the listeners, as the API keeps them. */

import type { StoredDocument } from '../stores/document.ts';
import { everything } from '../stores/filter.ts';
import type { Store } from '../stores/store.ts';
import { eventListenersCollection, type JsonObject } from './documents.ts';

export const eventTypes = [
  'repo.sync.start',
  'repo.sync.finish',
  'repo.publish.start',
  'repo.publish.finish',
] as const;

export type EventType = (typeof eventTypes)[number];

/** Of a listener that wants every event. */
export const everyEvent = '*';

/** `http` sends each event to a URL, `log` writes it into the log of the worker of tasks. */
export const notifierTypes = ['http', 'log'] as const;

export type NotifierType = (typeof notifierTypes)[number];

export interface EventListener extends StoredDocument {
  /** 24 hexadecimal digits. */
  readonly _id: string;
  readonly notifier_type_id: NotifierType;
  /** Of `http`: `url`, and a `username` and a `password` where it asks for them. Empty for `log`. */
  readonly notifier_config: JsonObject;
  /** Of {@link eventTypes}, or {@link everyEvent} alone. */
  readonly event_types: readonly string[];
}

export type NewEventListener = Pick<
  EventListener,
  'notifier_type_id' | 'notifier_config' | 'event_types'
>;

/** Listeners of one store: each event is told to all that listen to it. */
export const eventListenersMax = 100;

export class EventListeners {
  readonly #store: Store;

  /** @param store with `repositoryCollections` declared */
  constructor(store: Store) {
    this.#store = store;
  }

  async all(): Promise<readonly EventListener[]> {
    const found = await this.#store.find(eventListenersCollection, { filter: everything });
    return found.map(asListener);
  }

  async byId(id: string): Promise<EventListener | undefined> {
    const found = await this.#store.get(eventListenersCollection, id);
    return found && asListener(found);
  }

  /** Those that are to be told of an event. */
  async of(event: EventType): Promise<readonly EventListener[]> {
    return (await this.all()).filter(
      ({ event_types: types }) => types.includes(event) || types.includes(everyEvent),
    );
  }

  /** Undefined where there are {@link eventListenersMax} already. */
  async add(listener: NewEventListener): Promise<EventListener | undefined> {
    const there = await this.#store.count(eventListenersCollection, everything);
    if (there >= eventListenersMax) return undefined;
    const result = await this.#store.insert(eventListenersCollection, { ...listener });
    if (result.outcome === 'inserted') return asListener(result.document);
    throw new TypeError('Cannot add a listener: its new id is taken');
  }

  /** Undefined where it is gone, or was changed since it was read. */
  async change(
    listener: EventListener,
    changed: Partial<Omit<NewEventListener, 'notifier_type_id'>>,
  ): Promise<EventListener | undefined> {
    const { _id, _version } = listener;
    const change = { $set: { ...changed } };
    const result = await this.#store.update(eventListenersCollection, _id, change, _version);
    return result.outcome === 'updated' ? asListener(result.document) : undefined;
  }

  async remove(id: string): Promise<boolean> {
    return (await this.#store.remove(eventListenersCollection, id)) === 'removed';
  }
}

/** Nobody but this class writes to the collection. */
function asListener(document: StoredDocument): EventListener {
  return document as unknown as EventListener;
}
