import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { RequestListener, ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  createHttpServer,
  createTlsServer,
  type HttpLimits,
  type HttpServer,
  type HttpServerOptions,
  keepAliveGraceMs,
} from '../../src/listeners/http-server.ts';
import { pipelinedRequestsMax } from '../../src/listeners/request-turns.ts';
import { sendHttp } from '../support/http-client.ts';
import { createPki } from '../support/pki.ts';
import { until } from '../support/processes.ts';

const request = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

interface Running extends AsyncDisposable {
  readonly server: HttpServer;
  readonly where: AddressInfo;
  /** What was refused, in the words of the log. */
  readonly refused: readonly string[];
}

async function start(
  listener: RequestListener,
  limits: Partial<HttpLimits> = {},
  make: typeof createHttpServer = createHttpServer,
  isBodyStreamed?: HttpServerOptions['isBodyStreamed'],
): Promise<Running> {
  const refused: string[] = [];
  const all: HttpLimits = {
    headerBytes: 16_384,
    bodyBytes: 1024,
    packetSeconds: 10,
    idleSeconds: 10,
    drainSeconds: 10,
    ...limits,
  };
  const onRefused = (detail: string) => refused.push(detail);
  const server = make({ limits: all, onRefused, isBodyStreamed }, listener);
  await server.listen({ port: 0, host: '127.0.0.1' });
  return {
    server,
    where: server.address() as AddressInfo,
    refused,
    [Symbol.asyncDispose]: () => server.close(),
  };
}

function client({ where }: Running): Socket {
  const socket = connect(where.port, '127.0.0.1');
  socket.on('error', () => {});
  return socket;
}

/** Gathers what a socket receives. */
function received(socket: Socket): () => string {
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  return () => text;
}

describe('createHttpServer', () => {
  test('T79 createHttpServer() takes a body of any length where the listener bounds it, and there alone', async () => {
    const count: RequestListener = async (incoming, response) => {
      let bytes = 0;
      for await (const chunk of incoming) bytes += chunk.length;
      response.end(String(bytes));
    };
    const isFile: HttpServerOptions['isBodyStreamed'] = ({ method, target }) =>
      method === 'PUT' && target === '/file';
    await using http = await start(count, { bodyBytes: 4 }, createHttpServer, isFile);
    const send = (line: string, rest: string) =>
      sendHttp(
        { host: '127.0.0.1', port: http.where.port },
        `${line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${rest}`,
      );
    const told = 'Content-Length: 5\r\n\r\nabcde';
    const chunked = 'Transfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n0\r\n\r\n';
    assert.equal((await send('PUT /file', told)).body.toString(), '5');
    assert.equal((await send('PUT /file', chunked)).body.toString(), '6');
    for (const line of ['POST /file', 'PUT /other']) {
      assert.equal((await send(line, told)).status, 413);
      assert.equal((await send(line, chunked)).status, 413);
    }
  });

  test('T77 createHttpServer() serves pipelined requests one at a time, in order, up to its limit', async () => {
    let running = 0;
    let runningMost = 0;
    let served = 0;
    await using http = await start(async (_request, response) => {
      running += 1;
      runningMost = Math.max(runningMost, running);
      await sleep(1);
      served += 1;
      running -= 1;
      response.end(`<${served}>`);
    });
    const socket = client(http);
    const text = received(socket);
    const sent = 1 + pipelinedRequestsMax;
    socket.write(request.repeat(sent));
    await until('all are answered', () => text().includes(`<${sent}>`));
    socket.destroy();
    const order = [...text().matchAll(/<(\d+)>/g)].map(([, number]) => Number(number));
    assert.deepEqual(
      order,
      order.map((_, index) => index + 1),
    );
    assert.equal(runningMost, 1);
  });

  test('T77 createHttpServer() ends a connection with one pipelined request too many, and says so once', async () => {
    let served = 0;
    await using http = await start(() => {
      served += 1;
    });
    const socket = client(http);
    socket.write(request.repeat(100 + pipelinedRequestsMax));
    await once(socket.resume(), 'close');
    assert.equal(served, 1);
    assert.deepEqual(http.refused, ['more than 32 requests wait for their turn']);
  });

  test('T78 createHttpServer() never begins with what waits on a connection that is gone', async () => {
    const responses: ServerResponse[] = [];
    await using http = await start((_request, response) => {
      responses.push(response);
    });
    const socket = client(http);
    socket.write(request.repeat(3));
    await until('the first is served', () => responses.length === 1);
    socket.destroy();
    await until('the first is told', () => responses[0]?.destroyed === true);
    await sleep(50);
    assert.equal(responses.length, 1);
  });

  test('T73 createHttpServer() writes no error into a response that has begun', async () => {
    let running: ServerResponse | undefined;
    await using http = await start((_request, response) => {
      running = response;
      response.writeHead(200, { 'Content-Length': 1000 });
      response.write('half');
    });
    const socket = client(http);
    const text = received(socket);
    socket.write(request);
    await until('the response has begun', () => text().includes('half'));
    socket.write('\0 is no request\r\n\r\n');
    await once(socket, 'close');
    assert.ok(running?.destroyed);
    assert.match(text(), /half$/);
  });

  test('createHttpServer() answers what is no request with 400, before and after a whole one', async () => {
    await using http = await start((_request, response) => response.end('ok'));
    assert.equal((await sendHttp({ port: http.where.port }, '\0\r\n\r\n')).status, 400);
    const socket = client(http);
    const text = received(socket);
    socket.write(request);
    await until('the first is answered', () => text().endsWith('ok'));
    socket.write('\0\r\n\r\n');
    await once(socket, 'close');
    assert.match(text(), /okHTTP\/1\.1 400 Bad Request\r\n/);
  });

  test('close() answers what a client has sent already, and says with the last response that it is', async () => {
    const finish: (() => void)[] = [];
    await using http = await start((_request, response) => {
      finish.push(() => response.end('ok'));
    });
    const socket = client(http);
    const text = received(socket);
    socket.write(request.repeat(2));
    await until('the first is served', () => finish.length === 1);
    const closed = http.server.close();
    finish[0]?.();
    await until('the second is served', () => finish.length === 2);
    finish[1]?.();
    await Promise.all([closed, once(socket, 'close')]);
    assert.deepEqual(text().match(/Connection: \S+/g), [
      'Connection: keep-alive',
      'Connection: close',
    ]);
  });

  test('close() serves one request more on a kept connection, and ends it with the response', async () => {
    await using http = await start((_request, response) => response.end('ok'));
    const kept = client(http);
    const text = received(kept);
    kept.write(request);
    await until('the connection is kept', () => text().endsWith('ok'));
    const closed = http.server.close();
    kept.write(request);
    await Promise.all([closed, once(kept, 'close')]);
    assert.deepEqual(text().match(/Connection: \S+/g), [
      'Connection: keep-alive',
      'Connection: close',
    ]);
  });

  test('close() ends kept and silent connections after their grace, long before drainSeconds', async () => {
    await using http = await start((_request, response) => response.end('ok'));
    const [kept, silent] = [client(http), client(http)];
    kept.write(request);
    await once(kept, 'data');
    await until('both are connected', () => http.server.connections === 2);
    const startedAt = performance.now();
    await Promise.all([http.server.close(), once(kept, 'close'), once(silent.resume(), 'close')]);
    const milliseconds = performance.now() - startedAt;
    assert.ok(milliseconds >= keepAliveGraceMs - 10, `after ${milliseconds} ms`);
    assert.ok(milliseconds < 8000, `after ${milliseconds} ms`);
  });

  test('T77 close() does not wait for a client that sends one request after another', async () => {
    let served = 0;
    await using http = await start(async (_request, response) => {
      served += 1;
      await sleep(20);
      response.end('ok');
    });
    const socket = client(http);
    socket.resume();
    const more = setInterval(() => socket.write(request), 5);
    await until('it is served', () => served > 2);
    const startedAt = performance.now();
    await Promise.all([http.server.close(), once(socket, 'close')]);
    clearInterval(more);
    assert.ok(performance.now() - startedAt < 8000, 'it waited for drainSeconds');
  });

  test('createHttpServer() lets a slow listener be silent for longer than idleSeconds, and no client', async () => {
    await using http = await start(
      async (_request, response) => {
        await sleep(700);
        response.end('ok');
      },
      { idleSeconds: 0.2 },
    );
    const socket = client(http);
    const text = received(socket);
    socket.write(request);
    await once(socket, 'close');
    assert.match(text(), /ok$/);
  });
});

describe('createTlsServer', () => {
  test('T77 createTlsServer() ends a connection whose handshake does not come within packetSeconds', async () => {
    using pki = createPki();
    const { certificatePath, keyPath } = await pki.server(undefined);
    const files = { certificate: certificatePath, key: keyPath };
    await using tls = await start(
      () => assert.fail('nothing was asked'),
      { packetSeconds: 0.2 },
      (options, listener) => createTlsServer(files, options, listener),
    );
    const startedAt = performance.now();
    const sockets = [client(tls), client(tls)];
    sockets[1]?.write(Buffer.from('160301', 'hex'));
    await Promise.all(sockets.map((socket) => once(socket.resume(), 'close')));
    assert.ok(performance.now() - startedAt < 5000);
    assert.deepEqual(tls.refused, ['TLS handshake timeout', 'TLS handshake timeout']);
  });
});
