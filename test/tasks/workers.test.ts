import assert from 'node:assert/strict';
import { it } from 'node:test';
import { until } from '../support/processes.ts';
import { describeOnStores, type GivenQueue, type GivenStore, startRunner } from './fixture.ts';

describeOnStores('the workers of tasks', testWorkers);

function testWorkers(given: GivenQueue, givenStore: GivenStore): void {
  it('workers tells when each renewed its lease last, by its own clock', async () => {
    let seconds = 0;
    const now = (): Date => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds));
    await using _ = startRunner(given(), {}, { worker: 'tasks@b', now });
    const tells = async (renewedAt: string): Promise<boolean> =>
      (await given().workers()).some((worker) => worker.renewedAt === renewedAt);
    await until('it is at work', () => tells('2026-01-01T00:00:00Z'));
    // A clock that is set back takes nothing from anybody.
    for (seconds of [42, 7]) {
      const renewedAt = `2026-01-01T00:00:${String(seconds).padStart(2, '0')}Z`;
      await until('it has renewed its lease', () => tells(renewedAt));
    }
    assert.deepEqual(await given().workers(), [
      { name: 'tasks@b', renewedAt: '2026-01-01T00:00:07Z' },
    ]);
  });

  it('workers tells of a worker of an older version without its time, in the order of names', async () => {
    for (const worker of ['tasks@c', 'tasks@a']) {
      await givenStore().insert('task_sessions', { worker, beats: 0, lease: 30_000 });
    }
    assert.deepEqual(await given().workers(), [
      { name: 'tasks@a', renewedAt: null },
      { name: 'tasks@c', renewedAt: null },
    ]);
  });
}
