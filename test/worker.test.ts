import assert from 'node:assert/strict';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { Agent, get as httpGet } from 'node:http';
import { describe, test } from 'node:test';
import packageJson from '../package.json' with { type: 'json' };
import type { ListenAddress } from '../src/listen-address.ts';
import { readSnapshot } from '../src/metrics/snapshot.ts';
import { run, until } from './support/processes.ts';
import type { TemporaryDirectory } from './support/temporary.ts';
import { getVariables, uwsgiRequest } from './support/uwsgi-client.ts';
import { startPool, type TestPool, type TestWorker, workerProgram } from './support/worker.ts';

/** An application that answers, waits, throws from a timer and ends the process as it is asked to. */
const program = `
  export const listener = async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://x');
    if (pathname === '/throw') setTimeout(() => { throw new Error('canary') }, 1);
    const milliseconds = Number(searchParams.get('ms') ?? 0);
    if (milliseconds > 0) await new Promise((resolve) => setTimeout(resolve, milliseconds));
    response.end(String(process.pid));
  };
`;

const uwsgiAt = (directory: TemporaryDirectory): ListenAddress => ({
  type: 'unix',
  path: directory.file('worker.sock'),
});
const anyPort: ListenAddress = { type: 'tcp', host: '127.0.0.1', port: 0 };

/** A pool with an application on a unix socket (uwsgi) and a TCP one (HTTP). */
function applicationPool(more: object = {}, source = program): Promise<TestPool> {
  return startPool(
    (directory) => {
      writeFileSync(directory.file('app.mjs'), source);
      return {
        application: { module: './app.mjs' },
        listen: {
          uwsgi: { address: `unix:${directory.file('worker.sock')}` },
          http: { address: '127.0.0.1:8080' },
        },
        ...more,
      };
    },
    (directory) => ({ uwsgi: uwsgiAt(directory), http: anyPort }),
  );
}

async function askUwsgi(pool: TestPool, target = '/'): Promise<string> {
  const answer = await uwsgiRequest(
    { path: pool.directory.file('worker.sock') },
    getVariables(target),
    { timeoutMs: 60_000 },
  );
  if (answer.status !== 200) throw new Error(`status ${answer.status}, reset ${answer.reset}`);
  return answer.body.toString();
}

/** Rejects for anything but a whole 200. */
function askHttp({ addresses: { http } }: TestPool, agent: Agent, target = '/'): Promise<string> {
  if (http?.type !== 'tcp') throw new Error('no HTTP listener');
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const request = httpGet({ host: http.host, port: http.port, path: target, agent }, (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    response.on('error', reject);
    response.on('end', () => {
      if (response.statusCode === 200) resolve(text);
      else reject(new Error(`status ${response.statusCode}`));
    });
  });
  // As a front does: what was sent on a kept connection while it ended is sent again.
  request.on('error', (error: NodeJS.ErrnoException) => {
    const isRaced = request.reusedSocket && error.code === 'ECONNRESET';
    if (isRaced) resolve(askHttp({ addresses: { http } } as unknown as TestPool, agent, target));
    else reject(error);
  });
  return promise;
}

const failureOf = ({ messages }: TestWorker) => messages.find(({ type }) => type === 'failed');

describe('a worker', () => {
  test('serves on inherited sockets, reports what it does, and is named for ps', async () => {
    await using pool = await applicationPool();
    const worker = await pool.start();
    const { pid } = worker.child;
    assert.equal(await askUwsgi(pool), String(pid));
    assert.equal(await askHttp(pool, new Agent()), String(pid));
    await until('both are reported', () => worker.report()?.requests === 2);
    const report = worker.report();
    assert.ok(report !== undefined && report.bytesSent > 100 && report.rssBytes > 10_000_000);
    assert.deepEqual([report.exceptions, report.overdue, report.requestsInFlight], [0, 0, 0]);
    const title = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0];
    assert.equal(title, 'portcullis: worker 1 (main)');
    const ready = worker.messages.find(({ type }) => type === 'ready');
    assert.ok(ready?.type === 'ready' && ready.addresses.length === 2);
    assert.equal(ready.version, packageJson.version);
  });

  test('drains when it is told to, and by SIGTERM: what runs ends, nothing is accepted, exit 0', async () => {
    for (const how of ['message', 'signal'] as const) {
      await using pool = await applicationPool();
      const worker = await pool.start();
      const slow = askUwsgi(pool, '/?ms=600');
      await until('it runs', () => worker.report()?.requestsInFlight === 1);
      if (how === 'message') worker.send({ type: 'drain' });
      else worker.child.kill('SIGTERM');
      assert.equal(await slow, String(worker.child.pid));
      assert.deepEqual(await worker.ended, [0, null]);
      await until('the last report has all requests', () => worker.report()?.requests === 1);
    }
  });

  test('loses no request of many clients while one of two workers drains again and again', async () => {
    await using pool = await applicationPool();
    const agent = new Agent({ keepAlive: true, maxSockets: 8 });
    let isOver = false;
    const counts = { uwsgi: 0, http: 0 };
    const load = async (protocol: 'uwsgi' | 'http'): Promise<void> => {
      while (!isOver) {
        await (protocol === 'uwsgi' ? askUwsgi(pool, '/?ms=2') : askHttp(pool, agent, '/?ms=2'));
        counts[protocol] += 1;
      }
    };
    let worker = await pool.start();
    const clients = Array.from({ length: 16 }, (_, index) => load(index % 2 ? 'uwsgi' : 'http'));
    const cycles = async (): Promise<void> => {
      for (let cycle = 0; cycle < 2; cycle += 1) {
        const successor = await pool.start();
        worker.send({ type: 'drain' });
        assert.deepEqual(await worker.ended, [0, null]);
        worker = successor;
      }
    };
    await Promise.race([cycles(), ...clients]).finally(() => {
      isOver = true;
    });
    await Promise.all(clients);
    agent.destroy();
    assert.ok(counts.uwsgi > 20 && counts.http > 20, JSON.stringify(counts));
    assert.match(await askUwsgi(pool), /^\d+$/, 'the path of the socket is still there');
  });

  test('leaves the signals of a terminal to its primary', async () => {
    await using pool = await applicationPool();
    const worker = await pool.start();
    for (const signal of ['SIGINT', 'SIGHUP'] as const) worker.child.kill(signal);
    assert.equal(await askUwsgi(pool), String(worker.child.pid));
  });

  test('opens its log anew when it is told to', async () => {
    await using pool = await applicationPool();
    const worker = await pool.start();
    const file = pool.directory.file('worker.log');
    renameSync(file, `${file}.1`);
    worker.send({ type: 'reopen-log' });
    await until('the file is there', () => existsSync(file));
  });

  test('ends within a second when its channel closes, whatever runs', async () => {
    await using pool = await applicationPool();
    const worker = await pool.start();
    const running = askUwsgi(pool, '/?ms=60000').catch((error: Error) => error.message);
    await until('it runs', () => worker.report()?.requestsInFlight === 1);
    const startedAt = performance.now();
    worker.child.disconnect();
    await worker.ended;
    assert.ok(performance.now() - startedAt < 3000);
    assert.match(await running, /status 0/);
  });

  test('ends after an exception that nobody caught: says so, answers what runs, exits with 70', async () => {
    await using pool = await applicationPool();
    const worker = await pool.start();
    const answers = await Promise.all([
      askUwsgi(pool, '/throw?ms=200'),
      askUwsgi(pool, '/?ms=200'),
    ]);
    assert.deepEqual(answers, [String(worker.child.pid), String(worker.child.pid)]);
    assert.deepEqual(await worker.ended, [70, null]);
    const line = pool.log().find(({ message }) => message === 'worker stopping after a defect');
    assert.deepEqual([line?.reason, line?.worker], ['canary', 1]);
  });

  test('ends a request over limits.requestSeconds with 504, and serves on', async () => {
    await using pool = await applicationPool({ limits: { requestSeconds: 1 } });
    const worker = await pool.start();
    await assert.rejects(askUwsgi(pool, '/?ms=60000'), /status 504/);
    assert.equal(await askUwsgi(pool), String(worker.child.pid));
    await until('it is reported', () => worker.report()?.overdue === 1);
    assert.equal(worker.report()?.exceptions, 1);
  });

  test('serves on when its log cannot be written, and reports how many lines are lost', async () => {
    await using pool = await startPool(
      (directory) => ({
        log: { file: '/dev/full' },
        listen: { uwsgi: { address: `unix:${directory.file('worker.sock')}` } },
      }),
      (directory) => ({ uwsgi: uwsgiAt(directory) }),
    );
    const worker = await pool.start();
    await assert.rejects(askUwsgi(pool), /status 404/);
    await until(
      'the line of the request is lost',
      () => readSnapshot(worker.report()?.metrics).logLinesLost > 0,
    );
    await assert.rejects(askUwsgi(pool), /status 404/);
  });
});

describe('a worker that cannot start', () => {
  for (const [name, source, reason] of [
    ['throws', `throw new Error('canary at load')`, /app\.mjs: canary at load$/],
    ['exports no function', `export const listener = 5`, /has to export a function/],
    [
      'throws from a timer while it loads',
      `setTimeout(() => { throw new Error('canary later') }, 50); await new Promise(() => setInterval(() => {}, 1000));`,
      /canary later/,
    ],
  ] as const) {
    test(`names a module that ${name}`, async () => {
      await using pool = await applicationPool({}, source);
      const worker = await pool.start({ waitForReady: false });
      await worker.ended;
      const failure = failureOf(worker);
      assert.ok(failure?.type === 'failed');
      assert.match(failure.reason, reason);
      assert.deepEqual(await worker.ended, [failure.exitCode, null]);
      assert.equal(failure.exitCode, name.includes('timer') ? 70 : 78);
    });
  }

  test('says every problem with its place, and exits as the start would', async () => {
    await using pool = await startPool(
      (directory) => ({
        distributions: [
          {
            relativeUrl: 'a',
            root: directory.path,
            access: { any: [{ nonsense: {} }, { password: { file: './absent' } }] },
          },
        ],
        listen: { uwsgi: { address: `unix:${directory.file('worker.sock')}` } },
      }),
      (directory) => ({ uwsgi: uwsgiAt(directory) }),
    );
    const worker = await pool.start({ waitForReady: false });
    assert.deepEqual(await worker.ended, [78, null]);
    const failure = failureOf(worker);
    assert.ok(failure?.type === 'failed' && failure.exitCode === 78);
    const lines = failure.reason.split('\n');
    assert.equal(lines.length, 2);
    for (const line of lines) {
      assert.match(line, /portcullis\.yaml:1:\d+: distributions\[0\]\.access\.any\[\d\]/);
    }
  });

  test('says that nobody started it', async () => {
    const result = await run(process.execPath, [workerProgram]);
    assert.equal(result.code, 64);
    assert.match(result.stderr, /^Cannot run as a worker: no primary started this process\n$/);
  });
});
