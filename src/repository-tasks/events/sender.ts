/**
 * Sends the events that wait in the store, in whatever worker of tasks is there. Each is taken with a
 * lease: what a worker that died had taken, another sends. So each is sent at least once, or given up
 * after its last try.
 */

import { messageOf } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import type { AddressGuard } from '../../outbound/addresses.ts';
import { EventListeners } from '../../repositories/events.ts';
import { parseFilter, where } from '../../stores/parse-filter.ts';
import type { Store } from '../../stores/store.ts';
import { repeat } from '../../tasks/repeat.ts';
import { deliver } from './deliver.ts';
import { type Delivery, deliveriesCollection, retrySeconds } from './documents.ts';

export interface EventSenderParts {
  readonly store: Store;
  readonly log: Logger;
  readonly now: () => Date;
  /** Which addresses a URL of a listener may lead to (T88). */
  readonly isAddressAllowed: AddressGuard;
  readonly everyMilliseconds?: number;
}

/** How often it is looked for events, in milliseconds. */
const everyMillisecondsDefault = 1000;

/** Listeners that are sent to at once. One that hangs keeps its own events waiting, and no others. */
export const listenersAtOnce = 4;

/** For how long a delivery is one worker's, in seconds: longer than sending takes. */
const leaseSeconds = 60;

export class EventSender {
  readonly #parts: EventSenderParts;
  readonly #stopping = new AbortController();
  /** What is under way, by listener: each gets one event at a time. */
  readonly #sending = new Map<string, Promise<void>>();
  #rounds: AsyncDisposable | undefined;

  constructor(parts: EventSenderParts) {
    this.#parts = parts;
  }

  start(): void {
    const { everyMilliseconds = everyMillisecondsDefault } = this.#parts;
    this.#rounds = repeat(everyMilliseconds, () => this.#sendDue());
  }

  /** What is being sent is given up, and sent again by another worker. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#rounds?.[Symbol.asyncDispose]();
    await Promise.all(this.#sending.values());
  }

  async #sendDue(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      if (this.#sending.size >= listenersAtOnce) {
        await Promise.race(this.#sending.values());
        continue;
      }
      const delivery = await this.#take();
      if (delivery === undefined) return;
      this.#sending.set(delivery.listener, this.#sendOne(delivery));
    }
  }

  async #sendOne(delivery: Delivery): Promise<void> {
    const { listener, event_type: event } = delivery;
    try {
      await this.#send(delivery);
    } catch (error) {
      const message = 'An event stays to be sent to a listener';
      this.#parts.log.warn(message, { listener, event, reason: messageOf(error) });
    } finally {
      this.#sending.delete(listener);
    }
  }

  /** A look first: a claim would write each time. */
  async #take(): Promise<Delivery | undefined> {
    const { store, now } = this.#parts;
    const filter = parseFilter({
      due: { $lte: now() },
      listener: { $nin: [...this.#sending.keys()] },
    });
    const sort = [
      ['due', 1],
      ['created', 1],
    ] as const;
    const [next] = await store.find(deliveriesCollection, { filter, sort, limit: 1, fields: [] });
    if (next === undefined) return undefined;
    const lease = { $set: { due: this.#after(leaseSeconds) }, $inc: { tries: 1 } };
    const taken = await store.claim(deliveriesCollection, { filter, sort }, lease);
    return taken as unknown as Delivery | undefined;
  }

  async #send(delivery: Delivery): Promise<void> {
    const { store, log, isAddressAllowed } = this.#parts;
    const { _id: id, listener, event_type: event, tries } = delivery;
    const present = await new EventListeners(store).byId(listener);
    const { signal } = this.#stopping;
    const problem = present && (await deliver(present, delivery.body, isAddressAllowed, signal));
    if (signal.aborted) return;
    if (problem === undefined) {
      await store.remove(deliveriesCollection, id);
      return;
    }
    const wait = retrySeconds[tries - 1];
    if (wait === undefined) {
      log.error('A listener did not get an event', { listener, event, tries, reason: problem });
      await store.remove(deliveriesCollection, id);
      return;
    }
    await this.#putOff(listener, wait);
    log.warn('A listener is told of an event later', { listener, event, wait, reason: problem });
  }

  /** All that waits for it: one that is away is asked once in a while, and not for each event. */
  async #putOff(listener: string, seconds: number): Promise<void> {
    const { store } = this.#parts;
    const due = this.#after(seconds);
    const filter = where({ listener });
    const waiting = await store.find(deliveriesCollection, { filter, fields: [] });
    const ids = waiting.map(({ _id }) => _id);
    await store.updateMany(deliveriesCollection, ids, { $set: { due } });
  }

  #after(seconds: number): Date {
    return new Date(this.#parts.now().getTime() + 1000 * seconds);
  }
}
