/** Groups of consumers: lists of ids, to do one thing with many. They open nothing by themselves. */

import type { Query, Store } from '../stores/store.ts';
import { withoutNulls } from './consumers.ts';
import {
  type ConsumerGroup,
  groupMembersMax,
  groupsCollection,
  type JsonObject,
} from './documents.ts';

export interface NewGroup {
  readonly id: string;
  readonly display_name: string | null;
  readonly description: string | null;
  readonly notes: JsonObject;
  /** At most `groupMembersMax`. */
  readonly consumer_ids: readonly string[];
}

/** A field that is not there stays; so does a note that is not, and one that is null goes. */
export type GroupDelta = Partial<Omit<NewGroup, 'id' | 'consumer_ids'>>;

export class ConsumerGroups {
  readonly #store: Store;

  /** @param store with `consumerCollections` declared */
  constructor(store: Store) {
    this.#store = store;
  }

  async byId(id: string): Promise<ConsumerGroup | undefined> {
    return asGroup(await this.#store.get(groupsCollection, id));
  }

  async find(query: Query): Promise<readonly ConsumerGroup[]> {
    return (await this.#store.find(groupsCollection, query)) as unknown as readonly ConsumerGroup[];
  }

  /** Undefined when the id is taken. */
  async create({ id, ...fields }: NewGroup): Promise<ConsumerGroup | undefined> {
    const result = await this.#store.insert(groupsCollection, { _id: id, ...fields });
    return result.outcome === 'inserted' ? asGroup(result.document) : undefined;
  }

  /** Undefined when there is none. */
  async update(id: string, { notes, ...set }: GroupDelta): Promise<ConsumerGroup | undefined> {
    const result = await this.#store.update(groupsCollection, id, (document) => {
      const kept = (document as unknown as ConsumerGroup).notes;
      const changed = notes === undefined ? kept : withoutNulls({ ...kept, ...notes });
      return { ...document, ...set, notes: changed };
    });
    return result.outcome === 'updated' ? asGroup(result.document) : undefined;
  }

  /** @returns the group as it then is; `full` when it would have too many */
  async add(id: string, consumers: readonly string[]): Promise<ConsumerGroup | 'full' | 'missing'> {
    const result = await this.#store.update(groupsCollection, id, (document) => {
      const { consumer_ids: before } = document as unknown as ConsumerGroup;
      const all = [...new Set([...before, ...consumers])];
      return all.length > groupMembersMax ? undefined : { ...document, consumer_ids: all };
    });
    if (result.outcome === 'left') return 'full';
    return result.outcome === 'updated' ? (asGroup(result.document) ?? 'missing') : 'missing';
  }

  async take(id: string, consumers: readonly string[]): Promise<ConsumerGroup | 'missing'> {
    const gone = new Set(consumers);
    const result = await this.#store.update(groupsCollection, id, (document) => {
      const { consumer_ids: before } = document as unknown as ConsumerGroup;
      return { ...document, consumer_ids: before.filter((one) => !gone.has(one)) };
    });
    return result.outcome === 'updated' ? (asGroup(result.document) ?? 'missing') : 'missing';
  }

  /** Whether there was one. Its consumers stay as they are, with all that they are bound to. */
  async delete(id: string): Promise<boolean> {
    return (await this.#store.remove(groupsCollection, id)) === 'removed';
  }
}

function asGroup(document: unknown): ConsumerGroup | undefined {
  return document as ConsumerGroup | undefined;
}
