import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../support/processes.ts';
import {
  encodePacket,
  getVariables,
  type RawAnswer,
  readAnswer,
  uwsgiRequest,
  type VariablePairs,
} from '../support/uwsgi-client.ts';
import { type RunningServer, startServer } from './support.ts';

type Handler = (response: ServerResponse, request: IncomingMessage) => unknown;

suite('UwsgiResponse', () => {
  test('UwsgiResponse sends Content-Length by itself for a body of one piece, under any version', async () => {
    for (const protocol of ['HTTP/1.0', 'HTTP/1.1', 'HTTP/2.0']) {
      const { answer } = await answerOf(
        (response) => response.end('body'),
        [['SERVER_PROTOCOL', protocol]],
      );
      assert.equal(answer.headers['content-length'], '4', protocol);
      assert.equal(answer.headers['transfer-encoding'], undefined);
    }
  });

  const chunkedWays: readonly (readonly [string, Handler])[] = [
    ['by default', () => {}],
    ['by setHeader()', (response) => response.setHeader('Transfer-Encoding', 'chunked')],
    ['by appendHeader()', (response) => response.appendHeader('transfer-encoding', 'chunked')],
    [
      'by setHeaders()',
      (response) => response.setHeaders(new Map([['Transfer-Encoding', 'chunked']])),
    ],
    ['by writeHead()', (response) => response.writeHead(200, { 'Transfer-Encoding': 'chunked' })],
    ['by a list', (response) => response.writeHead(200, ['transfer-encoding', 'chunked'])],
    ['by HTTP/1.0 with TE', () => {}],
  ];
  for (const [name, prepare] of chunkedWays) {
    test(`UwsgiResponse sends no chunked framing ${name}`, async () => {
      const more: VariablePairs = name.endsWith('TE')
        ? [
            ['SERVER_PROTOCOL', 'HTTP/1.0'],
            ['HTTP_TE', 'chunked'],
          ]
        : [];
      const { answer } = await answerOf((response, request) => {
        prepare(response, request);
        response.write('one ');
        response.end('two');
      }, more);
      assert.equal(answer.body.toString(), 'one two');
      assert.equal(answer.headers['transfer-encoding'], undefined);
    });
  }

  test('UwsgiResponse sends no 1xx', async () => {
    let calls = 0;
    const { answer } = await answerOf((response) => {
      response.writeContinue(() => (calls += 1));
      response.writeProcessing(() => (calls += 1));
      response.writeEarlyHints({ link: '</a>' }, () => (calls += 1));
      response.end('final');
    });
    assert.match(answer.bytes.toString(), /^HTTP\/1\.1 200 OK\r\n/);
    assert.equal(answer.body.toString(), 'final');
    assert.equal(calls, 3);
  });

  test('UwsgiResponse.writeHead() throws for a status below 200', async () => {
    const { answer, errors } = await answerOf((response) => response.writeHead(103));
    assert.equal(answer.status, 500);
    assert.match(String(errors[0]), /RangeError: Cannot send status 103/);
  });

  test('UwsgiResponse.writeHead() takes headers in each of the forms of node:http', async () => {
    const forms: readonly Handler[] = [
      (response) => response.writeHead(201, { 'X-A': '1', 'X-B': ['2', '3'], 'X-N': 4 }),
      (response) => response.writeHead(201, ['X-A', '1', 'X-B', '2', 'X-B', '3', 'X-N', '4']),
      (response) => response.writeHead(201, 'Made', { 'X-A': '1', 'X-B': ['2', '3'], 'X-N': 4 }),
      (response) =>
        response.setHeader('X-A', '0').writeHead(201, { 'x-a': '1', 'x-b': '2, 3', 'x-n': 4 }),
    ];
    for (const [index, form] of forms.entries()) {
      const { answer } = await answerOf((response, request) => {
        form(response, request);
        response.end();
      });
      assert.equal(answer.status, 201);
      const { 'x-a': a, 'x-b': b, 'x-n': n } = answer.headers;
      assert.deepEqual([a, b, n], ['1', '2, 3', '4'], `form ${index}`);
    }
  });

  test('UwsgiResponse sends no body for HEAD, 204 and 304', async () => {
    const head = await answerOf(
      (response) => {
        response.setHeader('Content-Length', 1000);
        response.end();
      },
      [['REQUEST_METHOD', 'HEAD']],
    );
    assert.equal(head.answer.headers['content-length'], '1000');
    assert.equal(head.answer.body.length, 0);
    for (const status of [204, 304]) {
      const { answer, errors } = await answerOf((response) => {
        response.statusCode = status;
        response.end('not sent');
      });
      assert.equal(answer.status, status);
      assert.equal(answer.body.length, 0);
      assert.deepEqual(errors, []);
    }
  });

  test('T73 UwsgiResponse.setHeader() throws for CR, LF and NUL, and nothing of it is sent', async () => {
    for (const value of ['a\r\nX-Evil: 1', 'a\nb', 'a\rb', 'a\0b']) {
      const ways: readonly Handler[] = [
        (response) => response.setHeader('X-A', value),
        (response) => response.appendHeader('X-A', value),
        (response) => response.writeHead(200, { 'X-A': value }),
        (response) => response.writeHead(200, ['X-A', value]),
        (response) => response.writeHead(200, value),
        (response) => response.setHeader(`X-${value}`, '1'),
      ];
      for (const way of ways) {
        const { answer, errors } = await answerOf(way);
        assert.equal(answer.status, 500);
        assert.equal(answer.headers['x-evil'], undefined);
        assert.equal(errors.length, 1);
      }
    }
  });

  test('UwsgiResponse ends as an error with less body than its Content-Length says', async () => {
    for (const host of [undefined, '127.0.0.1']) {
      const { answer, errors } = await answerOf(
        async (response) => {
          response.writeHead(200, { 'Content-Length': 10 });
          response.write('abc');
          await sleep(20);
          response.end('def');
        },
        [],
        host,
      );
      assert.equal(answer.reset, host !== undefined);
      assert.ok(answer.body.length < 10);
      assert.match(String(errors[0]), /its body has 6 bytes and its Content-Length says 10/);
    }
  });

  test('UwsgiResponse sends no byte beyond its Content-Length', async () => {
    const { answer, errors } = await answerOf(async (response) => {
      response.writeHead(200, { 'Content-Length': 3 });
      response.write('abc');
      await sleep(20);
      response.write('def');
    });
    assert.equal(answer.body.toString(), 'abc');
    assert.match(String(errors[0]), /its body has 6 bytes and its Content-Length says 3/);
  });

  test('UwsgiResponse ends as an error when the source of its body fails', async () => {
    const { answer, errors } = await answerOf(
      async (response) => {
        response.flushHeaders();
        const source = Readable.from(
          (async function* () {
            yield 'part';
            await sleep(20);
            throw new Error('disk gone');
          })(),
        );
        await pipeline(source, response).catch(() => {});
      },
      [],
      '127.0.0.1',
    );
    assert.equal(answer.reset, true);
    assert.match(String(errors[0]), /disk gone/);
  });

  test('UwsgiResponse tells the listener of drain, and a pipe that starts later is not stuck', async () => {
    await using running = await startServer(async (_, response) => {
      assert.equal(response.write(Buffer.alloc(4 * 1024 * 1024)), false);
      assert.equal(response.writableNeedDrain, true);
      await once(response, 'drain');
      assert.equal(response.writableNeedDrain, false);
      Readable.from([Buffer.alloc(1000)]).pipe(response);
    });
    const answer = await uwsgiRequest(running.address, getVariables('/'));
    assert.equal(answer.body.length, 4 * 1024 * 1024 + 1000);
  });

  test('UwsgiResponse holds back a source that is faster than the front', async () => {
    let produced = 0;
    const endless = new Readable({
      read() {
        produced += 65_536;
        this.push(Buffer.alloc(65_536));
      },
    });
    await using running = await startServer((_, response) => endless.pipe(response));
    const socket = connect(running.address);
    socket.write(encodePacket(getVariables('/')));
    await until('the source starts', () => produced > 0);
    await sleep(300);
    assert.ok(produced < 4 * 1024 * 1024, `${produced} bytes were produced`);
    const before = produced;
    socket.resume();
    await until('it goes on when the front reads', () => produced > before);
    endless.destroy();
    socket.destroy();
  });
});

suite('listener errors', () => {
  const throwing: readonly (readonly [string, Handler])[] = [
    [
      'throws',
      (response) => {
        response.setHeader('X-Secret', '1');
        throw new Error('defect');
      },
    ],
    ['rejects', () => sleep(5).then(() => Promise.reject(new Error('defect')))],
  ];
  for (const [name, handler] of throwing) {
    test(`createUwsgiServer() answers 500 for a listener that ${name}`, async () => {
      const { answer, errors } = await answerOf(handler);
      assert.equal(answer.status, 500);
      assert.equal(answer.body.toString(), 'Internal Server Error\n');
      assert.equal(answer.headers['x-secret'], undefined);
      assert.match(String(errors), /^Error: defect$/);
    });
  }

  test('createUwsgiServer() ends a response that has begun as an error', async () => {
    const { answer } = await answerOf(
      async (response) => {
        response.write('part');
        await sleep(20);
        throw new Error('defect');
      },
      [],
      '127.0.0.1',
    );
    assert.equal(answer.status, 200);
    assert.equal(answer.reset, true);
  });

  test('createUwsgiServer() leaves alone what a listener ended before it threw', async () => {
    const { answer, errors } = await answerOf((response) => {
      response.end('done');
      throw new Error('defect');
    });
    assert.equal(answer.body.toString(), 'done');
    assert.equal(errors.length, 1);
  });
});

/** One GET, answered by `handler`. */
async function answerOf(
  handler: Handler,
  more: VariablePairs = [],
  host?: string,
): Promise<Pick<RunningServer, 'errors'> & { readonly answer: RawAnswer }> {
  await using running = await startServer(
    (request, response) => handler(response, request),
    host === undefined ? {} : { host },
  );
  const socket = connect({ ...running.address, allowHalfOpen: true });
  socket.write(encodePacket(getVariables('/', more)));
  const answer = await readAnswer(socket);
  await until('the connection is closed', () => running.server.connections === 0);
  return { answer, errors: running.errors };
}
