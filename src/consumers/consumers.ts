/** The consumers in the store: registered, changed, given other certificates, deleted. */

import type { ConsumerHolder } from '../identity/certificate-holder.ts';
import { newId } from '../stores/document.ts';
import { where } from '../stores/parse-filter.ts';
import type { Query, Store } from '../stores/store.ts';
import {
  bindingsCollection,
  type Consumer,
  type ConsumerCertificate,
  certificatesMax,
  consumerIdCharactersMax,
  consumersCollection,
  eventsCollection,
  groupsCollection,
  type JsonObject,
  profilesCollection,
} from './documents.ts';

export interface NewConsumer {
  readonly id: string;
  readonly display_name: string;
  readonly description: string | null;
  readonly notes: JsonObject;
  readonly capabilities: JsonObject;
  readonly rsa_pub: string | null;
}

/** A field that is not there stays; so does a note that is not, and one that is null goes. */
export type ConsumerDelta = Partial<Omit<NewConsumer, 'id'>>;

/** What signs certificates. */
export type Issue<Issued extends IssuedDates> = (holder: ConsumerHolder) => Promise<Issued>;

interface IssuedDates {
  readonly serial: string;
  readonly notAfter: Date;
}

/** Names of collections and actions below /v2/consumers/. */
const reservedIds: ReadonlySet<string> = new Set([
  'actions',
  'binding',
  'content',
  'profile',
  'search',
]);

/** What a new consumer's id may be, as a clause; undefined when all is well. */
export function consumerIdProblem(id: string): string | undefined {
  if (reservedIds.has(id)) return 'it is the name of something else below /v2/consumers/';
  return idProblem(id);
}

/** As {@link consumerIdProblem}, of a group. */
export function groupIdProblem(id: string): string | undefined {
  if (id === 'search') return 'it is the name of something else below /v2/consumer_groups/';
  return idProblem(id);
}

function idProblem(id: string): string | undefined {
  if (id === '') return 'it is empty';
  if (id.length > consumerIdCharactersMax) {
    return `it is longer than ${consumerIdCharactersMax} characters`;
  }
  if (id === '.' || id === '..') return 'it would be no segment of a path';
  if (id in {}) return 'it is a name that every object has';
  if (/^[.\-_A-Za-z0-9]+$/.test(id)) return undefined;
  return 'it has other characters than letters, digits, ".", "-" and "_"';
}

export class Consumers {
  readonly #store: Store;
  readonly #now: () => Date;

  /** @param store with `consumerCollections` declared */
  constructor(store: Store, now: () => Date) {
    this.#store = store;
    this.#now = now;
  }

  async byId(id: string): Promise<Consumer | undefined> {
    return asConsumer(await this.#store.get(consumersCollection, id));
  }

  async find(query: Query): Promise<readonly Consumer[]> {
    return (await this.#store.find(consumersCollection, query)) as unknown as readonly Consumer[];
  }

  /**
   * The certificate counts from when the consumer is kept, and is given to nobody before.
   *
   * @param id one that {@link consumerIdProblem} has nothing against
   * @returns undefined when the id is taken
   */
  async register<Issued extends IssuedDates>(
    { id, ...fields }: NewConsumer,
    issue: Issue<Issued>,
  ): Promise<{ readonly consumer: Consumer; readonly issued: Issued } | undefined> {
    if ((await this.byId(id)) !== undefined) return undefined;
    const record = newId();
    const issued = await issue({ kind: 'consumer', id, record });
    const result = await this.#store.insert(consumersCollection, {
      _id: id,
      record,
      ...fields,
      registered: this.#now(),
      certificates: [certificateOf(issued)],
    });
    if (result.outcome !== 'inserted') return undefined;
    // Whoever deleted one of this id may have died on the way.
    await this.#removeBelongings(id, record);
    return { consumer: result.document as unknown as Consumer, issued };
  }

  /** Undefined when there is none, or another by now. */
  async update(
    { _id: id, record }: Consumer,
    { notes, ...set }: ConsumerDelta,
  ): Promise<Consumer | undefined> {
    const result = await this.#store.update(consumersCollection, id, (document) => {
      if (document.record !== record) return undefined;
      const kept = (document as unknown as Consumer).notes;
      const changed = notes === undefined ? kept : withoutNulls({ ...kept, ...notes });
      return { ...document, ...set, notes: changed };
    });
    return result.outcome === 'updated' ? asConsumer(result.document) : undefined;
  }

  /**
   * Another certificate for the same registration.
   *
   * @param others whether those of before go on to count until they end
   * @returns undefined when the consumer is gone
   */
  async renew<Issued extends IssuedDates>(
    { _id: id, record }: Consumer,
    others: 'stay' | 'end',
    issue: Issue<Issued>,
  ): Promise<Issued | undefined> {
    const issued = await issue({ kind: 'consumer', id, record });
    const now = this.#now();
    const result = await this.#store.update(consumersCollection, id, (document) => {
      if (document.record !== record) return undefined;
      const { certificates } = document as unknown as Consumer;
      const before = others === 'end' ? [] : certificates.filter(({ until }) => until > now);
      const all = [...before, certificateOf(issued)];
      return { ...document, certificates: all.slice(-certificatesMax) };
    });
    return result.outcome === 'updated' ? issued : undefined;
  }

  /**
   * From the first step on its certificates open nothing, and the id is free. What a stop in between
   * leaves of it counts for nobody, and goes with the next registration or deletion of the id.
   *
   * @returns whether there was one
   */
  async delete(id: string): Promise<boolean> {
    const outcome = await this.#store.remove(consumersCollection, id);
    const successor = await this.byId(id);
    await this.#removeBelongings(id, successor?.record);
    if (successor === undefined) await this.#leaveGroups(id);
    return outcome === 'removed';
  }

  /** @param kept the registration whose belongings stay */
  async #removeBelongings(id: string, kept: string | undefined): Promise<void> {
    for (const collection of [bindingsCollection, profilesCollection, eventsCollection]) {
      const filter = where({ consumer_id: id });
      const found = await this.#store.find(collection, { filter, fields: ['record'] });
      const others = found.filter(({ record }) => record !== kept).map(({ _id }) => _id);
      await this.#store.removeMany(collection, others);
    }
  }

  async #leaveGroups(id: string): Promise<void> {
    const filter = where({ consumer_ids: id });
    const groups = await this.#store.find(groupsCollection, { filter, fields: [] });
    const ids = groups.map(({ _id }) => _id);
    await this.#store.updateMany(groupsCollection, ids, { $pull: { consumer_ids: id } });
  }
}

function certificateOf({ serial, notAfter: until }: IssuedDates): ConsumerCertificate {
  return { serial, until };
}

/** A note that is set to null is taken away, as Pulp's clients do it. */
export function withoutNulls(notes: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(notes).filter(([, value]) => value !== null));
}

function asConsumer(document: unknown): Consumer | undefined {
  return document as Consumer | undefined;
}
