import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createAggregate } from '../../src/metrics/aggregate.ts';
import { uwsgiStats } from '../../src/metrics/uwsgi-stats.ts';
import { sampleReport, sampleStatus, sampleWorker } from './sample.ts';

/** As uWSGI 2.0.21 sends it without plugins for memory. */
const instanceKeys = [
  ...['version', 'listen_queue', 'listen_queue_errors', 'signal_queue', 'load', 'pid', 'uid'],
  ...['gid', 'cwd', 'locks', 'sockets', 'workers'],
];
const workerKeys = [
  ...['id', 'pid', 'accepting', 'requests', 'delta_requests', 'exceptions', 'harakiri_count'],
  ...['signals', 'signal_queue', 'status', 'rss', 'vsz', 'running_time', 'last_spawn'],
  ...['respawn_count', 'tx', 'avg_rt', 'apps', 'cores'],
];
const coreKeys = [
  ...['id', 'requests', 'static_requests', 'routed_requests', 'offloaded_requests'],
  ...['write_errors', 'read_errors', 'in_request', 'vars', 'req_info'],
];

function statsOf(status = sampleStatus()) {
  return uwsgiStats(status, createAggregate().totals(status.workers));
}

describe('uwsgiStats', () => {
  test('uwsgiStats() has the fields of uWSGI, and one of its own', () => {
    const stats = statsOf();
    assert.deepEqual(Object.keys(stats), [...instanceKeys, 'portcullis']);
    assert.deepEqual(Object.keys(stats.workers[0] ?? {}), workerKeys);
    assert.deepEqual(Object.keys(stats.workers[0]?.cores[0] ?? {}), coreKeys);
    assert.deepEqual([stats.pid, stats.listen_queue, stats.load], [1000, 3, 3]);
    assert.deepEqual(
      stats.sockets.map(({ name, proto, queue }) => [name, proto, queue]),
      [
        ['/run/portcullis/content.sock', 'uwsgi', 0],
        ['[::1]:8443', 'https', 3],
      ],
    );
  });

  test('uwsgiStats() tells a worker in the units of uWSGI', () => {
    const [, worker] = statsOf().workers;
    assert.deepEqual(
      [worker?.id, worker?.pid, worker?.requests, worker?.tx, worker?.status, worker?.accepting],
      [2, 1002, 3, 3000, 'idle', 1],
    );
    assert.equal(worker?.running_time, 12_000);
    assert.equal(worker?.avg_rt, 3500);
    assert.equal(worker?.last_spawn, 1_795_255_200);
  });

  test('uwsgiStats() goes on counting requests where another process takes over', () => {
    const aggregate = createAggregate();
    aggregate.retire(sampleWorker({ report: sampleReport(4, { outcome: 'overdue' }) }));
    const status = sampleStatus({ workers: [sampleWorker({ pid: 5, spawns: 2 })] });
    const [worker] = uwsgiStats(status, aggregate.totals(status.workers)).workers;
    assert.deepEqual([worker?.requests, worker?.delta_requests], [6, 2]);
    assert.deepEqual([worker?.harakiri_count, worker?.exceptions], [4, 4]);
    assert.equal(worker?.respawn_count, 2);
  });

  test('uwsgiStats() shows of two processes of one worker the one that serves', () => {
    const workers = [
      sampleWorker({ pid: 5, phase: 'draining' }),
      sampleWorker({ pid: 6, phase: 'serving', report: sampleReport(1, { inFlight: 1 }) }),
    ];
    const [worker, ...others] = statsOf(sampleStatus({ workers })).workers;
    assert.deepEqual([worker?.pid, worker?.status, others.length], [6, 'busy', 0]);
    assert.equal(worker?.cores[0]?.in_request, 1);
    const [starting] = statsOf(
      sampleStatus({ workers: [sampleWorker({ phase: 'starting', report: undefined })] }),
    ).workers;
    assert.deepEqual([starting?.status, starting?.accepting, starting?.rss], ['pause', 0, 0]);
  });

  test('uwsgiStats() holds nothing of a request in progress', () => {
    const workers = [sampleWorker({ report: sampleReport(1, { inFlight: 1 }) })];
    const stats = statsOf(sampleStatus({ workers }));
    assert.deepEqual(stats.workers[0]?.cores[0]?.vars, []);
    assert.equal(JSON.stringify(stats).includes('/secret'), false);
  });

  test('uwsgiStats() says what only Portcullis has', () => {
    const { portcullis } = statsOf(
      sampleStatus({ pools: [{ name: 'main', wanted: 2, serving: 0 }], lastRefusal: 'no' }),
    );
    assert.equal(portcullis.schema, 1);
    assert.deepEqual(
      [portcullis.ready, portcullis.reasons],
      [false, ['the pool main has no worker that serves']],
    );
    assert.deepEqual(portcullis.lastRestart, { worker: 2, cause: 'died', at: 1_795_255_200 });
    assert.deepEqual([portcullis.requests, portcullis.lastRefusal], [5, 'no']);
    assert.equal(portcullis.workers[1]?.memoryBytes, 104_857_600);
  });
});
