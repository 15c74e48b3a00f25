import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { headOf } from '../../../src/workers/decisions/pool-state.ts';
import { defaultTiming } from '../../../src/workers/decisions/timing.ts';
import { PoolModel, planOf, quietReport, wellBehaved } from './pool-model.ts';

/** A pool that serves, with the ids 1, 2, … */
function servingPool(...args: Parameters<typeof planOf>): PoolModel {
  const model = new PoolModel(planOf(...args));
  model.advance(1);
  assert.ok(model.isWhole);
  return model;
}

function phaseOf(model: PoolModel, id: number): string | undefined {
  return model.state.workers.find((worker) => worker.id === id)?.phase;
}

describe('nextAction: workers that serve', () => {
  test('nextAction() starts every worker of every pool, numbered over all of them', () => {
    const model = servingPool({ main: 2, blog: 1 });
    assert.deepEqual(
      model.state.slots.map(({ pool, slot, number }) => [pool, slot, number]),
      [
        ['main', 1, 1],
        ['main', 2, 2],
        ['blog', 1, 3],
      ],
    );
    assert.deepEqual(
      model.of('spawn').map(({ cause }) => cause),
      ['start', 'start', 'start'],
    );
  });

  test('nextAction() asks a silent worker, aborts it, kills it, and replaces it before it is gone', () => {
    const model = servingPool({ main: 1 });
    model.behave(1, { isAlive: false, ignoresAbort: true });
    model.advance(9.5);
    assert.equal(phaseOf(model, 1), 'serving');
    model.advance(0.5);
    assert.equal(phaseOf(model, 1), 'asked');
    model.advance(1.75);
    assert.equal(phaseOf(model, 1), 'asked');
    model.advance(0.25);
    assert.equal(phaseOf(model, 1), 'aborted');
    assert.equal(phaseOf(model, 2), 'starting');
    model.advance(2.75);
    assert.equal(phaseOf(model, 1), 'aborted');
    model.advance(0.25);
    assert.equal(phaseOf(model, 1), 'killed');
    model.advance(1);
    assert.ok(model.isWhole);
  });

  test('nextAction() leaves a worker that answers alone', () => {
    const model = servingPool({ main: 1 });
    model.behave(1, { isAlive: false });
    model.advance(10.5);
    assert.equal(phaseOf(model, 1), 'asked');
    model.behave(1, { isAlive: true });
    model.advance(0.25);
    assert.equal(phaseOf(model, 1), 'serving');
    assert.equal(model.of('abort').length, 0);
  });

  test('nextAction() replaces a worker with a request past its limit and the grace, and none at it', () => {
    const model = servingPool({ main: 1 });
    const waiting = (milliseconds: number) => ({
      ...quietReport,
      oldestRequest: { method: 'GET', path: '/slow', milliseconds },
    });
    model.behave(1, { report: waiting(60_000 + defaultTiming.overdueGraceMs - 1) });
    model.advance(1);
    assert.equal(model.of('replace').length, 0);
    model.behave(1, { report: waiting(60_000 + defaultTiming.overdueGraceMs), drainMs: undefined });
    model.advance(1);
    assert.equal(phaseOf(model, 1), 'draining', 'its neighbours get their time');
    model.advance(33);
    assert.equal(phaseOf(model, 1), undefined);
    assert.deepEqual(
      model.of('abort').map(({ worker }) => worker),
      [1],
    );
  });

  test('nextAction() kills at memoryBytesMax, and not below', () => {
    const model = servingPool({ main: 1 }, { memoryBytesMax: 100_000_000 });
    model.behave(1, { report: { ...quietReport, rssBytes: 99_999_999 } });
    model.advance(5);
    assert.equal(phaseOf(model, 1), 'serving');
    model.behave(1, { report: { ...quietReport, rssBytes: 100_000_000 } });
    model.advance(0.25);
    assert.deepEqual(model.of('kill'), [{ type: 'kill', worker: 1, cause: 'memory-max' }]);
  });
});

describe('nextAction: early deaths', () => {
  test('nextAction() doubles the wait at each death before a worker was ready, up to its limit', () => {
    const model = servingPool({ main: 2 });
    model.nextBehaviour = () => ({ ...wellBehaved, bootMs: 0, diesAtBoot: true });
    model.die(1);
    const waits: number[] = [];
    for (let death = 0; death < 10; death += 1) {
      const slot = model.state.slots[0];
      waits.push(((slot?.notBefore ?? 0) - model.now) / 1000);
      const births = model.state.births;
      while (model.state.births === births) model.advance(0.25);
      model.advance(0.25);
    }
    assert.deepEqual(waits, [0.5, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
    assert.equal(model.state.stop, undefined, 'the other worker serves on');
  });

  test('nextAction() waits less for workers that had served: a deadly request is no outage', () => {
    const model = servingPool({ main: 1 });
    const waits: number[] = [];
    for (let death = 0; death < 5; death += 1) {
      const id = model.state.births;
      model.die(id);
      waits.push(((model.state.slots[0]?.notBefore ?? 0) - model.now) / 1000);
      model.advance(3);
    }
    assert.deepEqual(waits, [0.5, 1, 2, 2, 2]);
  });

  test('nextAction() replaces a worker at once that dies after it has served for a while', () => {
    const model = servingPool({ main: 1 });
    model.advance(defaultTiming.earlyDeathMs / 1000);
    model.die(1);
    assert.equal(phaseOf(model, 2), 'starting');
  });

  test('nextAction() forgets early deaths once a worker has served for a while', () => {
    const model = servingPool({ main: 1 });
    for (const id of [1, 2]) {
      model.die(id);
      model.advance(3);
    }
    assert.equal(model.state.slots[0]?.earlyDeaths, 2);
    model.advance(defaultTiming.earlyDeathMs / 1000);
    model.die(3);
    assert.equal(model.state.slots[0]?.earlyDeaths, 0);
  });

  test('nextAction() tries at once after a reload, however long the wait was', () => {
    const model = servingPool({ main: 2 });
    model.nextBehaviour = () => ({ ...wellBehaved, diesAtBoot: true });
    model.die(1);
    model.advance(40);
    model.nextBehaviour = () => wellBehaved;
    model.change({ type: 'reload', plan: planOf({ main: 2 }) });
    model.advance(0.5);
    assert.equal(headOf(model.state, { pool: 'main', slot: 1 })?.phase, 'serving');
  });

  test('nextAction() gives up at bootAttemptsMax deaths when nothing ever served, not before', () => {
    const model = new PoolModel(planOf({ main: 1 }, { bootAttemptsMax: 3 }));
    for (let death = 1; death <= 3; death += 1) {
      assert.equal(model.state.stop, undefined);
      model.die(model.state.births, 'exit code 1');
      if (death < 3) model.advance(2 ** death / 4);
    }
    const reason = 'It ended before it was ready: exit code 1';
    assert.deepEqual(model.of('give-up'), [
      { type: 'give-up', failure: { reason, exitCode: undefined } },
    ]);
    model.advance(5);
    assert.equal(model.processes.size, 0);
  });

  test('nextAction() gives up at once when the worker says why it cannot start', () => {
    const model = new PoolModel(planOf({ main: 1 }, { bootAttemptsMax: 3 }));
    const failure = { reason: 'no such rule', exitCode: 78 };
    model.change({ type: 'failed', worker: model.state.births, failure });
    model.die(model.state.births, 'exit code 78');
    assert.deepEqual(model.of('give-up'), [{ type: 'give-up', failure }]);
  });

  test('nextAction() runs on without a pool that cannot start', () => {
    const model = new PoolModel(planOf({ main: 1, blog: 1 }, { bootAttemptsMax: 2 }));
    model.behave(2, { diesAtBoot: true });
    model.nextBehaviour = () => ({ ...wellBehaved, diesAtBoot: true });
    model.advance(60);
    assert.equal(phaseOf(model, 1), 'serving');
    assert.equal(model.state.stop, undefined);
  });
});

describe('nextAction: recycling', () => {
  test('nextAction() starts the successor first, and takes one worker at a time', () => {
    const recycle = { requests: 100, ageSeconds: 0, memoryBytes: 0, jitter: 0 };
    const model = servingPool({ main: 3 }, { recycle });
    for (const id of [1, 2, 3]) model.behave(id, { report: { ...quietReport, requests: 100 } });
    model.advance(defaultTiming.recycleMsMin / 1000 + 20);
    assert.deepEqual(
      model.actions
        .filter(({ type }) => type === 'replace' || type === 'drain')
        .map((action) => [action.type, 'worker' in action ? action.worker : 0]),
      [1, 2, 3].flatMap((id) => [
        ['replace', id],
        ['drain', id],
      ]),
    );
    assert.ok(model.isWhole);
  });

  test('nextAction() recycles at a limit and not below, apart by the jitter', () => {
    const recycle = { requests: 100, ageSeconds: 0, memoryBytes: 0, jitter: 0.2 };
    const model = new PoolModel(planOf({ main: 1 }, { recycle }));
    assert.equal(model.state.workers[0]?.limits.requests, 100, 'in the middle');
    for (const [random, requests] of [
      [0, 80],
      [0.75, 110],
    ] as const) {
      const other = new PoolModel(planOf({ main: 1 }));
      other.random = () => random;
      other.change({ type: 'resize', plan: planOf({ main: 2 }, { recycle }) });
      assert.equal(Math.round(other.state.workers[1]?.limits.requests ?? 0), requests);
    }
    model.behave(1, { report: { ...quietReport, requests: 99 } });
    model.advance(20);
    assert.equal(model.of('replace').length, 0);
    model.behave(1, { report: { ...quietReport, requests: 100 } });
    model.advance(1);
    assert.equal(model.of('replace').length, 1);
  });

  test('nextAction() is no storm when a worker is over its limit from the start', () => {
    const recycle = { requests: 0, ageSeconds: 0, memoryBytes: 1, jitter: 0 };
    const model = servingPool({ main: 1 }, { recycle });
    model.advance(60);
    assert.ok(model.of('spawn').length <= 7);
  });

  test('nextAction() keeps a worker past its limit while its successor cannot start', () => {
    const recycle = { requests: 0, ageSeconds: 20, memoryBytes: 0, jitter: 0 };
    const model = servingPool({ main: 1 }, { recycle });
    model.nextBehaviour = () => ({ ...wellBehaved, diesAtBoot: true });
    model.advance(120);
    assert.equal(phaseOf(model, 1), 'serving');
  });
});

describe('nextAction: reload', () => {
  test('nextAction() goes on to the next worker when the predecessor is gone', () => {
    const model = servingPool({ main: 2 });
    model.behave(1, { drainMs: 5000 });
    model.change({ type: 'reload', plan: planOf({ main: 2 }) });
    model.advance(4);
    assert.equal(phaseOf(model, 1), 'draining');
    assert.equal(phaseOf(model, 2), 'serving');
    assert.equal(model.state.workers.length, 3);
    model.advance(5);
    assert.ok(model.isWhole);
    assert.equal(model.state.generation, 2);
  });

  test('nextAction() takes back the workers of a reload that fails half-way, one at a time', () => {
    const model = servingPool({ main: 3 });
    let newcomers = 0;
    model.nextBehaviour = (generation) => {
      if (generation !== 2) return wellBehaved;
      newcomers += 1;
      return { ...wellBehaved, diesAtBoot: newcomers === 2 };
    };
    model.change({ type: 'reload', plan: planOf({ main: 3 }) });
    model.advance(30);
    assert.deepEqual(model.of('finish-reload'), [
      { type: 'finish-reload', failure: 'It ended before it was ready: exit code 1' },
    ]);
    assert.ok(model.isWhole);
    assert.equal(model.state.generation, 1);
    assert.deepEqual(
      model.of('replace').map(({ cause }) => cause),
      ['reload', 'reload', 'rollback'],
    );
  });

  test('nextAction() ends a reload whose worker is not ready in time', () => {
    const model = servingPool({ main: 1 });
    model.nextBehaviour = () => ({ ...wellBehaved, bootMs: undefined });
    model.change({ type: 'reload', plan: planOf({ main: 1 }) });
    model.advance(61);
    assert.deepEqual(model.of('finish-reload'), [
      { type: 'finish-reload', failure: 'It was not ready within 60 seconds' },
    ]);
    model.nextBehaviour = () => wellBehaved;
    model.advance(10);
    assert.equal(
      phaseOf(model, 1),
      'serving',
      'the old worker stays, and no other takes its place',
    );
    assert.ok(model.isWhole);
  });

  test('nextAction() takes away pools and workers that the new plan lacks, after the rest', () => {
    const model = servingPool({ main: 2, blog: 1 });
    model.change({ type: 'reload', plan: planOf({ main: 1, api: 1 }) });
    model.advance(10);
    assert.ok(model.isWhole);
    const removed = model.of('drain').filter(({ cause }) => cause === 'removed');
    assert.equal(removed.length, 2);
    const finish = model.actions.findIndex(({ type }) => type === 'finish-reload');
    assert.ok(removed.every((drain) => model.actions.indexOf(drain) > finish));
  });

  test('nextAction() tries one worker of a plan that may be broken', () => {
    const model = servingPool({ main: 4 });
    model.nextBehaviour = () => ({ ...wellBehaved, diesAtBoot: true });
    model.die(1);
    model.change({ type: 'reload', plan: planOf({ main: 4, blog: 4 }) });
    assert.equal(model.state.workers.filter(({ generation }) => generation === 2).length, 1);
  });
});

describe('nextAction: stop', () => {
  test('nextAction() drains those that serve and dismisses those that start', () => {
    const model = servingPool({ main: 2 });
    model.die(1);
    model.advance(0.5);
    assert.equal(phaseOf(model, 3), 'starting');
    model.change({ type: 'stop', how: 'drain' });
    assert.deepEqual([phaseOf(model, 2), phaseOf(model, 3)], ['draining', 'dismissed']);
    model.advance(2);
    assert.equal(model.processes.size, 0);
  });

  test('nextAction() ends a drain at its limit', () => {
    const model = servingPool({ main: 1 });
    model.behave(1, { drainMs: undefined });
    model.change({ type: 'stop', how: 'drain' });
    model.advance(30 + defaultTiming.drainGraceMs / 1000 - 0.25);
    assert.equal(phaseOf(model, 1), 'draining');
    model.advance(0.25);
    assert.equal(phaseOf(model, 1), 'aborted');
  });

  test('nextAction() dismisses those that drain when the stop becomes urgent', () => {
    const model = servingPool({ main: 1 });
    model.behave(1, { drainMs: undefined });
    model.change({ type: 'stop', how: 'drain' });
    model.change({ type: 'stop', how: 'interrupt' });
    assert.equal(phaseOf(model, 1), 'dismissed');
    model.advance(defaultTiming.dismissMs / 1000);
    assert.equal(phaseOf(model, 1), 'killed');
  });
});
