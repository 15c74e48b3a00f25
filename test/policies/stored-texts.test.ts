/** Reading what changed alone, which has to come to the same as reading everything. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { policyCollections, policyOrder, storedAccess } from '../../src/policies/documents.ts';
import { StoredPolicies } from '../../src/policies/stored-policies.ts';
import { StoredTexts } from '../../src/policies/stored-texts.ts';
import { lateOrdersMax } from '../../src/stores/change-order.ts';
import type { Store } from '../../src/stores/store.ts';
import { open } from '../contracts/store-fixture.ts';
import { sqliteHost } from '../stores/sqlite/host.ts';

async function withStore(test: (store: Store) => Promise<void>): Promise<void> {
  await using host = await sqliteHost();
  await using store = await open(host.settings(), { collections: policyCollections });
  await test(store);
}

const textsOf = (store: Store) => new StoredTexts(store, storedAccess, 'distribution');
const treeOf = (tree: string) => ({ tree, uses: [], by: 'ann' });

describe('StoredTexts', () => {
  test('T67 read() comes to what is stored, whatever was changed between', async () => {
    const change = fc.record({
      distribution: fc.constantFrom('a', 'b', 'c'),
      tree: fc.option(fc.constantFrom('1', '2', '3')),
      isRead: fc.boolean(),
    });
    const changes = fc.array(change, { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(changes, async (all) =>
        withStore(async (store) => {
          const stored = new StoredPolicies(store, () => new Date());
          const texts = textsOf(store);
          const expected = new Map<string, string>();
          for (const { distribution, tree, isRead } of all) {
            if (tree === null) {
              await stored.clearAccess(distribution);
              expected.delete(distribution);
            } else {
              await stored.setAccess(distribution, treeOf(tree));
              expected.set(distribution, tree);
            }
            if (isRead) assert.deepEqual(new Map(await texts.read()), expected);
          }
          assert.deepEqual(new Map(await texts.read()), expected);
        }),
      ),
      { numRuns: 25 },
    );
  });

  test('T67 read() sees a change that ends late, after others with higher orders', async () => {
    await withStore(async (store) => {
      const stored = new StoredPolicies(store, () => new Date());
      await stored.setAccess('late', treeOf('1'));
      await stored.setAccess('other', treeOf('1'));
      const texts = textsOf(store);
      await texts.read();
      const late = await stored.accessOf('late');
      for (let count = 0; count < lateOrdersMax - 2; count += 1) {
        await stored.setAccess('other', treeOf(String(count)));
      }
      await texts.read();
      // Its order was counted before all those of the other.
      await store.update(storedAccess, late?._id ?? '', { $set: { tree: '2', order: 3 } });
      assert.equal((await texts.read()).get('late'), '2');
    });
  });

  test('T59 T98 read() sees each change when the count of changes was lost, or is an earlier one', async () => {
    await withStore(async (store) => {
      const stored = new StoredPolicies(store, () => new Date());
      for (let count = 0; count < lateOrdersMax + 2; count += 1) {
        await stored.setAccess('a', treeOf('1'));
      }
      const texts = textsOf(store);
      await texts.read();
      await store.update(policyOrder, 'last', { $set: { number: 1 } });
      await stored.setAccess('a', treeOf('2'));
      assert.equal((await texts.read()).get('a'), '2');
      await store.remove(policyOrder, 'last');
      await stored.setAccess('a', treeOf('3'));
      assert.equal((await texts.read()).get('a'), '3');
      await stored.setAccess('a', treeOf('4'));
      assert.equal((await texts.read()).get('a'), '4');
    });
  });

  test('T67 read() sees a change that was overtaken by more than it goes back over', async () => {
    await withStore(async (store) => {
      const stored = new StoredPolicies(store, () => new Date());
      await stored.setAccess('slow', treeOf('open'));
      const texts = textsOf(store);
      await texts.read();
      let isOvertaken = false;
      /** Others make their changes between the count of a slow writer and what it writes. */
      const update: Store['update'] = async (collection, ...change) => {
        const result = await store.update(collection, ...change);
        if (collection !== policyOrder || isOvertaken) return result;
        isOvertaken = true;
        for (let count = 0; count <= lateOrdersMax; count += 1) {
          await stored.setAccess('other', treeOf(String(count)));
        }
        await texts.read();
        return result;
      };
      const overtaken = new Proxy(store, {
        get: (target, name) => {
          const value: unknown = name === 'update' ? update : Reflect.get(target, name);
          return typeof value === 'function' ? value.bind(target) : value;
        },
      });
      await new StoredPolicies(overtaken, () => new Date()).setAccess('slow', treeOf('closed'));
      assert.ok(isOvertaken);
      assert.equal((await texts.read()).get('slow'), 'closed');
    });
  });
});
