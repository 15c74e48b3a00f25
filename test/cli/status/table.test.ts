import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createRateMeter } from '../../../src/cli/status/rates.ts';
import { statusLines } from '../../../src/cli/status/table.ts';
import { createAggregate } from '../../../src/metrics/aggregate.ts';
import { type PortcullisStatus, portcullisStatus } from '../../../src/metrics/portcullis-status.ts';
import { sampleReport, sampleStatus, sampleWorker } from '../../metrics/sample.ts';

const now = new Date('2026-11-21T10:03:00Z');

function statusOf(more: Parameters<typeof sampleStatus>[0] = {}): PortcullisStatus {
  const status = sampleStatus(more);
  return portcullisStatus(status, createAggregate().totals(status.workers));
}

describe('statusLines', () => {
  test('statusLines() shows the instance and a row for each process', () => {
    const pools = [{ name: 'main', wanted: 2, serving: 2 }];
    const workers = [sampleWorker(), sampleWorker({ number: 12, pid: 31_002, spawns: 3 })];
    const rates = new Map([[1001, 12.34]]);
    assert.deepEqual(statusLines(statusOf({ pools, workers }), rates, now), [
      'Portcullis 0.1.0, pid 1000: serving, generation 1, up 1 h',
      'Serving: main 2/2',
      'Requests: 4, 12 a second',
      'Restarts: 1 died, 2 reload; the last 3 min ago, worker 2: died',
      'Reloads: 1 done',
      '',
      'WORKER  POOL  STATE      PID    AGE  REQUESTS  RATE/S  BUSY  AVG MS   MEMORY  RESTARTS',
      '     1  main  serving   1001  3 min         2      12    0%     3.0  100 MiB         0',
      '    12  main  serving  31002  3 min         2       -    0%     3.0  100 MiB         2',
    ]);
  });

  test('statusLines() says what is wrong', () => {
    const lines = statusLines(
      statusOf({
        state: 'stopping',
        pools: [],
        workers: [],
        restarts: {},
        lastRestart: undefined,
        lastRefusal: 'portcullis.yaml:3: Cannot use 0',
      }),
      new Map(),
      now,
    );
    assert.ok(lines.includes('Not ready: it is stopping'));
    assert.ok(lines.includes('Serving: no pool'));
    assert.ok(lines.includes('Restarts: none'));
    assert.ok(lines.includes('The last refused reload: portcullis.yaml:3: Cannot use 0'));
  });

  test('statusLines() names the pools that the store does not answer, ready as they are', () => {
    const names = ['main', 'api', 'tasks'];
    const pools = names.map((name) => ({ name, wanted: 1, serving: 1 }));
    const workers = names.map((pool, index) => {
      const report = sampleReport(1, { isStoreUp: pool === 'tasks' });
      return sampleWorker({ pool, number: index + 1, pid: index + 1, report });
    });
    const lines = statusLines(statusOf({ pools, workers }), new Map(), now);
    assert.deepEqual(lines.slice(1, 4), [
      'Serving: main 1/1, api 1/1, tasks 1/1',
      'Store: does not answer main, api',
      'Requests: 3',
    ]);
  });
});

describe('createRateMeter', () => {
  test('createRateMeter() counts per second, by process', () => {
    let clock = 1000;
    const rates = createRateMeter(() => clock);
    const after = (requests: number, pid = 1001) =>
      statusOf({ workers: [sampleWorker({ pid, report: sampleReport(requests) })] });
    assert.equal(rates(after(5)).size, 0);
    clock += 2000;
    assert.deepEqual([...rates(after(9))], [[1001, 2]]);
    clock += 500;
    assert.deepEqual([...rates(after(4, 1002))], [[1002, 8]]);
    clock += 1000;
    assert.deepEqual([...rates(after(3, 1002))], [[1002, 0]]);
  });
});
