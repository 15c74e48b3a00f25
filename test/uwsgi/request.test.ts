import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { connect, Socket } from 'node:net';
import { suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type UwsgiVariables, uwsgiOf } from '../../src/uwsgi/request.ts';
import { freePort, until } from '../support/processes.ts';
import {
  encodePacket,
  getVariables,
  uwsgiRequest,
  type VariablePairs,
} from '../support/uwsgi-client.ts';
import { startServer } from './support.ts';

suite('UwsgiRequest', () => {
  test('UwsgiRequest has what node:http gives a listener for the same request', async () => {
    const seen: unknown[] = [];
    const listener = (request: IncomingMessage, response: ServerResponse): void => {
      const { method, url, httpVersion, httpVersionMajor, httpVersionMinor } = request;
      const { headers, headersDistinct, rawHeaders, complete } = request;
      const version = { httpVersion, httpVersionMajor, httpVersionMinor };
      // node:http keeps the case of names in rawHeaders, which a packet has lost.
      const raw = rawHeaders.map((text) => text.toLowerCase());
      seen.push({ method, url, ...version, headers, headersDistinct, raw, complete });
      assert.ok(request instanceof IncomingMessage);
      assert.ok(response instanceof ServerResponse);
      request.resume().on('end', () => {
        seen.push(request.complete, request.trailers);
        response.end();
      });
    };
    await using running = await startServer(listener);
    const more: VariablePairs = [
      ['REQUEST_METHOD', 'POST'],
      ['CONTENT_LENGTH', '2'],
      ['HTTP_X_A', '1, 2'],
    ];
    await uwsgiRequest(running.address, getVariables('/a?b', more), { body: 'ok' });
    const server = createServer(listener);
    const port = await freePort();
    await once(server.listen(port, '127.0.0.1'), 'listening');
    const socket = connect(port, '127.0.0.1');
    socket.end('POST /a?b HTTP/1.1\r\ncontent-length: 2\r\nhost: localhost\r\nx-a: 1, 2\r\n\r\nok');
    await once(socket.resume(), 'close');
    server.close();
    // Whether a short body is there already when the listener runs is a matter of timing.
    const [ours, oursEnd, oursTrailers, theirs, theirsEnd, theirsTrailers] = seen;
    assert.deepEqual(
      { ...(ours as object), complete: false },
      { ...(theirs as object), complete: false },
    );
    assert.deepEqual([oursEnd, oursTrailers], [theirsEnd, theirsTrailers]);
  });

  test("UwsgiRequest comes to its 'close' without anybody reading it", async () => {
    const events: string[] = [];
    await using running = await startServer((request, response) => {
      for (const name of ['aborted', 'error', 'end', 'close'])
        request.on(name, () => events.push(name));
      response.on('close', () => events.push('response close')).end('ok');
    });
    await uwsgiRequest(running.address, getVariables('/'));
    await until('both are closed', () => events.length >= 3);
    assert.deepEqual(events.toSorted(), ['close', 'end', 'response close']);
  });

  test('UwsgiRequest is aborted when the front goes away while the listener works', async () => {
    const events: string[] = [];
    await using running = await startServer((request, response) => {
      for (const name of ['aborted', 'close']) request.on(name, () => events.push(name));
      response.on('close', () => events.push('response close'));
    });
    const socket = connect(running.address);
    socket.write(encodePacket(getVariables('/')));
    await until('the request runs', () => running.server.connections === 1);
    await sleep(50);
    socket.destroy();
    await until('all is closed', () => running.server.connections === 0 && events.length >= 3);
    assert.deepEqual(events.toSorted(), ['aborted', 'close', 'response close']);
    assert.deepEqual([running.refused, running.errors], [[], []]);
  });

  test('UwsgiRequest holds back a front that is faster than the listener', async () => {
    const size = 64 * 1024 * 1024;
    const { promise: readOn, resolve } = Promise.withResolvers<void>();
    let received = 0;
    await using running = await startServer(
      async (request, response) => {
        await readOn;
        for await (const chunk of request) received += (chunk as Buffer).length;
        response.end(String(received));
      },
      { limits: { bodyBytes: size } },
    );
    const socket = connect({ ...running.address, allowHalfOpen: true });
    const variables = getVariables('/', [
      ['REQUEST_METHOD', 'POST'],
      ['CONTENT_LENGTH', String(size)],
    ]);
    socket.write(encodePacket(variables));
    let sent = 0;
    const piece = Buffer.alloc(65_536);
    const send = (): void => {
      while (sent < size) {
        sent += piece.length;
        if (!socket.write(piece)) return;
      }
    };
    socket.on('drain', send);
    send();
    await sleep(300);
    assert.ok(sent < 4 * 1024 * 1024, `${sent} bytes were taken`);
    resolve();
    const answer = (await socket.toArray()) as Buffer[];
    assert.match(Buffer.concat(answer).toString(), new RegExp(`\r\n\r\n${size}$`));
    socket.destroy();
  });

  test('UwsgiRequest lets a listener answer without taking a large body', async () => {
    await using running = await startServer((_, response) => response.writeHead(413).end('no'), {
      limits: { bodyBytes: 2 ** 30 },
    });
    const socket = connect({ ...running.address, allowHalfOpen: true });
    socket.on('error', () => {});
    const variables = getVariables('/', [['CONTENT_LENGTH', String(2 ** 30)]]);
    socket.write(Buffer.concat([encodePacket(variables), Buffer.alloc(8 * 1024 * 1024)]));
    const [first] = (await once(socket, 'data')) as [Buffer];
    assert.match(first.toString(), /^HTTP\/1\.1 413 /);
    socket.destroy();
  });
});

suite('uwsgiOf()', () => {
  test('uwsgiOf() gives the variables; empty ones count as absent', async () => {
    const variables = await variablesOf([
      ['SSL_CLIENT_CERT', ''],
      ['REMOTE_USER', 'alice'],
      ['SCRIPT_NAME', '/pulp'],
      ['PATH_INFO', '/pulp/a'],
      ['REQUEST_URI', '/pulp/a'],
    ]);
    assert.equal(variables?.get('SSL_CLIENT_CERT'), undefined);
    assert.equal(variables?.get('NEVER_SENT'), undefined);
    assert.equal(variables?.get('REMOTE_USER'), 'alice');
    assert.deepEqual([variables?.scriptName, variables?.pathInfo], ['/pulp', '/a']);
    assert.equal(variables?.modifier1, 0);
  });

  test('T57 uwsgiOf() has no variable that was not sent', async () => {
    const variables = await variablesOf([['__proto__', 'data']]);
    assert.equal(variables?.get('__proto__'), 'data');
    assert.equal(variables?.get('constructor'), undefined);
    assert.equal(variables?.get('toString'), undefined);
  });

  test('T01 uwsgiOf() gives nothing for a request of another server, whatever it carries', () => {
    const request = new IncomingMessage(new Socket());
    request.headers = { 'ssl-client-verify': 'SUCCESS' };
    Object.assign(request, { uwsgi: new Map(), variables: new Map() });
    assert.equal(uwsgiOf(request), undefined);
  });

  test('T01 uwsgiOf() never takes a header of the client for a variable', async () => {
    const variables = await variablesOf([
      ['HTTP_SSL_CLIENT_CERT', 'forged'],
      ['HTTP_REMOTE_USER', 'admin'],
    ]);
    assert.equal(variables?.get('SSL_CLIENT_CERT'), undefined);
    assert.equal(variables?.get('REMOTE_USER'), undefined);
  });
});

async function variablesOf(more: VariablePairs): Promise<UwsgiVariables | undefined> {
  let variables: UwsgiVariables | undefined;
  await using running = await startServer((request, response) => {
    variables = uwsgiOf(request);
    response.end();
  });
  await uwsgiRequest(running.address, getVariables('/', more));
  return variables;
}
