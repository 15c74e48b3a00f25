import assert from 'node:assert/strict';
import { it } from 'node:test';
import { repositoryLimits } from '../../src/repositories/limits.ts';
import type { NewSchedule, Schedule } from '../../src/repositories/schedule.ts';
import {
  lostAfterSeconds,
  type ScheduleResult,
  Schedules,
} from '../../src/repositories/schedules.ts';
import { Clock, describeOnStores, type GivenStores } from './fixture.ts';

const resource = 'pulp:importer:r:yum_importer';
const hourly = '2026-01-01T00:00:00Z/PT1H';

const given = (more: Partial<NewSchedule> = {}): NewSchedule => ({
  ...{ resource, repository: 'r', task: 'repository.sync', kwargs: {}, enabled: true },
  ...{ schedule: hourly, failure_threshold: null },
  ...more,
});

function kept(result: ScheduleResult): Schedule {
  if (result.outcome !== 'kept') throw new Error(JSON.stringify(result));
  return result.schedule;
}

describeOnStores('schedules', (stores) => {
  testRuns(stores);
  testChanges(stores);
});

function testRuns(stores: () => GivenStores): void {
  it('a run is taken when it is due, once, and the next comes after its period', async () => {
    const clock = new Clock();
    const schedules = new Schedules(stores().store, clock.now);
    const { _id, next_run: first } = kept(await schedules.create(given()));
    assert.deepEqual(first, new Date('2026-01-01T00:00:00Z'));
    const run = await schedules.take();
    assert.match(run?.taskId ?? '', /^[0-9a-f-]{36}$/);
    assert.equal(run?.schedule._id, _id);
    assert.deepEqual(run?.schedule.next_run, new Date('2026-01-01T01:00:00Z'));
    assert.equal(await schedules.take(), undefined);
    if (run !== undefined) await schedules.submitted(run);
    const { taken, total_run_count } = (await schedules.byId(_id, resource)) ?? {};
    assert.deepEqual([taken, total_run_count], [null, 1]);
    clock.advance(3599);
    assert.equal(await schedules.take(), undefined);
    clock.advance(1);
    assert.equal((await schedules.take())?.schedule.total_run_count, 2);
  });

  it('of several hosts one takes a run, and what was missed is one run', async () => {
    const clock = new Clock();
    const { store, open } = stores();
    await using other = await open();
    const hosts = [store, other, store].map((one) => new Schedules(one, clock.now));
    kept(await (hosts[0] as Schedules).create(given()));
    clock.advance(10 * 3600 + 5);
    const runs = await Promise.all(hosts.map((host) => host.take()));
    assert.equal(runs.filter((run) => run !== undefined).length, 1);
    const [run] = runs.filter((one) => one !== undefined);
    assert.deepEqual(run?.schedule.next_run, new Date('2026-01-01T11:00:00Z'));
  });

  it('a run whose host died before it submitted the task is taken again, as the same task', async () => {
    const clock = new Clock();
    const schedules = new Schedules(stores().store, clock.now);
    kept(await schedules.create(given()));
    const lost = await schedules.take();
    clock.advance(lostAfterSeconds - 1);
    assert.equal(await schedules.take(), undefined);
    clock.advance(1);
    const again = await schedules.take();
    assert.equal(again?.taskId, lost?.taskId);
    assert.equal(again?.schedule.total_run_count, 1);
    if (again !== undefined) await schedules.submitted(again);
    clock.advance(lostAfterSeconds);
    assert.equal(await schedules.take(), undefined);
  });

  it('ends after its runs', async () => {
    const clock = new Clock();
    const schedules = new Schedules(stores().store, clock.now);
    const { _id } = kept(await schedules.create(given({ schedule: `R2/${hourly}` })));
    for (let count = 0; count < 3; count += 1) {
      const run = await schedules.take();
      assert.equal(run !== undefined, count < 2);
      if (run !== undefined) await schedules.submitted(run);
      clock.advance(3600);
    }
    const { enabled, next_run, remaining_runs } = (await schedules.byId(_id, resource)) ?? {};
    assert.deepEqual([enabled, next_run, remaining_runs], [false, null, 0]);
  });

  it('is disabled at its threshold of failures in a row, and not one before', async () => {
    const schedules = new Schedules(stores().store, new Clock().now);
    const { _id } = kept(await schedules.create(given({ failure_threshold: 2 })));
    const failures = async () => {
      const { consecutive_failures, enabled } = (await schedules.byId(_id, resource)) ?? {};
      return [consecutive_failures, enabled];
    };
    await schedules.finished(_id, false);
    await schedules.finished(_id, true);
    assert.deepEqual(await failures(), [0, true]);
    await schedules.finished(_id, false);
    assert.deepEqual(await failures(), [1, true]);
    await schedules.finished(_id, false);
    assert.deepEqual(await failures(), [2, false]);
    assert.equal(await schedules.take(), undefined);
    kept(await schedules.update(_id, resource, { enabled: true }));
    assert.deepEqual(await failures(), [0, true]);
  });
}

function testChanges(stores: () => GivenStores): void {
  it('another interval begins anew, and what is disabled does not run', async () => {
    const clock = new Clock();
    const schedules = new Schedules(stores().store, clock.now);
    const { _id } = kept(await schedules.create(given({ enabled: false })));
    clock.advance(60);
    assert.equal(await schedules.take(), undefined);
    const enabled = kept(await schedules.update(_id, resource, { enabled: true }));
    assert.deepEqual(enabled.next_run, new Date('2026-01-01T01:00:00Z'));
    const daily = kept(await schedules.update(_id, resource, { schedule: 'R5/P1D' }));
    assert.deepEqual(
      [daily.first_run, daily.next_run, daily.remaining_runs],
      [clock.now(), clock.now(), 5],
    );
    const asked = kept(await schedules.update(_id, resource, { kwargs: { force_full: true } }));
    assert.deepEqual([asked.kwargs, asked.next_run], [{ force_full: true }, clock.now()]);
    const disabled = kept(await schedules.update(_id, resource, { enabled: false }));
    assert.equal(disabled.next_run, null);
  });

  it('an interval without a start goes on from when it was made', async () => {
    const clock = new Clock();
    const schedules = new Schedules(stores().store, clock.now);
    const begun = clock.now().getTime();
    kept(await schedules.create(given({ schedule: 'PT1H' })));
    clock.advance(1800);
    const run = await schedules.take();
    assert.equal(run?.schedule.next_run?.getTime(), begun + 3_600_000);
  });

  it('refuses what is no interval, or never runs, and leaves what is there', async () => {
    const schedules = new Schedules(stores().store, new Clock().now);
    const { outcome } = await schedules.create(given({ schedule: 'daily' }));
    assert.equal(outcome, 'invalid');
    const { _id } = kept(await schedules.create(given()));
    const result = await schedules.update(_id, resource, { schedule: 'P999999Y', enabled: false });
    // A start that is now is a run, though none follows.
    assert.equal(result.outcome, 'kept');
    const invalid = await schedules.update(_id, resource, { schedule: 'x', enabled: true });
    assert.deepEqual(invalid.outcome, 'invalid');
    assert.equal((await schedules.byId(_id, resource))?.enabled, false);
  });

  it('belongs to its resource', async () => {
    const schedules = new Schedules(stores().store, new Clock().now);
    const { _id } = kept(await schedules.create(given()));
    const other = 'pulp:distributor:r:yum_distributor';
    assert.equal(await schedules.byId(_id, other), undefined);
    assert.deepEqual(await schedules.update(_id, other, { enabled: false }), {
      outcome: 'missing',
    });
    assert.equal(await schedules.remove(_id, other), false);
    kept(await schedules.create(given({ resource: other })));
    assert.equal((await schedules.ofResource(resource)).length, 1);
    await schedules.removeAll('r', other);
    assert.deepEqual(await schedules.ofResource(other), []);
    assert.equal(await schedules.remove(_id, resource), true);
    assert.equal(await schedules.remove(_id, resource), false);
    kept(await schedules.create(given()));
    await schedules.removeAll('r');
    assert.deepEqual(await schedules.ofResource(resource), []);
  });

  it('a resource has as many schedules as it may, and not one more', async () => {
    const schedules = new Schedules(stores().store, new Clock().now);
    for (let count = 0; count < repositoryLimits.schedulesMax; count += 1) {
      kept(await schedules.create(given()));
    }
    assert.deepEqual(await schedules.create(given()), { outcome: 'full' });
    kept(await schedules.create(given({ resource: 'another' })));
  });
}
