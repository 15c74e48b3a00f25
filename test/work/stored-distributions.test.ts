/** Reading what changed alone, which has to come to the same as reading everything. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { DistributionClaim } from '../../src/repositories/distribution-claim.ts';
import { distributionOrders } from '../../src/repositories/distribution-order.ts';
import { Distributions } from '../../src/repositories/distributions.ts';
import {
  distributionsCollection,
  repositoryCollections,
} from '../../src/repositories/documents.ts';
import { lateOrdersMax, nextOrder } from '../../src/stores/change-order.ts';
import type { Store } from '../../src/stores/store.ts';
import { StoredDistributions } from '../../src/work/stored-distributions.ts';
import { open } from '../contracts/store-fixture.ts';
import { sqliteHost } from '../stores/sqlite/host.ts';

interface Given {
  readonly store: Store;
  readonly distributions: Distributions;
  readonly follower: Follower;
}

/** What somebody knows who reads the changes alone. */
class Follower {
  readonly #stored: StoredDistributions;
  readonly known = new Map<string, string | null>();
  /** Documents that were read as a whole. */
  wholes = 0;

  constructor(store: Store) {
    const find: Store['find'] = async (collection, query) => {
      const found = await store.find(collection, query);
      if (query.fields === undefined) this.wholes += found.length;
      return found;
    };
    this.#stored = new StoredDistributions({
      find,
      get: (...asked) => store.get(...asked),
      count: (...asked) => store.count(...asked),
    });
  }

  async follow(): Promise<ReadonlyMap<string, string | null>> {
    const { changed, gone } = await this.#stored.read();
    for (const id of gone) this.known.delete(id);
    for (const { _id, publication } of changed) this.known.set(_id, publication);
    return this.known;
  }
}

async function withStore(test: (given: Given) => Promise<void>): Promise<void> {
  await using host = await sqliteHost();
  await using store = await open(host.settings(), { collections: repositoryCollections });
  const distributions = new Distributions(store, () => new Date());
  await test({ store, distributions, follower: new Follower(store) });
}

const claimOf = (relative_url: string, repository = relative_url): DistributionClaim => ({
  ...{ area: 'repos', relative_url, repository, distributor: 'd', http: true, https: true },
  ...{ access: null, gpg_key: null },
});

const idOf = (digit: number): string => String(digit).padStart(24, '0');

async function presentOf({ distributions }: Given): Promise<ReadonlyMap<string, string | null>> {
  const all = await distributions.all();
  return new Map(all.map(({ _id, publication }) => [_id, publication]));
}

describe('StoredDistributions', () => {
  test('T67 read() comes to what is stored, whatever was changed between', async () => {
    const change = fc.record({
      repository: fc.constantFrom('a', 'b', 'c'),
      act: fc.constantFrom('claim', 'move', 'point', 'release'),
      publication: fc.nat(9),
      isRead: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 12 }), async (all) =>
        withStore(async (given) => {
          const { distributions, follower } = given;
          for (const { repository, act, publication, isRead } of all) {
            const [at] = await distributions.ofRepository(repository);
            if (act === 'claim') await distributions.claim(claimOf(repository));
            if (act === 'move') await distributions.move(claimOf(`${repository}2`, repository));
            if (act === 'release') await distributions.releaseAll(repository);
            if (act === 'point' && at) await distributions.pointTo(at._id, idOf(publication), 60);
            if (isRead) assert.deepEqual(await follower.follow(), await presentOf(given));
          }
          assert.deepEqual(await follower.follow(), await presentOf(given));
        }),
      ),
      { numRuns: 25 },
    );
  });

  test('T67 read() sees a change that ends late, after others with higher orders', async () => {
    await withStore(async (given) => {
      const { store, distributions, follower } = given;
      for (const url of ['late', 'other']) await distributions.claim(claimOf(url));
      await follower.follow();
      const late = await nextOrder(store, distributionOrders);
      for (let digit = 0; digit < lateOrdersMax - 1; digit += 1) {
        await distributions.pointTo('repos:other', idOf(digit % 10), 60);
      }
      await follower.follow();
      const change = { $set: { publication: idOf(7), order: late } };
      await store.update(distributionsCollection, 'repos:late', change);
      assert.equal((await follower.follow()).get('repos:late'), idOf(7));
    });
  });

  test('T98 read() sees what changed in a store that has lost its count', async () => {
    await withStore(async (given) => {
      const { store, distributions, follower } = given;
      for (const url of ['a', 'b']) await distributions.claim(claimOf(url));
      await follower.follow();
      await store.update(distributionOrders.counter, 'last', { $set: { number: 0 } });
      await store.update(distributionsCollection, 'repos:a', {
        $set: { publication: idOf(1), order: 1 },
      });
      assert.deepEqual(await follower.follow(), await presentOf(given));
      await store.remove(distributionOrders.counter, 'last');
      await distributions.pointTo('repos:b', idOf(2), 60);
      assert.deepEqual(await follower.follow(), await presentOf(given));
    });
  });

  test('read() tells again what it could not tell for an error', async () => {
    await withStore(async ({ store, distributions }) => {
      let isAway = false;
      const stored = new StoredDistributions({
        find: (collection, query) =>
          isAway && query.fields === undefined
            ? Promise.reject(new Error('away'))
            : store.find(collection, query),
        get: (...asked) => store.get(...asked),
        count: (...asked) => store.count(...asked),
      });
      await stored.read();
      await distributions.claim(claimOf('a'));
      isAway = true;
      await assert.rejects(stored.read(), /away/);
      isAway = false;
      assert.equal((await stored.read()).changed.length, 1);
      assert.equal((await stored.read()).changed.length, 0);
    });
  });

  test('read() reads one document whole for one change among many', async () => {
    await withStore(async ({ distributions, follower }) => {
      for (let index = 0; index < 150; index += 1) await distributions.claim(claimOf(`r${index}`));
      await follower.follow();
      follower.wholes = 0;
      await distributions.pointTo('repos:r7', idOf(1), 60);
      await follower.follow();
      assert.equal(follower.wholes, 1);
    });
  });
});
