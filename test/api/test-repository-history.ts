/** The history of section 4.2 of the facts about Pulp 2. */

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { History } from '../../src/repositories/history.ts';
import type { GivenApi } from './contract.ts';
import { yumRepository } from './repository-fixture.ts';

const path = '/v2/repositories/';

const shared = {
  error_message: null,
  exception: null,
  traceback: null,
  summary: { packages: 'FINISHED' },
  details: [],
};

export function testRepositoryHistory(given: () => GivenApi): void {
  it('api shows what syncs and publishes came to, the latest first, in the bounds that are asked for', async () => {
    const { client, api } = given();
    const history = new History(api.parts.store);
    await client.ok(201, 'POST', path, { body: yumRepository('past') });
    for (const day of [1, 2, 3]) {
      const started = new Date(Date.UTC(2026, 0, day));
      const times = { started, completed: new Date(started.getTime() + 1000), repo_id: 'past' };
      const importer = { importer_id: 'yum_importer', importer_type_id: 'yum_importer' };
      const counts = { added_count: day, updated_count: 0, removed_count: 0 };
      await history.addSync({ ...shared, ...times, ...importer, ...counts, result: 'success' });
      const distributor = {
        ...{ distributor_id: 'yum_distributor', distributor_type_id: 'yum_distributor' },
      };
      await history.addPublish({ ...shared, ...times, ...distributor, result: 'skipped' });
    }
    // As the client libraries write it.
    const sync = `${path}past/history//sync/`;
    const publish = `${path}past/history//publish/yum_distributor/`;
    const { body: all } = await client.call('GET', sync);
    assert.deepEqual(all[0], {
      ...shared,
      _id: { $oid: all[0].id },
      id: all[0].id,
      repo_id: 'past',
      started: '2026-01-03T00:00:00Z',
      completed: '2026-01-03T00:00:01Z',
      result: 'success',
      importer_id: 'yum_importer',
      importer_type_id: 'yum_importer',
      added_count: 3,
      updated_count: 0,
      removed_count: 0,
      _ns: 'repo_sync_results',
    });
    for (const target of [sync, publish]) {
      const days = async (query: string) => {
        const { body } = await client.call('GET', `${target}?${query}`);
        return body.map(({ started }: { started: string }) => Number(started.slice(8, 10)));
      };
      assert.deepEqual(await days(''), [3, 2, 1]);
      assert.deepEqual(await days('sort=ascending&limit=2'), [1, 2]);
      assert.deepEqual(await days('start_date=2026-01-02'), [3, 2]);
      assert.deepEqual(await days('end_date=2026-01-02T00:00:00Z'), [2, 1]);
      const wrong = 'limit=0&sort=up&start_date=yesterday&end_date=x';
      const refused = await client.refused(400, 'PLP0015', 'GET', `${target}?${wrong}`);
      assert.deepEqual(refused.property_names, ['limit', 'sort', 'start_date', 'end_date']);
    }
  });

  it('api knows no history of what is not there', async () => {
    const { client } = given();
    await client.ok(201, 'POST', path, { body: { id: 'bare' } });
    for (const target of [
      'nothing/history/sync/',
      'nothing/history/publish/x/',
      'bare/history/publish/x/',
    ]) {
      await client.refused(404, 'PLP0009', 'GET', `${path}${target}`);
    }
    assert.deepEqual(await client.ok(200, 'GET', `${path}bare/history/sync/`), []);
  });
}
