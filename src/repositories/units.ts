/**
 * Units and the repositories that have them, one document each.
 *
 * A unit with a file comes in three steps: {@link Units.insertPending}, then `artifacts.keep` of the storage,
 * then {@link Units.settle}, which lets it into a repository as well. It goes in two: {@link Units.removeOrphan},
 * then `artifacts.removeUnless` with {@link Units.isArtifactReferred}. Whoever finds a unit that is pending does
 * the three steps as well: none of them harms when it is done twice. Whoever finds it gone begins again.
 */

import { inBatches } from '../stores/batches.ts';
import type { Document } from '../stores/document.ts';
import { everything } from '../stores/filter.ts';
import { parseFilter, where } from '../stores/parse-filter.ts';
import type { Query, RemoveResult, Store, UpdateResult } from '../stores/store.ts';
import { type JsonObject, type Unit, unitsCollection } from './documents.ts';
import { withMembership, withoutMembership } from './memberships.ts';
import { type NewUnit, newUnit } from './new-unit.ts';
import { keyDigest } from './unit-digests.ts';
import { type PageOptions, pageThrough, unitsPage } from './unit-pages.ts';

export interface InsertedUnit {
  /** False when there was one of the same key: then `unit` is that one. */
  readonly isNew: boolean;
  readonly unit: Unit;
}

export interface ChangedUnits {
  /** The ids of those that came into the repository, or left it. */
  readonly changed: readonly string[];
  /** The ids of those that are not there any more. */
  readonly missing: readonly string[];
}

/** Units of one call of the store. */
const unitsOfCall = 1000;

export class Units {
  readonly #store: Store;
  readonly #now: () => Date;

  constructor(store: Store, now: () => Date) {
    this.#store = store;
    this.#now = now;
  }

  async byId(id: string): Promise<Unit | undefined> {
    return (await this.#store.get(unitsCollection, id)) as unknown as Unit | undefined;
  }

  /** @param unitKey the names of the fields of the key */
  async byKey(
    typeId: string,
    fields: JsonObject,
    unitKey: readonly string[],
  ): Promise<Unit | undefined> {
    const key = where({ key_digest: keyDigest(typeId, fields, unitKey) });
    return (await this.find({ filter: key }))[0];
  }

  /** In the names of {@link Unit}; with `fields`, those alone. */
  async find(query: Query): Promise<readonly Unit[]> {
    return (await this.#store.find(unitsCollection, query)) as unknown as readonly Unit[];
  }

  /**
   * Adds a unit that is in no repository, and pending if it has an artifact.
   *
   * @throws PortcullisError DOCUMENT_INVALID for one that is too large, or has a name that no store keeps
   */
  async insertPending(given: NewUnit): Promise<InsertedUnit> {
    const document = newUnit(given, this.#now());
    for (;;) {
      const result = await this.#store.insert(unitsCollection, document);
      if (result.outcome === 'inserted') {
        return { isNew: true, unit: result.document as unknown as Unit };
      }
      const unit = await this.byKey(given.type, given.fields, given.unitKey);
      // Somebody removed it in between.
      if (unit !== undefined) return { isNew: false, unit };
    }
  }

  /**
   * Says that the artifact is in the storage, and lets the unit into a repository, in one change.
   *
   * @param repository undefined for none
   * @returns undefined when somebody has removed the unit: begin again
   */
  async settle(
    id: string,
    repository: string | undefined,
  ): Promise<{ readonly isAdded: boolean } | undefined> {
    const now = this.#now();
    let isAdded = false;
    const result = await this.#store.update(unitsCollection, id, (document) => {
      const added =
        repository === undefined ? undefined : withMembership(document, repository, now);
      isAdded = added !== undefined;
      if (added === undefined && document.is_pending === false) return undefined;
      return { ...(added ?? document), is_pending: false };
    });
    return result.outcome === 'missing' ? undefined : { isAdded };
  }

  /** Lets units into a repository; those that it has stay. */
  associate(ids: readonly string[], repository: string): Promise<ChangedUnits> {
    const now = this.#now();
    return this.#changeMany(ids, (document) => withMembership(document, repository, now));
  }

  /** Takes units out of a repository; who is in no other is an orphan then. */
  dissociate(ids: readonly string[], repository: string): Promise<ChangedUnits> {
    return this.#changeMany(ids, (document) => withoutMembership(document, repository));
  }

  /** The units of a type in a repository, in the order of their ids; few of them are in memory. */
  ofRepository(repository: string, typeId: string, options?: PageOptions): AsyncGenerator<Unit> {
    const filter = where({ repositories: repository, type: typeId });
    return pageThrough(this.#store, filter, options);
  }

  /** How many units of each type a repository has; types of which it has none are left out. */
  async countsOf(
    repository: string,
    typeIds: readonly string[],
  ): Promise<{ readonly [typeId: string]: number }> {
    const counts: [string, number][] = [];
    for (const type of typeIds) {
      const filter = where({ repositories: repository, type });
      counts.push([type, await this.#store.count(unitsCollection, filter)]);
    }
    return Object.fromEntries(counts.filter(([, count]) => count > 0));
  }

  /** How many units of a type are in no repository. Those that are pending count. */
  countOrphans(typeId: string): Promise<number> {
    return this.#store.count(unitsCollection, where({ is_orphan: true, type: typeId }));
  }

  /** In the order of their ids; few of them are in memory. Those that are pending are left out. */
  async *orphans(typeId: string): AsyncGenerator<Unit> {
    const orphans = where({ is_orphan: true, type: typeId });
    for await (const unit of pageThrough(this.#store, orphans)) if (!unit.is_pending) yield unit;
  }

  /**
   * Removes a unit that is in no repository.
   *
   * @param version that it must still have: whoever lets it into a repository meanwhile has changed it
   */
  async removeOrphan({ _id, _version, repositories }: Unit): Promise<RemoveResult> {
    if (repositories.length > 0) return 'conflict';
    return this.#store.remove(unitsCollection, _id, _version);
  }

  /** Units that became pending before `before`, a page of them: whoever was at it is dead. */
  async stalePending(before: Date): Promise<readonly Unit[]> {
    const filter = parseFilter({ is_pending: true, created: { $lt: before } });
    return this.find({ filter, limit: unitsPage });
  }

  /** Whether a unit has the artifact, or is about to. */
  async isArtifactReferred(sha256: string): Promise<boolean> {
    return (await this.#store.count(unitsCollection, where({ 'artifact.sha256': sha256 }))) > 0;
  }

  /** All units there are. */
  count(): Promise<number> {
    return this.#store.count(unitsCollection, everything);
  }

  async #changeMany(
    ids: readonly string[],
    change: (document: Document) => Document | undefined,
  ): Promise<ChangedUnits> {
    const outcomes = await inBatches(ids, unitsOfCall, async (batch) => {
      const results = await this.#store.updateMany(unitsCollection, batch, change);
      return results.map(({ outcome }) => outcome);
    });
    const those = (outcome: UpdateResult['outcome']) =>
      ids.filter((_, index) => outcomes[index] === outcome);
    return { changed: those('updated'), missing: those('missing') };
  }
}
