/** The two writes that each unit of a sync costs, made for many units at once. */

import { type Unit, unitsCollection } from '../repositories/documents.ts';
import { type NewUnit, newUnit } from '../repositories/new-unit.ts';
import type { InsertedUnit, Units } from '../repositories/units.ts';
import type { Store } from '../stores/store.ts';
import { Groups } from './groups.ts';

export interface UnitGroupsParts {
  readonly store: Store;
  readonly units: Units;
  readonly now: () => Date;
}

export class UnitGroups {
  readonly #inserts: Groups<NewUnit, InsertedUnit>;
  readonly #settlements: Groups<string, boolean>;

  constructor(parts: UnitGroupsParts) {
    this.#inserts = new Groups((all) => insertAll(parts, all));
    this.#settlements = new Groups((ids) => settleAll(parts, ids));
  }

  /** As {@link Units.insertPending}. */
  insertPending(given: NewUnit): Promise<InsertedUnit> {
    return this.#inserts.add(given);
  }

  /** As {@link Units.settle} without a repository. @returns false when somebody has removed the unit */
  settle(id: string): Promise<boolean> {
    return this.#settlements.add(id);
  }
}

async function insertAll(
  { store, units, now }: UnitGroupsParts,
  all: readonly NewUnit[],
): Promise<readonly InsertedUnit[]> {
  const documents = all.map((given) => newUnit(given, now()));
  const results = await store.insertMany(unitsCollection, documents);
  const inserted: InsertedUnit[] = [];
  for (const [index, given] of all.entries()) {
    const result = results[index];
    inserted.push(
      result?.outcome === 'inserted'
        ? { isNew: true, unit: result.document as unknown as Unit }
        : await insertedBefore(units, given),
    );
  }
  return inserted;
}

/** One of the same key is there, unless somebody has removed it in between. */
async function insertedBefore(units: Units, given: NewUnit): Promise<InsertedUnit> {
  const unit = await units.byKey(given.type, given.fields, given.unitKey);
  return unit === undefined ? units.insertPending(given) : { isNew: false, unit };
}

async function settleAll(
  { store }: UnitGroupsParts,
  ids: readonly string[],
): Promise<readonly boolean[]> {
  const results = await store.updateMany(unitsCollection, ids, (unit) =>
    unit.is_pending === false ? undefined : { ...unit, is_pending: false },
  );
  return results.map(({ outcome }) => outcome !== 'missing');
}
