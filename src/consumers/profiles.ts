/** What consumers say is installed on them: kept for people and searched, and believed by nobody. */

import { hash } from 'node:crypto';
import type { Value } from '../stores/document.ts';
import { where } from '../stores/parse-filter.ts';
import type { Query, Store } from '../stores/store.ts';
import { addBelonging } from './belongings.ts';
import type { Bound } from './bindings.ts';
import { type Profile, profilesCollection, profilesMax } from './documents.ts';

export class Profiles {
  readonly #store: Store;

  /** @param store with `consumerCollections` declared */
  constructor(store: Store) {
    this.#store = store;
  }

  /**
   * Sets the profile of a type, in place of the one before.
   *
   * @returns `full` where the consumer has profiles of {@link profilesMax} other types; `missing` when
   *   it is gone
   * @throws PortcullisError DOCUMENT_INVALID for what no store keeps
   */
  async set(
    { _id: consumer_id, record }: Bound,
    content_type: string,
    profile: Value,
  ): Promise<Profile | 'full' | 'missing'> {
    const _id = idOf(record, content_type);
    const profile_hash = hashOf(profile);
    const change = { $set: { profile, profile_hash } };
    const changed = await this.#store.update(profilesCollection, _id, change);
    if (changed.outcome === 'updated') return asProfile(changed.document);
    const document = { _id, consumer_id, record, content_type, profile, profile_hash };
    return addBelonging(this.#store, profilesCollection, document, profilesMax);
  }

  async one({ record }: Pick<Bound, 'record'>, type: string): Promise<Profile | undefined> {
    const found = await this.#store.get(profilesCollection, idOf(record, type));
    return found && asProfile(found);
  }

  async of({ _id: consumer_id, record }: Bound): Promise<readonly Profile[]> {
    const sort = [['content_type', 1]] as const;
    const found = await this.find({ filter: where({ consumer_id }), sort });
    return found.filter((profile) => profile.record === record);
  }

  async find(query: Query): Promise<readonly Profile[]> {
    return (await this.#store.find(profilesCollection, query)).map(asProfile);
  }

  /** Whether there was one. */
  async remove({ record }: Pick<Bound, 'record'>, type: string): Promise<boolean> {
    return (await this.#store.remove(profilesCollection, idOf(record, type))) === 'removed';
  }
}

/** The same for equal profiles, in whatever order their names were sent. */
function hashOf(profile: Value): string {
  return hash('sha256', JSON.stringify(sorted(profile)));
}

function sorted(value: Value): Value {
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (isList(value)) return value.map(sorted);
  const entries = Object.entries(value).map(([name, one]) => [name, sorted(one)] as const);
  return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

function idOf(record: string, type: string): string {
  return hash('sha256', JSON.stringify([record, type]));
}

function asProfile(document: unknown): Profile {
  return document as Profile;
}
