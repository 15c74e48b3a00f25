import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { pageFreshMs } from '../../src/metrics/bounded-server.ts';
import { livenessOf, readinessOf } from '../../src/metrics/health.ts';
import {
  createMonitorServer,
  type MonitorServerOptions,
  monitorServerLimits,
} from '../../src/metrics/monitor-server.ts';
import { httpGet, sendHttp } from '../support/http-client.ts';
import { sampleStatus } from './sample.ts';

interface Running extends AsyncDisposable {
  readonly where: { readonly host: string; readonly port: number };
  readonly faults: readonly unknown[];
}

const well = { ok: true, reasons: [] };

async function start(options: Partial<MonitorServerOptions> = {}): Promise<Running> {
  const faults: unknown[] = [];
  const server = createMonitorServer({
    metrics: () => 'a 1\n',
    liveness: () => well,
    readiness: () => well,
    onFault: (error) => faults.push(error),
    ...options,
  });
  await server.listen({ port: 0, host: '127.0.0.1' });
  const { port } = server.address() as AddressInfo;
  const where = { host: '127.0.0.1', port };
  return { where, faults, [Symbol.asyncDispose]: () => server.close() };
}

/** Unlike `once` it does not mind an error before. */
function closeOf(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.on('close', () => resolve()));
}

describe('createMonitorServer', () => {
  test('GET and HEAD of /metrics answer with the page, and its media type', async () => {
    await using server = await start();
    const got = await httpGet(server.where, '/metrics?from=here');
    assert.deepEqual([got.status, got.body.toString()], [200, 'a 1\n']);
    assert.equal(got.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
    const head = await sendHttp(server.where, 'HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
    assert.deepEqual([head.status, head.body.toString()], [200, '']);
    assert.equal(head.headers['content-length'], '4');
  });

  test('/healthz and /readyz answer with 503 and the reasons when something is wrong', async () => {
    const reasons = ['the pool main has no worker that serves'];
    await using server = await start({ readiness: () => ({ ok: false, reasons }) });
    const live = await httpGet(server.where, '/healthz');
    assert.deepEqual([live.status, live.body.toString()], [200, '{"ok":true,"reasons":[]}\n']);
    const ready = await httpGet(server.where, '/readyz');
    assert.equal(ready.status, 503);
    assert.deepEqual(JSON.parse(ready.body.toString()), { ok: false, reasons });
  });

  test('other paths are 404, other methods 405, and no name leads to another object', async () => {
    await using server = await start();
    for (const path of ['/', '/metrics/', '/METRICS', '/%6detrics', '/__proto__', '//metrics']) {
      assert.equal((await httpGet(server.where, path)).status, 404, path);
    }
    const post = await sendHttp(
      server.where,
      'POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n',
    );
    assert.equal(post.status, 405);
    assert.equal(post.headers.allow, 'GET, HEAD');
  });

  test('a page that cannot be made is 500 without a detail, and is told of', async () => {
    await using server = await start({
      metrics: () => {
        throw new Error('secret detail');
      },
    });
    const { status, body } = await httpGet(server.where, '/metrics');
    assert.deepEqual([status, body.toString()], [500, 'Internal Server Error\n']);
    assert.equal(String(server.faults[0]), 'Error: secret detail');
  });

  test('headers are taken up to their limit, and no further', async () => {
    const limits = { ...monitorServerLimits, headerBytes: 1024 };
    await using server = await start({ limits });
    const fitting = await httpGet(server.where, '/healthz', [['X', 'x'.repeat(900)]]);
    assert.equal(fitting.status, 200);
    const tooLong = await httpGet(server.where, '/healthz', [['X', 'x'.repeat(1024)]]);
    assert.equal(tooLong.status, 431);
  });

  test('a connection serves one request, however many are sent', async () => {
    let made = 0;
    await using server = await start({
      liveness: () => {
        made += 1;
        return well;
      },
    });
    const answer = await sendHttp(
      server.where,
      'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(500),
    );
    assert.equal(answer.status, 200);
    assert.equal(made, 1);
  });

  test('a hundred clients of a moment cost a few pages', async () => {
    let made = 0;
    await using server = await start({
      metrics: () => {
        made += 1;
        return 'a 1\n';
      },
    });
    const startedAt = performance.now();
    for (let round = 0; round < 10; round += 1) {
      await Promise.all(Array.from({ length: 10 }, () => httpGet(server.where, '/metrics')));
    }
    const milliseconds = performance.now() - startedAt;
    assert.ok(made <= milliseconds / pageFreshMs + 1, `${made} in ${milliseconds} ms`);
  });

  test('a client that sends its request slowly is ended after its time', async () => {
    const limits = { ...monitorServerLimits, connectionSeconds: 0.4 };
    await using server = await start({ limits });
    const slow = connect(server.where.port, '127.0.0.1');
    slow.on('error', () => {});
    slow.resume();
    const sending = setInterval(() => slow.write('x'), 50);
    await closeOf(slow);
    clearInterval(sending);
  });

  test('so many connections are open at one time, and one more is closed', async () => {
    const limits = { ...monitorServerLimits, connectionsMax: 1 };
    await using server = await start({ limits });
    const held = connect(server.where.port, '127.0.0.1');
    held.on('error', () => {});
    await once(held, 'connect');
    const over = connect(server.where.port, '127.0.0.1');
    over.on('error', () => {});
    over.resume();
    await closeOf(over);
    held.destroy();
  });
});

describe('health', () => {
  const pool = { name: 'main', wanted: 1, serving: 1 };

  test('livenessOf() needs one process of a worker', () => {
    assert.deepEqual(livenessOf(sampleStatus()), well);
    const [worker] = sampleStatus().workers;
    const unborn = worker === undefined ? [] : [{ ...worker, pid: 0 }];
    for (const workers of [[], unborn]) {
      assert.equal(livenessOf(sampleStatus({ workers })).ok, false);
    }
  });

  test('readinessOf() needs a worker that serves in every pool, and an instance that goes on', () => {
    assert.deepEqual(readinessOf(sampleStatus({ pools: [pool] })), well);
    assert.deepEqual(readinessOf(sampleStatus({ pools: [pool], state: 'reloading' })), well);
    const pools = [pool, { name: 'blog', wanted: 2, serving: 0 }];
    assert.deepEqual(readinessOf(sampleStatus({ pools, state: 'stopping' })).reasons, [
      'it is stopping',
      'the pool blog has no worker that serves',
    ]);
  });
});
