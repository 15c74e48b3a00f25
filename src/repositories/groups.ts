/** Groups of repositories: one document each, with its members and what it publishes. */

import type { Document, StoredDocument } from '../stores/document.ts';
import { everything } from '../stores/filter.ts';
import { where } from '../stores/parse-filter.ts';
import type { Query, Store } from '../stores/store.ts';
import { type JsonObject, repositoryGroupsCollection } from './documents.ts';
import { repositoryLimits } from './limits.ts';
import { mergeObject } from './merge.ts';

export interface RepositoryGroup extends StoredDocument {
  /** The `id` of the API. */
  readonly _id: string;
  readonly display_name: string | null;
  readonly description: string | null;
  readonly notes: JsonObject;
  readonly scratchpad: JsonObject;
  /** In the order of the ids, each once. */
  readonly repo_ids: readonly string[];
  readonly distributors: readonly GroupDistributor[];
}

export type GroupDistributor = {
  readonly id: string;
  readonly distributor_type_id: string;
  readonly config: JsonObject;
  readonly scratchpad: JsonObject;
  readonly last_publish: Date | null;
};

export type NewGroup = Pick<
  RepositoryGroup,
  'display_name' | 'description' | 'notes' | 'repo_ids' | 'distributors'
> & { readonly id: string };

export interface GroupDelta {
  readonly display_name?: string | null;
  readonly description?: string | null;
  /** A name with null is taken away. */
  readonly notes?: JsonObject;
}

export type GroupUpdate =
  | { readonly outcome: 'updated'; readonly group: RepositoryGroup }
  | { readonly outcome: 'missing' }
  /** It would have more than `repositoryLimits.groupRepositoriesMax` repositories, or too many distributors. */
  | { readonly outcome: 'full' }
  /** It has a distributor of this id. */
  | { readonly outcome: 'duplicate' };

/** The group as it shall be, or why it stays. */
type GroupChange = (group: RepositoryGroup) => RepositoryGroup | 'full' | 'duplicate' | 'missing';

export class RepositoryGroups {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async create({ id, ...given }: NewGroup): Promise<RepositoryGroup | 'duplicate' | 'full'> {
    const repo_ids = sortedSet(given.repo_ids);
    if (isTooMuch({ ...given, repo_ids })) return 'full';
    const document = { ...given, _id: id, repo_ids, scratchpad: {} };
    const result = await this.#store.insert(repositoryGroupsCollection, document);
    if (result.outcome === 'duplicate') return 'duplicate';
    return result.document as unknown as RepositoryGroup;
  }

  async byId(id: string): Promise<RepositoryGroup | undefined> {
    const document = await this.#store.get(repositoryGroupsCollection, id);
    return document as unknown as RepositoryGroup | undefined;
  }

  /** In the names of {@link RepositoryGroup}; all without a query. */
  async find(query: Query = { filter: everything }): Promise<readonly RepositoryGroup[]> {
    const documents = await this.#store.find(repositoryGroupsCollection, query);
    return documents as unknown as readonly RepositoryGroup[];
  }

  describe(id: string, { notes = {}, ...delta }: GroupDelta): Promise<GroupUpdate> {
    return this.#update(id, (group) => ({
      ...group,
      ...delta,
      notes: mergeObject(group.notes, notes),
    }));
  }

  /** Whether these repositories are there is the caller's to know. */
  associate(id: string, repositories: readonly string[]): Promise<GroupUpdate> {
    return this.#update(id, (group) => {
      const repo_ids = sortedSet([...group.repo_ids, ...repositories]);
      return isTooMuch({ ...group, repo_ids }) ? 'full' : { ...group, repo_ids };
    });
  }

  unassociate(id: string, repositories: readonly string[]): Promise<GroupUpdate> {
    const gone = new Set(repositories);
    return this.#update(id, (group) => ({
      ...group,
      repo_ids: group.repo_ids.filter((repository) => !gone.has(repository)),
    }));
  }

  addDistributor(id: string, distributor: GroupDistributor): Promise<GroupUpdate> {
    return this.#update(id, (group) => {
      if (group.distributors.some((other) => other.id === distributor.id)) return 'duplicate';
      const distributors = [...group.distributors, distributor];
      return isTooMuch({ ...group, distributors }) ? 'full' : { ...group, distributors };
    });
  }

  /** `missing` as well when the group has no such distributor. */
  updateDistributor(
    id: string,
    distributorId: string,
    change: (distributor: GroupDistributor) => GroupDistributor,
  ): Promise<GroupUpdate> {
    return this.#update(id, (group) => {
      if (!group.distributors.some((distributor) => distributor.id === distributorId)) {
        return 'missing';
      }
      const distributors = group.distributors.map((distributor) =>
        distributor.id === distributorId ? change(distributor) : distributor,
      );
      return { ...group, distributors };
    });
  }

  /** `missing` as well when the group has no such distributor. */
  removeDistributor(id: string, distributorId: string): Promise<GroupUpdate> {
    return this.#update(id, (group) => {
      const distributors = group.distributors.filter(
        (distributor) => distributor.id !== distributorId,
      );
      return distributors.length === group.distributors.length
        ? 'missing'
        : { ...group, distributors };
    });
  }

  /** @returns false when there was none */
  async remove(id: string): Promise<boolean> {
    return (await this.#store.remove(repositoryGroupsCollection, id)) === 'removed';
  }

  /** Takes a repository that is deleted out of all groups. */
  async forgetRepository(repository: string): Promise<void> {
    const filter = where({ repo_ids: repository });
    const groups = await this.#store.find(repositoryGroupsCollection, { filter, fields: [] });
    const ids = groups.map(({ _id }) => _id);
    const change = { $pull: { repo_ids: repository } };
    await this.#store.updateMany(repositoryGroupsCollection, ids, change);
  }

  async #update(id: string, change: GroupChange): Promise<GroupUpdate> {
    let refused: 'full' | 'duplicate' | 'missing' = 'missing';
    const result = await this.#store.update(repositoryGroupsCollection, id, (document) => {
      const changed = change(document as unknown as RepositoryGroup);
      if (typeof changed !== 'string') return changed as Document;
      refused = changed;
      return undefined;
    });
    if (result.outcome !== 'updated') return { outcome: refused };
    return { outcome: 'updated', group: result.document as unknown as RepositoryGroup };
  }
}

function isTooMuch({
  repo_ids,
  distributors,
}: Pick<RepositoryGroup, 'repo_ids' | 'distributors'>): boolean {
  const { groupRepositoriesMax, distributorsMax } = repositoryLimits;
  return repo_ids.length > groupRepositoriesMax || distributors.length > distributorsMax;
}

function sortedSet(ids: readonly string[]): readonly string[] {
  return [...new Set(ids)].sort();
}
