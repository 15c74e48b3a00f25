/** Copies and removals of so many units, by tasks that are begun again. */

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, describe, it } from 'node:test';
import { unitsCollection } from '../../src/repositories/documents.ts';
import { Units } from '../../src/repositories/units.ts';
import { associateSubmission, createAssociateKind } from '../../src/repository-tasks/associate.ts';
import type { RepositoryTaskParts } from '../../src/repository-tasks/parts.ts';
import {
  createUnassociateKind,
  unassociateSubmission,
} from '../../src/repository-tasks/unassociate.ts';
import type { Store } from '../../src/stores/store.ts';
import type { RunningTask, TaskKind } from '../../src/tasks/kind.ts';
import type { Submission } from '../../src/tasks/queue.ts';
import type { StoreHost } from '../contracts/store-fixture.ts';
import { type OpenedStorage, openedStorage } from '../storage/opened.ts';
import { silent, storeContracts } from '../tasks/fixture.ts';
import { addFileRepository, openTaskStore, taskSettings } from './repository-tasks.ts';

/** More than one batch of units is chosen, and some stay. */
const present = 230;
const limit = 150;
const now = (): Date => new Date();

// What is held here is of no store; the other one needs minutes for so many units.
const contracts = storeContracts.filter(({ name }) => name === 'sqlite');

for (const contract of contracts) {
  describe(`limits of units on ${contract.name}`, { skip: contract.skip }, () => {
    let host: StoreHost;
    let opened: OpenedStorage;
    let store: Store;
    let units: Units;
    let ids: readonly string[];
    let from = '';
    let to = '';
    before(async () => {
      host = await contract.host();
      opened = await openedStorage();
      store = await openTaskStore(host.settings());
      units = new Units(store, now);
      ids = await addUnits(units);
    });
    beforeEach(async () => {
      [from, to] = [randomUUID(), randomUUID()];
      for (const id of [from, to]) await addFileRepository(store, id);
      await units.associate(ids, from);
    });
    after(async () => {
      await store.close();
      opened[Symbol.dispose]();
      await host[Symbol.asyncDispose]();
    });

    const partsOn = async (used: Store): Promise<RepositoryTaskParts> => {
      const settings = await taskSettings(opened.directory);
      return { store: used, storage: opened.storage, settings, log: silent, now };
    };
    const countOf = async (id: string) => (await units.countsOf(id, ['iso'])).iso ?? 0;
    const removal = (more: object = {}) =>
      unassociateSubmission({ repository: from, criteria: { limit, skip: 20, ...more } });
    const run = async (
      create: (parts: RepositoryTaskParts) => TaskKind,
      submission: Submission,
      { attempt = 1, used = store, stopAfter = Number.POSITIVE_INFINITY } = {},
    ) => {
      const stop = new AbortController();
      let steps = 0;
      const task = {
        ...{ taskId: 'one', name: submission.name, arguments: submission.arguments ?? {} },
        ...{ tags: [], attempt, signal: stop.signal, log: silent },
        progress: () => {
          steps += 1;
          if (steps >= stopAfter) stop.abort();
        },
        confirm: async () => {},
      };
      return create(await partsOn(used)).run(task as unknown as RunningTask);
    };

    it('a removal that is begun again between batches takes out no more than its limit', async () => {
      // The second attempt stops after what the first one had chosen.
      for (const attempt of [1, 2]) {
        const stopped = run(createUnassociateKind, removal(), { attempt, stopAfter: 1 });
        await assert.rejects(stopped, { name: 'AbortError' });
        assert.equal(await countOf(from), present - 100);
      }
      for (const attempt of [3, 4]) {
        await run(createUnassociateKind, removal(), { attempt });
        assert.equal(await countOf(from), present - limit);
      }
    });

    for (const isDone of [false, true]) {
      const when = isDone ? 'after' : 'before';
      it(`a removal that dies ${when} it has taken units out takes out no more than its limit`, async () => {
        const sort = { unit: [['name', 'descending'] as ['name', 'descending']] };
        const dying = failing(store, isDone);
        const died = run(createUnassociateKind, removal({ sort }), { used: dying });
        await assert.rejects(died, { message: 'The power is gone' });
        await run(createUnassociateKind, removal({ sort }), { attempt: 2 });
        assert.equal(await countOf(from), present - limit);
      });
    }

    it('a copy that is begun again copies no more than its limit', async () => {
      const copy = associateSubmission({
        ...{ repository: to, source: from, criteria: { limit } },
      });
      const stopped = run(createAssociateKind, copy, { stopAfter: 1 });
      await assert.rejects(stopped, { name: 'AbortError' });
      assert.equal(await countOf(to), 100);
      for (const attempt of [2, 3]) {
        await run(createAssociateKind, copy, { attempt });
        assert.equal(await countOf(to), limit);
      }
    });
  });
}

/** Units of no repository. @returns their ids */
async function addUnits(units: Units): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let index = 0; index < present; index += 1) {
    const fields = { name: `f${index}`, checksum: String(index), size: 1 };
    const unitKey = ['name', 'checksum', 'size'];
    const { unit } = await units.insertPending({ type: 'iso', fields, unitKey, artifact: null });
    ids.push(unit._id);
  }
  return ids;
}

/** The same store, whose second change of many units fails, once it is made or before. */
function failing(store: Store, isDone: boolean): Store {
  let calls = 0;
  const updateMany: Store['updateMany'] = async (collection, ids, change) => {
    calls += collection === unitsCollection ? 1 : 0;
    if (calls < 2) return store.updateMany(collection, ids, change);
    if (isDone) await store.updateMany(collection, ids, change);
    throw new Error('The power is gone');
  };
  return new Proxy(store, {
    get: (target, name) => {
      if (name === 'updateMany') return updateMany;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
