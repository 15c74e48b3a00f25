/** Repositories with their importer and distributors: one document each, so that a change is one. */

import type { Document } from '../stores/document.ts';
import type { Query, Store } from '../stores/store.ts';
import {
  type Distributor,
  type Importer,
  type JsonObject,
  type Repository,
  repositoriesCollection,
} from './documents.ts';
import { mergeObject } from './merge.ts';
import {
  distributorOf,
  distributorRefusal,
  type NewDistributor,
  type NewImporter,
  newDistributor,
  newImporter,
} from './repository-parts.ts';
import {
  type DistributorUpdate,
  distributorUpdate,
  type RepositoryUpdate,
} from './repository-update.ts';

export interface NewRepository {
  /** What {@link repositoryIdProblem} finds nothing wrong with. */
  readonly id: string;
  readonly display_name: string | null;
  readonly description: string | null;
  readonly notes: JsonObject;
  readonly importer?: NewImporter;
  readonly distributors?: readonly NewDistributor[];
}

export interface RepositoryDelta {
  readonly display_name?: string | null;
  readonly description?: string | null;
  /** A name with null is taken away. */
  readonly notes?: JsonObject;
}

/** The repository as it shall be; undefined to leave it. It may be called more than once. */
export type RepositoryChange = (repository: Repository) => Repository | undefined;

/** The distributor as it shall be. It may be called more than once. */
export type DistributorChange = (distributor: Distributor) => Distributor;

export class Repositories {
  readonly #store: Store;
  readonly #now: () => Date;

  constructor(store: Store, now: () => Date) {
    this.#store = store;
    this.#now = now;
  }

  /** Undefined when there is one of this id. @throws PortcullisError DOCUMENT_INVALID, STORE_… */
  async create(given: NewRepository): Promise<Repository | undefined> {
    const { id, importer, distributors = [], ...described } = given;
    const result = await this.#store.insert(repositoriesCollection, {
      ...described,
      _id: id,
      scratchpad: {},
      content_unit_counts: {},
      last_unit_added: null,
      last_unit_removed: null,
      content_revision: 0,
      importer: importer === undefined ? null : newImporter(importer),
      distributors: distributors.map(newDistributor),
    });
    return result.outcome === 'inserted' ? (result.document as unknown as Repository) : undefined;
  }

  async byId(id: string): Promise<Repository | undefined> {
    const document = await this.#store.get(repositoriesCollection, id);
    return document as unknown as Repository | undefined;
  }

  /** In the names of {@link Repository}; with `fields`, those alone. */
  async find(query: Query): Promise<readonly Repository[]> {
    const documents = await this.#store.find(repositoriesCollection, query);
    return documents as unknown as readonly Repository[];
  }

  /** Changes of one repository are made one after the other, whoever makes them. */
  async update(id: string, change: RepositoryChange): Promise<RepositoryUpdate> {
    const result = await this.#store.update(repositoriesCollection, id, (document) => {
      // The version is not known here: the change is computed anew when somebody was faster.
      const changed = change({ ...document, _id: id, _version: 0 } as unknown as Repository);
      if (changed === undefined) return undefined;
      const { _id, _version, ...fields } = changed;
      return fields as Document;
    });
    if (result.outcome === 'updated') {
      return { outcome: 'updated', repository: result.document as unknown as Repository };
    }
    return { outcome: result.outcome === 'left' ? 'left' : 'missing' };
  }

  describe(id: string, { notes = {}, ...delta }: RepositoryDelta): Promise<RepositoryUpdate> {
    return this.update(id, (repository) => ({
      ...repository,
      ...delta,
      notes: mergeObject(repository.notes, notes),
    }));
  }

  async remove(id: string): Promise<void> {
    await this.#store.remove(repositoriesCollection, id);
  }

  /** In the place of any other. */
  setImporter(id: string, importer: NewImporter): Promise<RepositoryUpdate> {
    return this.update(id, (repository) => ({
      ...repository,
      importer: { ...newImporter(importer), last_updated: this.#now() },
    }));
  }

  /** `left` when it has none, or one of another type. */
  updateImporter(
    id: string,
    typeId: string,
    change: (importer: Importer) => Importer,
  ): Promise<RepositoryUpdate> {
    return this.update(id, (repository) => {
      const { importer } = repository;
      if (importer?.importer_type_id !== typeId) return undefined;
      return { ...repository, importer: change(importer) };
    });
  }

  /** `left` when it has none of this type. */
  removeImporter(id: string, typeId: string): Promise<RepositoryUpdate> {
    return this.update(id, (repository) =>
      repository.importer?.importer_type_id === typeId
        ? { ...repository, importer: null }
        : undefined,
    );
  }

  /** Of two of the same id at once, one is added. */
  async addDistributor(id: string, distributor: NewDistributor): Promise<DistributorUpdate> {
    let refused: 'duplicate' | 'full' | undefined;
    const added = { ...newDistributor(distributor), last_updated: this.#now() };
    const result = await this.update(id, (repository) => {
      const { distributors } = repository;
      refused = distributorRefusal(distributors, distributor.id);
      return refused === undefined
        ? { ...repository, distributors: [...distributors, added] }
        : undefined;
    });
    if (refused !== undefined && result.outcome === 'left') return { outcome: refused };
    return distributorUpdate(result, distributor.id);
  }

  async updateDistributor(
    id: string,
    distributorId: string,
    change: DistributorChange,
  ): Promise<DistributorUpdate> {
    const result = await this.update(id, (repository) => {
      if (distributorOf(repository, distributorId) === undefined) return undefined;
      const distributors = repository.distributors.map((distributor) =>
        distributor.id === distributorId ? change(distributor) : distributor,
      );
      return { ...repository, distributors };
    });
    return distributorUpdate(result, distributorId);
  }

  /** `left` when it has none of this id. */
  removeDistributor(id: string, distributorId: string): Promise<RepositoryUpdate> {
    return this.update(id, (repository) => {
      const others = repository.distributors.filter(
        (distributor) => distributor.id !== distributorId,
      );
      if (others.length === repository.distributors.length) return undefined;
      return { ...repository, distributors: others };
    });
  }
}
