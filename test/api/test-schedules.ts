/** The schedules of section 4.2 of the facts about Pulp 2. */

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { repositoryLimits } from '../../src/repositories/limits.ts';
import { where } from '../../src/stores/parse-filter.ts';
import type { GivenApi } from './contract.ts';
import { yumRepository } from './repository-fixture.ts';

const path = '/v2/repositories/';
const schedule = '2030-01-01T00:00:00Z/P1D';

export function testSchedules(given: () => GivenApi): void {
  for (const [what, own, resource, task] of [
    ['sync', 'importers/yum_importer', 'pulp:importer:timed-sync:yum_importer', 'repository.sync'],
    [
      'publish',
      'distributors/yum_distributor',
      'pulp:distributor:timed-publish:yum_distributor',
      'repository.publish',
    ],
  ] as const) {
    const all = `${path}timed-${what}/${own}/schedules/${what}/`;

    it(`api makes, shows, changes and ends a schedule by which to ${what}`, async () => {
      const { client, api } = given();
      await client.ok(201, 'POST', path, { body: yumRepository(`timed-${what}`) });
      assert.deepEqual(await client.ok(200, 'GET', all), []);
      const override_config = { force_full: true };
      const reply = await client.call('POST', all, { body: { schedule, override_config } });
      const made = reply.body;
      assert.deepEqual([reply.status, reply.headers.location], [201, made._href], reply.text);
      assert.deepEqual(made, {
        _id: made._id,
        args: [`timed-${what}`, own.split('/')[1]],
        kwargs: { overrides: override_config },
        enabled: true,
        schedule,
        failure_threshold: null,
        consecutive_failures: 0,
        first_run: '2030-01-01T00:00:00Z',
        last_run_at: null,
        last_updated: made.last_updated,
        next_run: '2030-01-01T00:00:00Z',
        remaining_runs: null,
        total_run_count: 0,
        resource,
        task,
        _href: `/pulp/api${all}${made._id}/`,
      });
      const one = `${all}${made._id}/`;
      assert.deepEqual(await client.ok(200, 'GET', one), made);
      assert.deepEqual(await client.ok(200, 'GET', all), [made]);
      const change = { schedule: 'R3/2031-01-01T00:00:00Z/PT2H', failure_threshold: 2 };
      const { body: changed } = await client.call('PUT', one, { body: change });
      assert.deepEqual(
        [changed.schedule, changed.next_run, changed.remaining_runs, changed.failure_threshold],
        [change.schedule, '2031-01-01T00:00:00Z', 3, 2],
      );
      assert.deepEqual(changed.kwargs, made.kwargs);
      const { body: disabled } = await client.call('PUT', one, { body: { enabled: false } });
      assert.deepEqual([disabled.enabled, disabled.next_run], [false, null]);
      await client.refused(400, 'PLP0015', 'PUT', one, { body: { schedule: 'daily' } });

      assert.equal(await client.ok(200, 'DELETE', one), null);
      for (const method of ['GET', 'DELETE'] as const) {
        const refused = await client.refused(404, 'PLP0009', method, one);
        assert.deepEqual(refused.resources, { schedule_id: made._id });
      }
      await client.refused(404, 'PLP0009', 'PUT', one, { body: { enabled: true } });
      assert.deepEqual(await api.parts.store.find('schedules', everyOf(resource)), []);
    });

    it(`api refuses a schedule by which nothing would ${what}`, async () => {
      const { client, api } = given();
      for (const [code, name, body] of [
        ['PLP0016', 'schedule', {}],
        ['PLP0015', 'schedule', { schedule: 'tomorrow' }],
        ['PLP0015', 'schedule', { schedule: '2030-01-01T00:00:00Z/PT1S' }],
        ['PLP0015', 'failure_threshold', { schedule, failure_threshold: 0 }],
        ['PLP0015', 'enabled', { schedule, enabled: 'yes' }],
        ['PLP0017', 'other', { schedule, other: 1 }],
      ] as const) {
        const refused = await client.refused(400, code, 'POST', all, { body });
        assert.deepEqual(refused.error.data.property_names, [name], JSON.stringify(body));
      }
      const kind = own.split('/')[0];
      for (const other of [`nothing/${own}`, `timed-${what}/${kind}/nothing`]) {
        const to = `${path}${other}/schedules/${what}/`;
        await client.refused(404, 'PLP0009', 'GET', to);
        await client.refused(404, 'PLP0009', 'POST', to, { body: { schedule } });
        await client.refused(404, 'PLP0009', 'GET', `${to}x/`);
      }
      const { schedulesMax } = repositoryLimits;
      const rows = Array.from({ length: schedulesMax - 1 }, () => ({ resource }));
      const added = await api.parts.store.insertMany('schedules', rows);
      assert.equal(added.length, schedulesMax - 1);
      await client.ok(201, 'POST', all, { body: { schedule } });
      await client.refused(400, 'PLP0015', 'POST', all, { body: { schedule } });
    });
  }

  it('T92 api shows no credentials that stand in the feed of a schedule', async () => {
    const { client } = given();
    await client.ok(201, 'POST', path, { body: yumRepository('timed-feed') });
    const all = `${path}timed-feed/importers/yum_importer/schedules/sync/`;
    const override_config = { feed: 'https://u:secret@feed.example/' };
    const { body: made } = await client.call('POST', all, { body: { schedule, override_config } });
    const shown = { basic_auth_username: 'u', basic_auth_password: '*****' };
    const overrides = { feed: 'https://feed.example/', ...shown };
    assert.deepEqual(made.kwargs, { overrides });
    const one = `${all}${made._id}/`;
    const { body: changed } = await client.call('PUT', one, { body: { override_config } });
    assert.deepEqual(changed.kwargs, { overrides });
  });

  it('api shows no secret of a schedule, and keeps one that comes back hidden', async () => {
    const { client, api } = given();
    await client.ok(201, 'POST', path, { body: yumRepository('secretive') });
    const all = `${path}secretive/importers/yum_importer/schedules/sync/`;
    const override_config = { proxy_password: 'secret of ours', max_speed: 5 };
    const { body: made } = await client.call('POST', all, { body: { schedule, override_config } });
    const overrides = { proxy_password: '*****', max_speed: 5 };
    assert.deepEqual(made.kwargs, { overrides });
    const change = { override_config: { ...overrides, max_speed: 6 } };
    await client.ok(200, 'PUT', `${all}${made._id}/`, { body: change });
    const kept = await api.parts.store.get('schedules', made._id);
    assert.deepEqual(kept?.kwargs, { proxy_password: 'secret of ours', max_speed: 6 });
  });
}

function everyOf(resource: string) {
  return { filter: where({ resource }) };
}
