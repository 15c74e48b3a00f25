import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Distributions } from '../../src/repositories/distributions.ts';
import { Publications } from '../../src/repositories/publications.ts';
import { Clock, describeOnStores, type GivenStores } from './fixture.ts';

describeOnStores('publications', (stores) => {
  testStates(stores);
  testRetention(stores);
});

interface Parts {
  readonly clock: Clock;
  readonly publications: Publications;
  readonly distributions: Distributions;
  /** @returns the id */
  readonly publish: (distributor?: string) => Promise<string>;
}

function partsOf({ store }: GivenStores): Parts {
  const clock = new Clock();
  const publications = new Publications(store, clock.now);
  const publish = async (distributor = 'd'): Promise<string> => {
    clock.advance(1);
    const { _id } = await publications.begin(given(distributor));
    assert.equal(await publications.complete(_id, { unitCounts: { rpm: 1 } }), true);
    return _id;
  };
  return { clock, publications, distributions: new Distributions(store, clock.now), publish };
}

const given = (distributor = 'd') => ({
  ...{ repository: 'r', distributor, task: 't', content_revision: 1, config_digest: 'c' },
});

function testStates(stores: () => GivenStores): void {
  it('a publication is building, then complete, then being removed, then gone', async () => {
    const { publications } = partsOf(stores());
    const { _id, state } = await publications.begin(given());
    assert.match(_id, /^[0-9a-f]{24}$/);
    assert.equal(state, 'building');
    assert.equal((await publications.unfinished())[0]?._id, _id);
    assert.equal(await publications.complete(_id, { unitCounts: { rpm: 2 } }), true);
    assert.deepEqual((await publications.byId(_id))?.unit_counts, { rpm: 2 });
    assert.equal(await publications.complete(_id, { unitCounts: {} }), false);
    assert.deepEqual(await publications.unfinished(), []);
    await publications.removing(_id);
    assert.equal((await publications.unfinished())[0]?.state, 'removing');
    assert.equal(await publications.complete(_id, { unitCounts: {} }), false);
    await publications.removed(_id);
    await publications.removed(_id);
    assert.equal(await publications.byId(_id), undefined);
    assert.equal(await publications.complete(_id, { unitCounts: {} }), false);
  });

  it('lists those of a repository or of a distributor, the newest first', async () => {
    const { publications, publish } = partsOf(stores());
    const ids = [await publish(), await publish('e'), await publish()];
    const list = async (distributor?: string) =>
      (await publications.ofRepository('r', distributor)).map(({ _id }) => _id);
    assert.deepEqual(await list(), ids.toReversed());
    assert.deepEqual(await list('d'), [ids[2], ids[0]]);
    assert.deepEqual(await publications.ofRepository('other'), []);
  });
}

function testRetention(stores: () => GivenStores): void {
  it('keeps the last ones, what is pointed to and what has a grace', async () => {
    const { clock, publications, distributions, publish } = partsOf(stores());
    await distributions.claim({
      ...{ area: 'repos', relative_url: 'a', repository: 'r', distributor: 'd' },
      ...{ http: true, https: true, access: null, gpg_key: null },
    });
    const point = (id: string) => distributions.pointTo('repos:a', id, 60);
    const ids: string[] = [];
    for (let count = 0; count < 6; count += 1) ids.push(await publish());
    const [p0 = '', p1 = '', p2 = '', p3 = ''] = ids;
    await publish('e');
    const removable = async (kept = 2) =>
      (await publications.toRemove('r', 'd', kept)).map(({ _id }) => ids.indexOf(_id));
    assert.deepEqual(await removable(), [3, 2, 1, 0]);
    assert.deepEqual(await removable(6), []);
    assert.deepEqual(await removable(5), [0]);
    await point(p1);
    await point(p0);
    assert.deepEqual(await removable(), [3, 2]);
    clock.advance(59);
    assert.deepEqual(await removable(), [3, 2]);
    clock.advance(1);
    assert.deepEqual(await removable(), [3, 2, 1]);
    await point(p2);
    assert.deepEqual(await removable(0), [5, 4, 3, 1]);
    // One that is half removed goes whatever its age, and one that is built is its task's.
    await publications.removing(ids[5] ?? '');
    await publications.removing(p3);
    const { _id } = await publications.begin(given());
    ids.push(_id);
    assert.deepEqual(await removable(4), [5, 3]);
  });
}
