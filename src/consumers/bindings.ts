/** Which consumers are bound to which distributors of repositories. */

import { hash } from 'node:crypto';
import type { Scalar } from '../stores/document.ts';
import { where } from '../stores/parse-filter.ts';
import { removeFound } from '../stores/remove-found.ts';
import type { Query, Store } from '../stores/store.ts';
import { addBelonging } from './belongings.ts';
import {
  type Binding,
  bindingsCollection,
  bindingsMax,
  type Consumer,
  type JsonObject,
} from './documents.ts';

/** A distributor of a repository. */
export interface BindingTarget {
  readonly repo_id: string;
  readonly distributor_id: string;
}

export interface NewBinding extends BindingTarget {
  readonly notify_agent: boolean;
  readonly binding_config: JsonObject;
  /** False where the consumer binds itself: what an operator has granted stays granted. */
  readonly is_granted: boolean;
}

/** Whose it is: a consumer of the present registration. */
export type Bound = Pick<Consumer, '_id' | 'record'>;

export class Bindings {
  readonly #store: Store;
  readonly #now: () => Date;

  /** @param store with `consumerCollections` declared */
  constructor(store: Store, now: () => Date) {
    this.#store = store;
    this.#now = now;
  }

  /**
   * Binds, or sets anew what a binding says that is there.
   *
   * @returns `full` where the consumer has {@link bindingsMax} others; `missing` when it is gone
   */
  async bind(
    { _id: consumer_id, record }: Bound,
    binding: NewBinding,
  ): Promise<Binding | 'full' | 'missing'> {
    const _id = idOf(record, binding);
    const { notify_agent, binding_config, is_granted } = binding;
    const change = {
      $set: { notify_agent, binding_config, ...(is_granted && { is_granted }) },
    };
    const changed = await this.#store.update(bindingsCollection, _id, change);
    if (changed.outcome === 'updated') return asBinding(changed.document);
    const { repo_id, distributor_id } = binding;
    const document = {
      ...{ _id, consumer_id, record, repo_id, distributor_id },
      ...{ notify_agent, binding_config, is_granted, created: this.#now() },
    };
    return addBelonging(this.#store, bindingsCollection, document, bindingsMax);
  }

  /** Undefined when there is none. */
  async one(
    { record }: Pick<Bound, 'record'>,
    target: BindingTarget,
  ): Promise<Binding | undefined> {
    const found = await this.#store.get(bindingsCollection, idOf(record, target));
    return found && asBinding(found);
  }

  /** Of the consumer, in the order of their repositories; of one repository where it is given. */
  async of({ _id: consumer_id, record }: Bound, repository?: string): Promise<readonly Binding[]> {
    const filter = where({
      consumer_id,
      ...(repository !== undefined && { repo_id: repository }),
    });
    const sort = [
      ['repo_id', 1],
      ['distributor_id', 1],
    ] as const;
    return (await this.find({ filter, sort })).filter((binding) => binding.record === record);
  }

  async find(query: Query): Promise<readonly Binding[]> {
    return (await this.#store.find(bindingsCollection, query)).map(asBinding);
  }

  /** Whether there was one. */
  async unbind({ record }: Pick<Bound, 'record'>, target: BindingTarget): Promise<boolean> {
    return (await this.#store.remove(bindingsCollection, idOf(record, target))) === 'removed';
  }

  /**
   * Ends all bindings to what goes: a repository that is made anew under the same id is another one.
   *
   * @param distributor undefined for all distributors of the repository
   */
  async removeTarget(repository: string, distributor?: string): Promise<void> {
    const fields: Readonly<Record<string, Scalar>> = {
      repo_id: repository,
      ...(distributor !== undefined && { distributor_id: distributor }),
    };
    await removeFound(this.#store, bindingsCollection, { filter: where(fields) });
  }
}

/** One for each registration, repository and distributor: no two bind the same. */
function idOf(record: string, { repo_id, distributor_id }: BindingTarget): string {
  return hash('sha256', JSON.stringify([record, repo_id, distributor_id]));
}

function asBinding(document: unknown): Binding {
  return document as Binding;
}
