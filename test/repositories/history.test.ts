import assert from 'node:assert/strict';
import { it } from 'node:test';
import { publishHistoryCollection } from '../../src/repositories/documents.ts';
import { History, type PublishEntry, type SyncEntry } from '../../src/repositories/history.ts';
import { repositoryLimits } from '../../src/repositories/limits.ts';
import { everything } from '../../src/stores/filter.ts';
import { describeOnStores } from './fixture.ts';

const day = (number: number): Date => new Date(Date.UTC(2026, 0, number));

const entry = (started: Date) => ({
  ...{ repo_id: 'r', started, completed: started, error_message: null, exception: null },
  ...{ traceback: null, summary: {}, details: [] },
});

const sync = (started: Date): SyncEntry => ({
  ...entry(started),
  ...{ importer_id: 'yum_importer', importer_type_id: 'yum_importer', result: 'success' },
  ...{ added_count: 1, updated_count: 0, removed_count: 0 },
});

const publish = (started: Date, distributor = 'd'): PublishEntry => ({
  ...entry(started),
  ...{ distributor_id: distributor, distributor_type_id: 'yum_distributor', result: 'success' },
});

describeOnStores('history of repositories', (stores) => {
  it('lists the latest first, or last, within bounds and limits', async () => {
    const history = new History(stores().store);
    for (const number of [2, 1, 3]) await history.addSync(sync(day(number)));
    await history.addSync({ ...sync(day(4)), repo_id: 'other' });
    const days = async (query: Parameters<History['ofSync']>[1]) =>
      (await history.ofSync('r', query)).map(({ started }) => started.getUTCDate()).join('');
    assert.equal(await days({}), '321');
    assert.equal(await days({ sort: 'ascending' }), '123');
    assert.equal(await days({ limit: 2 }), '32');
    assert.equal(await days({ start: day(2) }), '32');
    assert.equal(await days({ end: day(2), sort: 'ascending' }), '12');
    assert.equal(await days({ start: day(2), end: day(2) }), '2');
  });

  it('keeps publishes by distributor, and forgets all of a repository', async () => {
    const history = new History(stores().store);
    await history.addSync(sync(day(1)));
    await history.addPublish(publish(day(1)));
    await history.addPublish(publish(day(2), 'e'));
    await history.addPublish({ ...publish(day(3)), repo_id: 'other' });
    assert.equal((await history.ofPublish('r', 'd', {})).length, 1);
    assert.equal((await history.ofPublish('r', 'e', {}))[0]?.result, 'success');
    await history.remove('r');
    assert.deepEqual(await history.ofSync('r', {}), []);
    assert.deepEqual(await history.ofPublish('r', 'e', {}), []);
    assert.equal((await history.ofPublish('other', 'd', {})).length, 1);
  });

  it('keeps as many as it may, and not one more', async () => {
    const { store } = stores();
    const history = new History(store);
    const { publishHistoryMax } = repositoryLimits;
    const old = Array.from({ length: publishHistoryMax - 1 }, (_, index) => ({
      ...publish(new Date(index)),
    }));
    await store.insertMany(publishHistoryCollection, old);
    await history.addPublish(publish(day(1)));
    assert.equal(await store.count(publishHistoryCollection, everything), publishHistoryMax);
    await history.addPublish(publish(day(2)));
    const all = await history.ofPublish('r', 'd', { sort: 'ascending' });
    assert.deepEqual([all.length, all[0]?.started], [publishHistoryMax, new Date(1)]);
  });
});
