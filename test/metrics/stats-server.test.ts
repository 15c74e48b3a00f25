import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { createAggregate } from '../../src/metrics/aggregate.ts';
import { pageFreshMs } from '../../src/metrics/bounded-server.ts';
import { createStatsServer, type StatsServerOptions } from '../../src/metrics/stats-server.ts';
import { uwsgiStats } from '../../src/metrics/uwsgi-stats.ts';
import { needs } from '../support/needs.ts';
import { freePort, stop, until } from '../support/processes.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';
import { toolPath } from '../support/tools.ts';
import { sampleReport, sampleStatus, sampleWorker } from './sample.ts';

interface Running extends AsyncDisposable {
  readonly path: string;
  readonly faults: readonly unknown[];
}

async function start(
  directory: TemporaryDirectory,
  options: Partial<StatsServerOptions>,
): Promise<Running> {
  const faults: unknown[] = [];
  const server = createStatsServer({
    document: () => ({ a: 1 }),
    onFault: (error) => faults.push(error),
    ...options,
  });
  const path = directory.file('stats.sock');
  await server.listen({ path });
  return { path, faults, [Symbol.asyncDispose]: () => server.close() };
}

function client(path: string): Socket {
  const socket = connect(path);
  socket.on('error', () => {});
  return socket;
}

async function answerOf(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await closeOf(socket);
  return Buffer.concat(chunks).toString();
}

/** Unlike `once` it does not mind an error before. */
function closeOf(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.on('close', () => resolve()));
}

describe('createStatsServer', () => {
  test('the stats server writes the document and closes, whatever the client sends', async () => {
    using directory = temporaryDirectory();
    await using server = await start(directory, {});
    assert.equal(await answerOf(client(server.path)), '{"a":1}');
    const talkative = client(server.path);
    talkative.write('GET / HTTP/1.1\r\n'.repeat(10_000));
    assert.equal(await answerOf(talkative), '{"a":1}');
  });

  test('a client that never reads is ended after its time, and holds nobody up', async () => {
    using directory = temporaryDirectory();
    const large = { text: 'x'.repeat(4 * 1024 * 1024) };
    await using server = await start(directory, {
      document: () => large,
      limits: { connectionsMax: 4, connectionSeconds: 0.5 },
    });
    const deaf = client(server.path).pause();
    await once(deaf, 'connect');
    assert.equal((await answerOf(client(server.path))).length, JSON.stringify(large).length);
    await new Promise((resolve) => setTimeout(resolve, 800));
    const rest = await answerOf(deaf.resume());
    assert.ok(rest.length < JSON.stringify(large).length, `${rest.length}`);
  });

  test('a client that keeps its side open is ended after its time', async () => {
    using directory = temporaryDirectory();
    await using server = await start(directory, {
      limits: { connectionsMax: 4, connectionSeconds: 0.3 },
    });
    const open = connect({ path: server.path, allowHalfOpen: true });
    open.on('error', () => {});
    open.resume();
    await once(open, 'end');
    const sending = setInterval(() => open.write('x'), 20);
    await closeOf(open);
    clearInterval(sending);
  });

  test('so many clients are served at one time, and one more is closed without an answer', async () => {
    using directory = temporaryDirectory();
    await using server = await start(directory, {
      limits: { connectionsMax: 2, connectionSeconds: 60 },
    });
    const held = [0, 1].map(() => connect({ path: server.path, allowHalfOpen: true }));
    for (const socket of held) assert.equal(String((await once(socket, 'data'))[0]), '{"a":1}');
    assert.equal(await answerOf(client(server.path)), '');
    held[0]?.end();
    await until('a place is free', async () => (await answerOf(client(server.path))) !== '');
    held[1]?.destroy();
  });

  test('a thousand clients of a moment cost a few documents', async () => {
    using directory = temporaryDirectory();
    let made = 0;
    const startedAt = performance.now();
    await using server = await start(directory, {
      document: () => {
        made += 1;
        return { a: 1 };
      },
    });
    const answers = await Promise.all(
      Array.from({ length: 1000 }, () => answerOf(client(server.path))),
    );
    assert.equal(await answerOf(client(server.path)), '{"a":1}');
    const milliseconds = performance.now() - startedAt;
    assert.ok(answers.every((answer) => answer === '' || answer === '{"a":1}'));
    assert.ok(made <= milliseconds / pageFreshMs + 1, `${made} in ${milliseconds} ms`);
  });

  test('a document that cannot be made closes the connection and is told of', async () => {
    using directory = temporaryDirectory();
    await using server = await start(directory, {
      document: () => {
        throw new Error('no status');
      },
    });
    assert.equal(await answerOf(client(server.path)), '');
    assert.equal(String(server.faults[0]), 'Error: no status');
  });

  test('listen() tells that the address is taken', async () => {
    const port = await freePort();
    await using other = createServer().listen(port, '127.0.0.1');
    await once(other, 'listening');
    const server = createStatsServer({ document: () => 1, onFault: () => {} });
    await assert.rejects(server.listen({ port, host: '127.0.0.1' }), { code: 'EADDRINUSE' });
  });

  test('uwsgitop shows the workers of the document', {
    skip: needs('uwsgitop', 'script'),
  }, async () => {
    using directory = temporaryDirectory();
    const report = sampleReport(3, { inFlight: 1 });
    const status = sampleStatus({
      workers: [sampleWorker(), sampleWorker({ number: 2, pid: 1002, report })],
    });
    const { totals } = createAggregate();
    await using server = await start(directory, {
      document: () => uwsgiStats(status, totals(status.workers)),
    });
    const child = spawn('script', ['-qec', `uwsgitop ${server.path}`, '/dev/null'], {
      env: { PATH: toolPath, TERM: 'xterm', LANG: 'C.UTF-8', LINES: '40', COLUMNS: '200' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    try {
      let screen = '';
      child.stdout.on('data', (chunk) => {
        screen += String(chunk);
      });
      await until(
        'uwsgitop shows the workers',
        () => /idle/.test(screen) && /busy/.test(screen),
        30_000,
      );
      assert.match(screen, /uwsgi-0\.1\.0 - .* - req: \d+ - RPS: \d+ - lq: 3 - tx: /);
      assert.match(screen, /masterpid: 1000/);
      const ended = once(child, 'close');
      child.stdin.write('q');
      const [code] = await ended;
      assert.equal(code, 0, screen);
    } finally {
      await stop(child);
    }
  });
});
