import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { refusals } from '../../src/uwsgi/refusal.ts';
import { uwsgiOf } from '../../src/uwsgi/request.ts';
import { until } from '../support/processes.ts';
import {
  encodeHeader,
  encodePacket,
  getVariables,
  readAnswer,
  sendRaw,
  uwsgiRequest,
  type VariablePairs,
} from '../support/uwsgi-client.ts';
import { undecodable, unreadable } from './invalid-packets.ts';
import { mutate, randomFrom, seedOfRun } from './mutations.ts';
import { fixtures, oneByteAtATime, startServer } from './support.ts';

const post = (length: string): VariablePairs =>
  getVariables('/', [
    ['REQUEST_METHOD', 'POST'],
    ['CONTENT_LENGTH', length],
  ]);

suite('createUwsgiServer()', () => {
  test('createUwsgiServer() serves a request and ends the connection', async () => {
    await using running = await startServer((request, response) => {
      response.end(`${request.method} ${request.url} ${request.headers.host}`);
    });
    const answer = await uwsgiRequest(running.address, getVariables('/a?b'));
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['content-length'], '18');
    assert.equal(answer.body.toString(), 'GET /a?b localhost');
    assert.deepEqual(running.refused, []);
  });

  for (const host of ['127.0.0.1', '::1']) {
    test(`createUwsgiServer() listens on TCP at ${host}`, async () => {
      await using running = await startServer((_, response) => response.end('ok'), { host });
      const answer = await uwsgiRequest(running.address, getVariables('/'));
      assert.equal(answer.body.toString(), 'ok');
    });
  }

  test('createUwsgiServer() serves packets of nginx one byte at a time', async () => {
    await using running = await startServer(async (request, response) => {
      response.end(await bodyOf(request));
    });
    for (const { bytes, expected } of fixtures.filter((fixture) => fixture.bytes.length < 500)) {
      const socket = connect({ ...running.address, noDelay: true });
      for (const byte of oneByteAtATime(bytes)) {
        if (!socket.write(byte)) await once(socket, 'drain');
      }
      const answer = await readAnswer(socket);
      assert.equal(answer.status, 200);
      assert.equal(answer.body.toString('latin1'), expected.method === 'HEAD' ? '' : expected.body);
    }
  });

  test('createUwsgiServer() answers a ping without the listener', async () => {
    await using running = await startServer(() => assert.fail('called'));
    const answer = await sendRaw(running.address, encodeHeader(0, { modifier1: 100 }));
    assert.equal(answer.bytes.toString('hex'), '64000001');
  });

  test('createUwsgiServer() serves other modifiers when they are listed', async () => {
    const options = { modifiers: [5] };
    await using running = await startServer((request, response) => {
      response.end(String(uwsgiOf(request)?.modifier1));
    }, options);
    const answer = await uwsgiRequest(running.address, getVariables('/'), { modifier1: 5 });
    assert.equal(answer.body.toString(), '5');
  });

  test('createUwsgiServer() gives no variable the power that uWSGI gives it', async () => {
    const more: VariablePairs = [
      ['UWSGI_FILE', '/etc/passwd'],
      ['UWSGI_CHDIR', '/tmp'],
      ['UWSGI_SETENV', 'PORTCULLIS_TEST=1'],
      ['HTTP_PROXY', 'http://evil.test'],
    ];
    const before = { directory: process.cwd(), environment: { ...process.env } };
    await using running = await startServer((_, response) => response.end('ok'));
    assert.equal((await uwsgiRequest(running.address, getVariables('/', more))).status, 200);
    assert.equal(process.cwd(), before.directory);
    assert.deepEqual({ ...process.env }, before.environment);
  });
});

suite('refusals', () => {
  test('T71 createUwsgiServer() answers every invalid packet with its status, and no listener runs', async () => {
    await using running = await startServer(() => assert.fail('called'));
    for (const { name, bytes, reason } of [...undecodable, ...unreadable]) {
      const answer = await sendRaw(running.address, bytes);
      const refused = running.refused.pop();
      assert.equal(answer.status, refusals[reason].status, name);
      assert.equal(answer.body.toString(), `${refusals[reason].publicText}\n`, name);
      assert.equal(answer.reset, false, name);
      assert.deepEqual([refused?.reason, refused?.peer], [reason, 'unix'], name);
      assert.match(refused?.detail ?? '', /^Cannot [a-z]+ a[^\n]*[^.\n]$/, name);
    }
  });

  test('createUwsgiServer() names the largest variable of a packet over its limit', async () => {
    const limits = { packetBytes: 1000 };
    await using running = await startServer(() => assert.fail('called'), { limits });
    const certificate: VariablePairs = [['SSL_CLIENT_CERT', 'x'.repeat(20_000)]];
    const answer = await uwsgiRequest(running.address, getVariables('/', certificate));
    assert.equal(answer.status, 431);
    assert.equal(running.refused[0]?.largestVariable, 'SSL_CLIENT_CERT');
  });

  test('T71 createUwsgiServer() refuses a packet that ends too early', async () => {
    await using running = await startServer(() => assert.fail('called'));
    const bytes = encodePacket(getVariables('/'));
    for (const length of [1, 3, 4, 5, 100, bytes.length - 1]) {
      const answer = await sendRaw(running.address, bytes.subarray(0, length), { end: true });
      assert.equal(answer.status, 400);
      assert.equal(running.refused.pop()?.reason, 'packet-truncated');
    }
  });

  test('T71 createUwsgiServer() refuses a packet that drips in past packetSeconds', async () => {
    const limits = { packetSeconds: 0.3 };
    await using running = await startServer(() => assert.fail('called'), { limits });
    const socket = connect({ ...running.address, allowHalfOpen: true });
    const bytes = oneByteAtATime(encodePacket(getVariables('/')));
    let sent = 0;
    const drip = setInterval(() => socket.write(bytes[sent++] ?? ''), 20);
    const answer = await readAnswer(socket).finally(() => clearInterval(drip));
    assert.equal(answer.status, 408);
    assert.equal(running.refused[0]?.reason, 'packet-timeout');
  });

  test('createUwsgiServer() closes a connection that says nothing, without a word', async () => {
    const limits = { packetSeconds: 0.1 };
    await using running = await startServer(() => assert.fail('called'), { limits });
    const answer = await sendRaw(running.address, Buffer.alloc(0));
    assert.equal(answer.bytes.length, 0);
    assert.deepEqual(running.refused, []);
  });

  test('createUwsgiServer() destroys a refused connection that keeps sending past lingerSeconds', async () => {
    const limits = { lingerSeconds: 0.2 };
    await using running = await startServer(() => assert.fail('called'), { limits });
    const socket = connect({ ...running.address, allowHalfOpen: true });
    const flood = setInterval(() => socket.write(encodeHeader(0)), 10);
    await new Promise((resolve) =>
      socket
        .on('error', () => {})
        .on('close', resolve)
        .resume(),
    );
    clearInterval(flood);
    assert.equal(running.refused.length, 1);
  });

  test('T71 createUwsgiServer() survives 5000 mutated packets', async () => {
    await using running = await startServer((request, response) => {
      request.on('error', () => {}).pipe(response);
    });
    const seed = seedOfRun();
    const random = randomFrom(seed);
    const sources = fixtures.map(({ bytes }) => bytes).filter((bytes) => bytes.length < 2000);
    for (let round = 0; round < 100; round += 1) {
      const batch = Array.from({ length: 50 }, () => mutate(random, sources));
      await Promise.all(batch.map((bytes) => sendRaw(running.address, bytes, { end: true })));
    }
    await until('all connections end', () => running.server.connections === 0);
    const answer = await uwsgiRequest(running.address, post('2'), { body: 'ok' });
    assert.equal(answer.body.toString(), 'ok', `seed ${seed}`);
    assert.deepEqual(running.errors, [], `seed ${seed}`);
  });
});

suite('peers', () => {
  test('T05 createUwsgiServer() closes a connection of another peer before it reads', async () => {
    const asked: string[] = [];
    await using running = await startServer(() => assert.fail('called'), {
      host: '127.0.0.1',
      allowPeer: (peer) => {
        asked.push(peer);
        return false;
      },
    });
    const answer = await sendRaw(running.address, Buffer.from('GET / HTTP/1.1\r\n\r\n'));
    assert.equal(answer.bytes.length, 0);
    assert.deepEqual(asked, ['127.0.0.1']);
    assert.equal(running.refused[0]?.reason, 'peer-not-allowed');
  });

  test('T72 createUwsgiServer() serves this host alone unless told otherwise', async () => {
    await using running = await startServer((_, response) => response.end('ok'), { host: '::' });
    const { port } = running.address as { port: number };
    for (const host of ['::1', '127.0.0.1']) {
      assert.equal((await uwsgiRequest({ host, port }, getVariables('/'))).status, 200);
    }
    const own = await uwsgiRequest(
      { host: '127.0.0.1', port, localAddress: '127.0.0.2' },
      getVariables('/'),
    );
    assert.equal(own.status, 200);
  });
});

suite('the end of a connection', () => {
  test('createUwsgiServer() takes the end of the peer for an abort', async () => {
    const { promise: aborted, resolve } = Promise.withResolvers<void>();
    await using running = await startServer((_, response) => {
      response.on('close', () => resolve());
    });
    const answer = await uwsgiRequest(running.address, getVariables('/'), { end: true });
    await aborted;
    assert.equal(answer.bytes.length, 0);
    assert.deepEqual([running.refused, running.errors], [[], []]);
  });

  test('createUwsgiServer() serves a peer that half-closes when told to', async () => {
    await using running = await startServer(
      async (request, response) => {
        await sleep(50);
        response.end(await bodyOf(request));
      },
      { halfClose: 'serve' },
    );
    const answer = await uwsgiRequest(running.address, post('4'), { body: 'body', end: true });
    assert.equal(answer.body.toString(), 'body');
  });

  for (const framing of ['CONTENT_LENGTH', 'HTTP_TRANSFER_ENCODING'] as const) {
    test(`createUwsgiServer() never makes a whole request of a short body by ${framing}`, async () => {
      const events: string[] = [];
      const { promise: closed, resolve } = Promise.withResolvers<void>();
      await using running = await startServer(
        (request) => {
          for (const name of ['aborted', 'error', 'end']) request.on(name, () => events.push(name));
          request.on('close', resolve).resume();
        },
        { halfClose: 'serve' },
      );
      const value = framing === 'CONTENT_LENGTH' ? '1000' : 'chunked';
      const variables = getVariables('/', [
        ['REQUEST_METHOD', 'POST'],
        [framing, value],
      ]);
      const body = '5\r\nhello\r\n';
      const answer = await uwsgiRequest(running.address, variables, { body, end: true });
      await closed;
      assert.deepEqual(events, ['aborted', 'error']);
      assert.equal(answer.status, 400);
      assert.equal(running.refused[0]?.reason, 'body-truncated');
    });
  }

  test('createUwsgiServer() refuses a chunked body at its limit plus one, while the listener reads', async () => {
    const limits = { bodyBytes: 4 };
    await using running = await startServer((request) => request.on('error', () => {}).resume(), {
      limits,
    });
    const variables = getVariables('/', [['HTTP_TRANSFER_ENCODING', 'chunked']]);
    const socket = connect(running.address);
    socket.write(Buffer.concat([encodePacket(variables), Buffer.from('4\r\nabcd\r\n')]));
    await sleep(50);
    socket.write('1\r\n');
    assert.equal((await readAnswer(socket)).status, 413);
    assert.equal(running.refused[0]?.reason, 'body-too-large');
  });

  test('createUwsgiServer() takes a body of any length where the listener bounds it, and there alone', async () => {
    await using running = await startServer(
      async (request, response) => response.end(String((await bodyOf(request)).length)),
      {
        limits: { bodyBytes: 4 },
        isBodyStreamed: ({ method, target }) => method === 'POST' && target === '/',
      },
    );
    const whole = await uwsgiRequest(running.address, post('5'), { body: 'abcde' });
    assert.equal(whole.body.toString(), '5');
    const variables = getVariables('/', [
      ['REQUEST_METHOD', 'POST'],
      ['HTTP_TRANSFER_ENCODING', 'chunked'],
    ]);
    const body = '6\r\nabcdef\r\n0\r\n\r\n';
    const chunked = await uwsgiRequest(running.address, variables, { body });
    assert.equal(chunked.body.toString(), '6');
    const elsewhere = getVariables('/other', [
      ['REQUEST_METHOD', 'POST'],
      ['CONTENT_LENGTH', '5'],
    ]);
    assert.equal((await uwsgiRequest(running.address, elsewhere, { body: 'abcde' })).status, 413);
  });

  test('createUwsgiServer() refuses a body that stops for idleSeconds, once it is asked for', async () => {
    const limits = { idleSeconds: 0.2 };
    await using running = await startServer((request) => request.on('error', () => {}).resume(), {
      limits,
    });
    const answer = await uwsgiRequest(running.address, post('5'), { body: 'abc' });
    assert.equal(answer.status, 408);
    assert.equal(running.refused[0]?.reason, 'body-timeout');
  });

  test('createUwsgiServer() does not wait for a body that nobody asks for', async () => {
    const limits = { idleSeconds: 0.1 };
    await using running = await startServer(
      async (_, response) => {
        await sleep(300);
        response.end('decided');
      },
      { limits },
    );
    const answer = await uwsgiRequest(running.address, post('5'));
    assert.equal(answer.body.toString(), 'decided');
  });

  test('createUwsgiServer() destroys the connection of a front that takes nothing for idleSeconds', async () => {
    const limits = { idleSeconds: 0.3 };
    await using running = await startServer(
      (_, response) => {
        response.write(Buffer.alloc(8 * 1024 * 1024));
      },
      { limits },
    );
    const socket = connect(running.address);
    socket.write(encodePacket(getVariables('/')));
    await until('the reader is given up', () => running.refused.length > 0);
    assert.equal(running.refused[0]?.reason, 'reader-stalled');
    await until('its connection is closed', () => running.server.connections === 0);
    socket.destroy();
  });

  test("createUwsgiServer() leaves a timeout to a listener that handles 'timeout'", async () => {
    const limits = { idleSeconds: 60 };
    await using running = await startServer(
      (_, response) => {
        response.setTimeout(50, () => response.end('late'));
      },
      { limits },
    );
    const answer = await uwsgiRequest(running.address, getVariables('/'));
    assert.equal(answer.body.toString(), 'late');
  });
});

suite('UwsgiServer.close()', () => {
  test('UwsgiServer.close() lets a running request end, and accepts no more', async () => {
    const { promise: begun, resolve } = Promise.withResolvers<void>();
    await using running = await startServer(async (_, response) => {
      resolve();
      await sleep(150);
      response.end('drained');
    });
    const answer = uwsgiRequest(running.address, getVariables('/'));
    await begun;
    const closed = running.server.close();
    await assert.rejects(uwsgiRequest(running.address, getVariables('/')), {
      code: /ENOENT|ECONNREFUSED/,
    });
    assert.equal((await answer).body.toString(), 'drained');
    await closed;
    assert.equal(running.server.connections, 0);
  });

  test('UwsgiServer.close() destroys what runs past drainSeconds', async () => {
    const { promise: begun, resolve } = Promise.withResolvers<void>();
    await using running = await startServer(() => resolve(), { limits: { drainSeconds: 0.2 } });
    const answer = uwsgiRequest(running.address, getVariables('/'));
    await begun;
    await running.server.close();
    assert.equal((await answer).bytes.length, 0);
  });

  test('UwsgiServer.close() does not wait for connections that say nothing', async () => {
    await using running = await startServer(() => assert.fail('called'));
    const socket: Socket = connect(running.address);
    await until('it is accepted', () => running.server.connections === 1);
    const began = performance.now();
    await running.server.close();
    assert.ok(performance.now() - began < 3000);
    socket.destroy();
  });

  test('UwsgiServer.listen() rejects where it cannot listen', async () => {
    await using running = await startServer(() => {});
    await using other = await startServer(() => {});
    await other.server.close();
    await assert.rejects(other.server.listen(running.address), { code: 'EADDRINUSE' });
  });
});

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('latin1');
}
