/** The policies of the store, as they are changed over the API. */

import { catchUp, nextOrder } from '../stores/change-order.ts';
import { everything } from '../stores/filter.ts';
import { parseFilter, where } from '../stores/parse-filter.ts';
import type { Store } from '../stores/store.ts';
import {
  policyOrders,
  type StoredAccess,
  type StoredPolicy,
  storedAccess,
  storedPolicies,
} from './documents.ts';

/** What a tree is saved with. */
export interface NewTree {
  /** As JSON. */
  readonly tree: string;
  /** The names that it refers to, each once. */
  readonly uses: readonly string[];
  /** The login of who saves it. */
  readonly by: string;
}

/** Who refers to a policy: names of others, and relative URLs of distributions. */
export interface PolicyUsers {
  readonly policies: readonly string[];
  readonly distributions: readonly string[];
}

/** Users of a policy that are looked up of each kind. */
const policyUsersMax = 1000;

export class StoredPolicies {
  readonly #store: Store;
  readonly #now: () => Date;

  constructor(store: Store, now: () => Date) {
    this.#store = store;
    this.#now = now;
  }

  async all(): Promise<readonly StoredPolicy[]> {
    const documents = await this.#store.find(storedPolicies, { filter: everything });
    return documents as unknown as readonly StoredPolicy[];
  }

  count(): Promise<number> {
    return this.#store.count(storedPolicies, everything);
  }

  async byName(name: string): Promise<StoredPolicy | undefined> {
    const document = await this.#store.get(storedPolicies, name);
    return document as unknown as StoredPolicy | undefined;
  }

  /** Undefined when the name is taken. */
  async create(
    name: string,
    policy: NewTree & Pick<StoredPolicy, 'description'>,
  ): Promise<StoredPolicy | undefined> {
    const document = { _id: name, ...policy, ...(await this.#changed()) };
    const result = await this.#store.insert(storedPolicies, document);
    await catchUp(this.#store, policyOrders, {
      collection: storedPolicies,
      id: name,
      order: document.order,
    });
    return result.outcome === 'inserted' ? (result.document as unknown as StoredPolicy) : undefined;
  }

  /** Undefined when there is none of that name. */
  async update(
    name: string,
    change: Partial<NewTree & Pick<StoredPolicy, 'description'>> & Pick<NewTree, 'by'>,
  ): Promise<StoredPolicy | undefined> {
    const fields = { ...change, ...(await this.#changed()) };
    const result = await this.#store.update(storedPolicies, name, { $set: fields });
    await catchUp(this.#store, policyOrders, {
      collection: storedPolicies,
      id: name,
      order: fields.order,
    });
    return result.outcome === 'updated' ? (result.document as unknown as StoredPolicy) : undefined;
  }

  /** Whoever refers to it by then lets nobody in: see `usersOf`. */
  async remove(name: string): Promise<'removed' | 'missing'> {
    const outcome = await this.#store.remove(storedPolicies, name);
    return outcome === 'removed' ? 'removed' : 'missing';
  }

  /** Who refers to any of `names` in the store. */
  async usersOf(names: readonly string[]): Promise<PolicyUsers> {
    const filter = parseFilter({ uses: { $in: names } });
    const query = { filter, limit: policyUsersMax };
    const policies = await this.#store.find(storedPolicies, { ...query, fields: ['by'] });
    const access = await this.#store.find(storedAccess, { ...query, fields: ['distribution'] });
    return {
      policies: policies.map(({ _id }) => _id),
      distributions: access.map(({ distribution }) => String(distribution)),
    };
  }

  async allAccess(): Promise<readonly StoredAccess[]> {
    const documents = await this.#store.find(storedAccess, { filter: everything });
    return documents as unknown as readonly StoredAccess[];
  }

  async accessOf(distribution: string): Promise<StoredAccess | undefined> {
    const [document] = await this.#store.find(storedAccess, {
      filter: where({ distribution }),
      limit: 1,
    });
    return document as unknown as StoredAccess | undefined;
  }

  async setAccess(distribution: string, access: NewTree): Promise<StoredAccess> {
    const fields = { ...access, ...(await this.#changed()) };
    // Of two that set it first, one inserts and the other changes what it did.
    for (;;) {
      const known = await this.accessOf(distribution);
      const result =
        known === undefined
          ? await this.#store.insert(storedAccess, { distribution, ...fields })
          : await this.#store.update(storedAccess, known._id, { $set: fields });
      if (!('document' in result)) continue;
      const set = result.document as unknown as StoredAccess;
      await catchUp(this.#store, policyOrders, {
        collection: storedAccess,
        id: set._id,
        order: set.order,
      });
      return set;
    }
  }

  async clearAccess(distribution: string): Promise<'removed' | 'missing'> {
    const known = await this.accessOf(distribution);
    if (known === undefined) return 'missing';
    const outcome = await this.#store.remove(storedAccess, known._id);
    return outcome === 'removed' ? 'removed' : 'missing';
  }

  async #changed(): Promise<{ readonly changed: Date; readonly order: number }> {
    return { changed: this.#now(), order: await nextOrder(this.#store, policyOrders) };
  }
}
