import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createHttpServer } from '../../src/listeners/http-server.ts';
import { RequestWatch, type WatchedListener } from '../../src/listeners/request-watch.ts';
import { createLogger } from '../../src/log.ts';
import type { RequestOutcome } from '../../src/metrics/labels.ts';
import { createUwsgiServer } from '../../src/uwsgi/server.ts';
import { httpGet, sendHttp } from '../support/http-client.ts';
import { until } from '../support/processes.ts';
import {
  encodePacket,
  getVariables,
  type RawAnswer,
  readAnswer,
  uwsgiRequest,
} from '../support/uwsgi-client.ts';

interface Watched extends AsyncDisposable {
  readonly watch: RequestWatch;
  readonly port: number;
  readonly log: readonly Readonly<Record<string, unknown>>[];
  readonly outcomes: readonly RequestOutcome[];
  get(target: string): Promise<RawAnswer>;
}

const limits = {
  ...{ headerBytes: 16_384, bodyBytes: 1_000_000, packetSeconds: 10, idleSeconds: 10 },
  drainSeconds: 1,
};

async function start(
  protocol: 'http' | 'uwsgi',
  requestSeconds: number,
  listener: WatchedListener,
): Promise<Watched> {
  const log: Record<string, unknown>[] = [];
  const outcomes: RequestOutcome[] = [];
  const watch = new RequestWatch({
    requestSeconds,
    log: createLogger({ level: 'debug', write: (line) => log.push(JSON.parse(line)) }),
    counterOf: () => ({ ended: (outcome) => outcomes.push(outcome) }),
  });
  const watched = watch.watch(listener);
  const server =
    protocol === 'http'
      ? createHttpServer({ limits, onRefused: () => {} }, watched)
      : createUwsgiServer({ limits }, watched);
  await server.listen({ host: '127.0.0.1', port: 0 });
  const { port } = server.address() as AddressInfo;
  return {
    ...{ watch, port, log, outcomes },
    get: (target) =>
      protocol === 'http'
        ? httpGet({ port }, target)
        : uwsgiRequest({ port }, getVariables(target)),
    [Symbol.asyncDispose]: async () => {
      await server.close();
      watch[Symbol.dispose]();
    },
  };
}

for (const protocol of ['http', 'uwsgi'] as const) {
  describe(`RequestWatch over ${protocol}`, () => {
    test('lets a request be that is answered within its time', async () => {
      await using watched = await start(protocol, 3, async (_request, response) => {
        await sleep(300);
        response.end('in time');
      });
      const answer = await watched.get('/a');
      assert.equal(answer.body.toString(), 'in time');
      await until('it has ended', () => watched.outcomes.length === 1);
      assert.deepEqual([watched.outcomes, watched.log], [['ok'], []]);
    });

    test('ends a request over its time with 504 and a line of log, and its neighbours go on', async () => {
      const aborted: unknown[] = [];
      await using watched = await start(protocol, 0.3, async (request, response, running) => {
        if (request.url === '/fast') return response.end('fast');
        running.signal.addEventListener('abort', () => aborted.push(running.signal.reason));
        return new Promise(() => {});
      });
      const startedAt = performance.now();
      const [stuck, fast] = await Promise.all([
        watched.get('/stuck?password=canary'),
        watched.get('/fast'),
      ]);
      assert.ok(performance.now() - startedAt >= 300);
      assert.equal(fast.body.toString(), 'fast');
      assert.equal(stuck.status, 504);
      const [line] = watched.log;
      assert.equal(line?.message, 'A request was ended for its time limit');
      assert.deepEqual([line?.method, line?.path], ['GET', '/stuck']);
      assert.equal(stuck.body.toString(), `504 Gateway Timeout\nRequest id: ${line?.requestId}\n`);
      assert.ok(Number(line?.milliseconds) >= 300);
      assert.deepEqual(aborted.map(String), [
        'TimeoutError: The request was ended for its time limit (limits.requestSeconds)',
      ]);
      await until('both have ended', () => watched.outcomes.length === 2);
      assert.deepEqual(watched.outcomes.toSorted(), ['ok', 'overdue']);
      assert.equal(watched.watch.inFlight, 0);
    });

    test('leaves a response that has begun to the idle limit', async () => {
      await using watched = await start(protocol, 0.2, async (_request, response) => {
        response.writeHead(200, { 'Content-Length': 6 });
        response.write('sl');
        await sleep(900);
        response.end('owly');
      });
      assert.equal((await watched.get('/')).body.toString(), 'slowly');
    });

    for (const [name, work] of lateWork()) {
      test(`ignores the late work of a listener that ${name}`, async () => {
        let isDone = false;
        await using watched = await start(protocol, 0.1, async (request, response) => {
          if (request.url === '/next') {
            response.end('next');
            return;
          }
          response.setHeader('X-Half', 'made');
          await once(response, 'close');
          await work(response);
          isDone = true;
        });
        const answer = await watched.get('/');
        assert.equal(answer.status, 504);
        assert.equal(answer.headers['x-half'], undefined);
        await until('the listener is done', () => isDone);
        assert.equal((await watched.get('/next')).body.toString(), 'next');
      });
    }

    test('tells of the request that waits longest, and of none once it is answered', async () => {
      let finish = (): void => {};
      await using watched = await start(protocol, 10, async (_request, response) => {
        const { promise, resolve } = Promise.withResolvers<void>();
        finish = resolve;
        await promise;
        response.end();
      });
      const answer = watched.get('/slow?key=canary');
      await until('it runs', () => (watched.watch.oldest()?.milliseconds ?? 0) > 20);
      const { method, path } = watched.watch.oldest() ?? {};
      assert.deepEqual([method, path, watched.watch.inFlight], ['GET', '/slow', 1]);
      finish();
      await answer;
      await until('it has ended', () => watched.watch.inFlight === 0);
      assert.equal(watched.watch.oldest(), undefined);
    });

    for (const [name, listener] of failures()) {
      test(`answers 500 for a listener that ${name}, and says why in the log alone`, async () => {
        await using watched = await start(protocol, 10, listener);
        const answer = await watched.get('/x');
        assert.equal(answer.status, 500);
        const [line] = watched.log;
        assert.deepEqual([line?.message, line?.reason], ['A request failed', 'canary']);
        assert.doesNotMatch(answer.body.toString(), /canary/);
        await until('it has ended', () => watched.outcomes.length === 1);
        assert.deepEqual(watched.outcomes, ['fault']);
      });
    }

    test('does not count the time in which the client sends its body', async () => {
      await using watched = await start(protocol, 0.4, async (request, response) => {
        let bytes = 0;
        for await (const chunk of request) bytes += chunk.length;
        response.end(`${bytes} bytes`);
      });
      const answer = await sendSlowly(protocol, watched.port, 6, 200);
      assert.equal(answer.body.toString(), '6 bytes');
    });

    test('counts the time of a listener that lets a body lie', async () => {
      await using watched = await start(protocol, 0.3, () => new Promise(() => {}));
      const answer = await sendSlowly(protocol, watched.port, 100, 20, 5);
      assert.equal(answer.status, 504);
    });

    test('counts from the end of the body on', async () => {
      await using watched = await start(protocol, 0.3, async (request) => {
        for await (const _chunk of request);
        return new Promise(() => {});
      });
      const answer = await sendSlowly(protocol, watched.port, 3, 100);
      assert.equal(answer.status, 504);
    });
  });
}

test('RequestWatch refuses a time that no timer has', () => {
  const log = createLogger({ level: 'error', write: () => {} });
  const make = () =>
    new RequestWatch({ requestSeconds: Number.NaN, log, counterOf: () => ({ ended: () => {} }) });
  assert.throws(make, { code: 'CONFIG_INVALID' });
});

test('RequestWatch keeps a connection on which it has ended a request, and its next requests', async () => {
  await using watched = await start('http', 0.2, (request, response) => {
    if (request.url === '/next') response.end('next');
  });
  const text = `GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /next HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`;
  const answer = await sendHttp({ port: watched.port }, text);
  assert.match(answer.bytes.toString(), /^HTTP\/1.1 504 .*HTTP\/1.1 200 OK.*next$/s);
});

function lateWork(): readonly (readonly [string, (response: ServerResponse) => unknown])[] {
  return [
    ['writes a whole response', (response) => response.writeHead(200, { a: 'b' }).end('late')],
    ['sets a header in a timer', (response) => inTimer(() => response.setHeader('a', 'b'))],
    ['writes in a timer', (response) => inTimer(() => response.write('late'))],
    ['waits for its write', (response) => new Promise((done) => response.write('late', done))],
    ['waits for the end', (response) => new Promise<void>((done) => response.end(done))],
    ['pipes into it', (response) => Readable.from(['a', 'b']).pipe(response)],
    ['flushes headers', (response) => response.flushHeaders()],
    ['destroys it', (response) => response.destroy(new Error('late'))],
    ['adds headers of all kinds', addHeaders],
  ];
}

function addHeaders(response: ServerResponse): void {
  response.appendHeader('a', 'b');
  response.setHeaders(new Headers({ a: 'b' }));
  response.removeHeader('a');
  response.addTrailers({ a: 'b' });
}

/** What is thrown here would end the process. */
async function inTimer(work: () => unknown): Promise<void> {
  setTimeout(work, 5);
  await sleep(30);
}

function failures(): readonly (readonly [string, WatchedListener])[] {
  const fail = (): never => {
    throw new Error('canary');
  };
  return [
    ['throws', fail],
    ['rejects', async () => fail()],
  ];
}

/** POST of `bytes` bytes, one each `everyMs`, of which the last ones after `sent` are never sent. */
async function sendSlowly(
  protocol: 'http' | 'uwsgi',
  port: number,
  bytes: number,
  everyMs: number,
  sent = bytes,
): Promise<RawAnswer> {
  const head =
    protocol === 'http'
      ? `POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${bytes}\r\n\r\n`
      : encodePacket(
          getVariables('/', [
            ['REQUEST_METHOD', 'POST'],
            ['CONTENT_LENGTH', String(bytes)],
          ]),
        );
  const socket = connect({ port, allowHalfOpen: true });
  const answer = readAnswer(socket);
  socket.write(head);
  for (let count = 0; count < sent; count += 1) {
    await sleep(everyMs);
    socket.write('x');
  }
  return answer;
}
