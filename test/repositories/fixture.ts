/** What the tests of repositories have in common: a store that is empty, of each kind. */

import { after, afterEach, before, beforeEach, describe } from 'node:test';
import { repositoryCollections, type Unit } from '../../src/repositories/documents.ts';
import type { NewUnit } from '../../src/repositories/new-unit.ts';
import type { Units } from '../../src/repositories/units.ts';
import { openStore, type StoreSettings } from '../../src/stores/open.ts';
import type { Store } from '../../src/stores/store.ts';
import type { StoreHost } from '../contracts/store-fixture.ts';
import { storeContracts } from '../tasks/fixture.ts';

export interface GivenStores {
  readonly store: Store;
  /** The same store, as another process would open it. */
  open(): Promise<Store>;
}

export function openRepositoryStore(settings: StoreSettings): Promise<Store> {
  return openStore({ settings, access: 'write', collections: repositoryCollections });
}

/** Has `test` add its tests, each with an empty store, on every store. */
export function describeOnStores(title: string, test: (given: () => GivenStores) => void): void {
  for (const contract of storeContracts) {
    describe(`${title} on ${contract.name}`, { skip: contract.skip }, () => {
      let host: StoreHost;
      let stores: GivenStores;
      before(async () => {
        host = await contract.host();
      });
      beforeEach(async () => {
        const settings = host.settings();
        const open = () => openRepositoryStore(settings);
        stores = { store: await open(), open };
      });
      afterEach(() => stores.store.close());
      after(() => host[Symbol.asyncDispose]());
      test(() => stores);
    });
  }
}

/** A clock that stands still until it is told. */
export class Clock {
  #milliseconds = Date.UTC(2026, 0, 1);

  readonly now = (): Date => new Date(this.#milliseconds);

  advance(seconds: number): void {
    this.#milliseconds += seconds * 1000;
  }
}

export function newRpm(name: string, more: Partial<NewUnit> = {}): NewUnit {
  return {
    type: 'rpm',
    fields: { name, version: '1', checksum: `${name}-1` },
    unitKey: ['name', 'version', 'checksum'],
    artifact: { sha256: 'a'.repeat(64), size: 7, filename: `${name}.rpm` },
    ...more,
  };
}

/** A unit as an import leaves it. */
export async function addUnit(units: Units, given: NewUnit, repository?: string): Promise<Unit> {
  const { unit } = await units.insertPending(given);
  await units.settle(unit._id, repository);
  return unit;
}

export async function gather<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const gathered: Item[] = [];
  for await (const item of items) gathered.push(item);
  return gathered;
}
