import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createAggregate, type Totals } from '../../src/metrics/aggregate.ts';
import { sampleReport, sampleWorker } from './sample.ts';

const requestsOf = (totals: Totals, pool = 'main') => totals.pools.get(pool)?.requests;

describe('createAggregate', () => {
  test('totals() adds up the living, and replaces what a worker said before', () => {
    const aggregate = createAggregate();
    const second = sampleWorker({ number: 2, pid: 1002, report: sampleReport(5) });
    assert.equal(requestsOf(aggregate.totals([sampleWorker(), second])), 7);
    const later = sampleWorker({ report: sampleReport(10) });
    const totals = aggregate.totals([later, second]);
    assert.equal(requestsOf(totals), 15);
    assert.deepEqual(totals.pools.get('main')?.decisions.slice(0, 2), [2, 13]);
    assert.equal(totals.processes.get(1001)?.gauges.rssBytes, 100 * 1024 * 1024);
  });

  test('retire() keeps what a dead worker counted, and drops its gauges', () => {
    const aggregate = createAggregate();
    aggregate.totals([sampleWorker()]);
    aggregate.retire(sampleWorker({ report: sampleReport(4) }));
    const successor = sampleWorker({ pid: 1003, spawns: 2, report: sampleReport(1) });
    const totals = aggregate.totals([successor]);
    assert.equal(requestsOf(totals), 5);
    assert.equal(totals.workers.get(1)?.requests, 5);
    assert.equal(totals.processes.get(1003)?.counters.requests, 1);
    assert.equal(totals.processes.has(1001), false);
    assert.equal(requestsOf(aggregate.totals([])), 5);
  });

  test('totals() keeps apart the two processes that have one number while one replaces the other', () => {
    const aggregate = createAggregate();
    const old = sampleWorker({ report: sampleReport(4) });
    const successor = sampleWorker({ pid: 1003, report: sampleReport(3) });
    const totals = aggregate.totals([old, successor]);
    assert.equal(totals.workers.get(1)?.requests, 7);
    assert.equal(totals.processes.size, 2);
    aggregate.retire(old);
    assert.equal(requestsOf(aggregate.totals([successor])), 7);
  });

  test('totals() never goes down when a worker counts backwards', () => {
    const aggregate = createAggregate();
    aggregate.totals([sampleWorker({ report: sampleReport(9) })]);
    assert.equal(requestsOf(aggregate.totals([sampleWorker({ report: sampleReport(1) })])), 9);
    aggregate.retire(sampleWorker({ report: { requests: -5 } }));
    const totals = aggregate.totals([]);
    assert.equal(requestsOf(totals), 9);
    assert.equal(totals.pools.get('main')?.roles.content?.bytes, 9000);
  });

  for (const report of [null, 3, 'x', [], { requests: 1e300, metrics: { roles: 7 } }]) {
    test(`totals() stands a report that is ${JSON.stringify(report)}`, () => {
      const aggregate = createAggregate();
      assert.equal(requestsOf(aggregate.totals([sampleWorker({ report })])), 0);
    });
  }

  test('totals() knows nothing of a worker that has not reported', () => {
    const { pools, processes } = createAggregate().totals([sampleWorker({ report: undefined })]);
    assert.deepEqual([pools.size, processes.size], [0, 0]);
  });
});
