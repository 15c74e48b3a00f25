import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { eachOf } from '../../src/sync/each-of.ts';
import { mergeErratum } from '../../src/sync/erratum-merge.ts';
import { planMemberships } from '../../src/sync/membership-plan.ts';
import type { SyncedUnit } from '../../src/sync/synced-unit.ts';

function unit(id: string, version?: string, replaces: string | null = null): SyncedUnit {
  const named = version === undefined ? undefined : { of: 'a', epoch: '0', version, release: '1' };
  return { id, type: version === undefined ? 'iso' : 'rpm', replaces, version: named };
}

function mapOf(...units: readonly SyncedUnit[]): ReadonlyMap<string, SyncedUnit> {
  return new Map(units.map((each) => [each.id, each]));
}

const options = { types: ['rpm', 'iso'], removeMissing: false, retainOldCount: undefined };

describe('planMemberships', () => {
  it('adds what is new, and removes what is missing if it is told to', () => {
    const [remote, present] = [mapOf(unit('a'), unit('b')), mapOf(unit('b'), unit('c'))];
    const plan = planMemberships(remote, present, options);
    assert.deepEqual(plan, { added: ['a'], removed: [] });
    const mirrored = planMemberships(remote, present, { ...options, removeMissing: true });
    assert.deepEqual(mirrored, { added: ['a'], removed: ['c'] });
  });

  it('removes what is replaced, and nothing of types that were passed over', () => {
    const remote = mapOf(unit('a', undefined, 'x'));
    const present = mapOf(unit('b', undefined, 'x'), unit('c', undefined, 'y'));
    assert.deepEqual(planMemberships(remote, present, options).removed, ['b']);
    const others = { ...options, types: ['rpm'], removeMissing: true };
    assert.deepEqual(planMemberships(remote, present, others).removed, []);
  });

  it('keeps the newest versions of each package, wherever they come from', () => {
    const remote = mapOf(unit('v1', '1'), unit('v10', '10'), unit('v10b', '10'));
    const present = mapOf(unit('v2', '2'), unit('v9', '9'));
    const plan = (retainOldCount: number) => {
      const { added, removed } = planMemberships(remote, present, { ...options, retainOldCount });
      return { added, removed: removed.toSorted() };
    };
    assert.deepEqual(plan(0), { added: ['v10', 'v10b'], removed: ['v2', 'v9'] });
    assert.deepEqual(plan(1), { added: ['v10', 'v10b'], removed: ['v2'] });
    assert.deepEqual(plan(3), { added: ['v1', 'v10', 'v10b'], removed: [] });
  });
});

describe('mergeErratum', () => {
  const packageOf = (name: string) => ({ name, epoch: '0', version: '1', release: '1', arch: 'x' });
  const erratum = (short: string, ...names: readonly string[]) => ({
    id: 'E',
    title: short,
    pkglist: [{ short, name: 'c', packages: names.map(packageOf) }],
  });

  it('has the packages of all repositories, in one order whoever comes last', () => {
    const [one, other] = [erratum('a', 'p', 'q'), erratum('b', 'r')];
    const merged = mergeErratum(one, other);
    assert.deepEqual(merged.pkglist, [...one.pkglist, ...other.pkglist]);
    assert.deepEqual(mergeErratum(merged, one).pkglist, merged.pkglist);
    assert.equal(merged.title, 'b');
    const same = mergeErratum(erratum('a', 'q', 'p'), erratum('a', 'p', 's'));
    assert.deepEqual(same.pkglist, erratum('a', 'p', 'q', 's').pkglist);
  });
});

describe('eachOf', () => {
  it('does so many at a time, and all of them', async () => {
    let [running, most] = [0, 0];
    const done: number[] = [];
    await eachOf(
      [1, 2, 3, 4, 5, 6, 7],
      3,
      () => {},
      async (item) => {
        running += 1;
        most = Math.max(most, running);
        await new Promise(setImmediate);
        running -= 1;
        done.push(item);
      },
    );
    assert.equal(most, 3);
    assert.deepEqual(done.sort(), [1, 2, 3, 4, 5, 6, 7]);
  });

  it('ends with the first that fails, once none is under way', async () => {
    const stopped = new AbortController();
    const begun: number[] = [];
    const work = async (item: number): Promise<void> => {
      begun.push(item);
      if (item === 2) throw new Error('two');
      await new Promise((resolve) => stopped.signal.addEventListener('abort', resolve));
    };
    const all = eachOf([1, 2, 3, 4], 2, (reason) => stopped.abort(reason), work);
    await assert.rejects(all, /^Error: two$/);
    assert.ok(stopped.signal.aborted);
    assert.deepEqual(begun, [1, 2]);
  });
});
