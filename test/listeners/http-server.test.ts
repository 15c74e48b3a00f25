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
  const server = make({ limits: all, onRefused }, listener);
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

  test('close() takes no more requests on connections that were busy, and waits for none', async () => {
    let finish = (): void => {};
    let served = 0;
    await using http = await start((_request, response) => {
      served += 1;
      response.writeHead(200, { 'Content-Length': 2 });
      finish = () => response.end('ok');
    });
    const socket = client(http);
    const text = received(socket);
    socket.write(request.repeat(2));
    await until('the first is served', () => served === 1);
    const startedAt = performance.now();
    const closed = http.server.close();
    finish();
    await Promise.all([closed, once(socket, 'close')]);
    assert.match(text(), /ok$/);
    assert.equal(served, 1);
    assert.ok(performance.now() - startedAt < 5000, 'it waited for drainSeconds');
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
