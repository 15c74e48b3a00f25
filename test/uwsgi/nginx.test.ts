/** Ordinary Node applications behind a real nginx, unchanged. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { after, before, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import Router from '@koa/router';
import Koa from 'koa';
import supertest from 'supertest';
import type { UwsgiListener } from '../../src/uwsgi/exchange.ts';
import { uwsgiOf } from '../../src/uwsgi/request.ts';
import { needs } from '../support/needs.ts';
import { type Nginx, startNginx } from '../support/nginx.ts';
import { createPki } from '../support/pki.ts';
import { freePort, runOk, until } from '../support/processes.ts';
import { type RunningServer, startServer } from './support.ts';

const mebibyte = 1024 * 1024;

suite('behind nginx', { skip: needs('nginx') }, () => {
  let plain: RunningServer;
  let overTcp: RunningServer;
  let overIpv6: RunningServer;
  let koa: RunningServer;
  let nginx: Nginx;
  let port: number;

  before(async () => {
    const limits = { bodyBytes: 256 * mebibyte };
    plain = await startServer(plainListener, { limits });
    overTcp = await startServer(plainListener, { limits, host: '127.0.0.1' });
    overIpv6 = await startServer(plainListener, { limits, host: '::1' });
    koa = await startServer(koaApplication().callback(), { limits });
    port = await freePort();
    nginx = await startNginx(`client_max_body_size 0;
      large_client_header_buffers 8 32k;
      server {
        listen 127.0.0.1:${port};
        include /etc/nginx/uwsgi_params;
        location /koa/ { rewrite /koa/(.*) /$1 break; uwsgi_pass ${upstream(koa)}; }
        location /unix/ { uwsgi_pass ${upstream(plain)}; }
        location /tcp/ { uwsgi_pass ${upstream(overTcp)}; }
        location /ipv6/ { uwsgi_pass ${upstream(overIpv6)}; }
        location /unbuffered/ {
          uwsgi_request_buffering off;
          uwsgi_buffering off;
          uwsgi_pass ${upstream(plain)};
        }
      }`);
  });

  after(async () => {
    await nginx[Symbol.asyncDispose]();
    for (const running of [plain, overTcp, overIpv6, koa]) {
      await running[Symbol.asyncDispose]();
      assert.deepEqual(running.refused, []);
    }
  });

  const client = (): ReturnType<typeof supertest> => supertest(`http://127.0.0.1:${port}`);

  for (const transport of ['unix', 'tcp', 'ipv6']) {
    test(`createUwsgiServer() serves a plain listener over ${transport}`, async () => {
      await client().get(`/${transport}/echo?x=1`).expect(200, `GET /${transport}/echo?x=1`);
    });
  }

  test('createUwsgiServer() lets Koa answer as it does over node:http', async () => {
    const direct = createServer(koaApplication().callback());
    direct.listen(0, '127.0.0.1');
    await once(direct, 'listening');
    const requests: readonly ((
      prefix: string,
      agent: ReturnType<typeof supertest>,
    ) => supertest.Test)[] = [
      (prefix, agent) => agent.get(`${prefix}/json`),
      (prefix, agent) => agent.head(`${prefix}/json`),
      (prefix, agent) => agent.get(`${prefix}/cookies`).set('Cookie', 'a=1'),
      (prefix, agent) => agent.get(`${prefix}/nothing`),
      (prefix, agent) => agent.get(`${prefix}/redirect`).redirects(0),
      (prefix, agent) => agent.get(`${prefix}/fresh`),
      (prefix, agent) => agent.get(`${prefix}/fresh`).set('If-None-Match', '"tag"'),
      (prefix, agent) => agent.get(`${prefix}/stream`),
      (prefix, agent) => agent.post(`${prefix}/body`).type('text/plain').send('héllo'),
      (prefix, agent) => agent.post(`${prefix}/body`).set('Content-Length', '0'),
      (prefix, agent) => agent.get(`${prefix}/throw`),
      (prefix, agent) => agent.get(`${prefix}/missing`),
      (prefix, agent) => agent.delete(`${prefix}/json`),
      (prefix, agent) => agent.options(`${prefix}/json`),
    ];
    for (const send of requests) {
      const expected = await send('', supertest(direct));
      const actual = await send('/koa', client());
      assert.deepEqual(comparable(actual), comparable(expected), `${actual.status}`);
    }
    direct.close();
  });

  test('UwsgiRequest brings an upload whole, by length and chunked, buffered by nginx and streamed', async () => {
    const body = Buffer.alloc(20 * mebibyte, 'upload');
    const digest = createHash('sha256').update(body).digest('hex');
    for (const location of ['unix', 'tcp', 'unbuffered']) {
      await client().post(`/${location}/digest`).send(body).expect(200, digest);
      await chunkedPost(port, `/${location}/digest`, body, digest);
    }
  });

  test('UwsgiResponse brings a download whole, by length and without', async () => {
    for (const target of ['/unix/bytes', '/tcp/bytes', '/unbuffered/bytes', '/unix/stream']) {
      const digest = createHash('sha256');
      let size = 0;
      for await (const chunk of await open(`http://127.0.0.1:${port}${target}`)) {
        digest.update(chunk as Buffer);
        size += (chunk as Buffer).length;
      }
      assert.equal(size, 32 * mebibyte, target);
      const expected = createHash('sha256')
        .update(Buffer.alloc(32 * mebibyte, 'd'))
        .digest('hex');
      assert.equal(digest.digest('hex'), expected, target);
    }
  });

  test('UwsgiResponse lets a slow client hold back a fast listener', async () => {
    const response = await open(`http://127.0.0.1:${port}/unbuffered/endless`);
    await until('the source runs', () => producedBytes > 0);
    await settled(() => producedBytes);
    assert.ok(producedBytes < 32 * mebibyte, `${producedBytes} bytes were produced`);
    response.destroy();
  });

  test("UwsgiResponse comes to its 'close' when the client goes away", async () => {
    const before = abortedRequests;
    const response = await open(`http://127.0.0.1:${port}/unbuffered/endless`);
    response.destroy();
    await until('the response is closed', () => abortedRequests > before);
    const socket = connect(port, '127.0.0.1');
    socket.write('GET /unix/never HTTP/1.1\r\nHost: a\r\n\r\n');
    await until('the listener runs', () => waitingRequests > 0);
    socket.destroy();
    await until('the response is closed', () => waitingRequests === 0);
  });

  test('UwsgiResponse that breaks off is an error to the client', async () => {
    for (const target of ['/unix/short', '/tcp/short', '/tcp/broken']) {
      const result = await runCurl(`http://127.0.0.1:${port}${target}`);
      assert.notEqual(result, 0, target);
    }
  });

  test('UwsgiResponse to a large upload that nobody reads is heard', async () => {
    for (const location of ['unix', 'unbuffered']) {
      await client()
        .post(`/${location}/refuse`)
        .send(Buffer.alloc(20 * mebibyte))
        .expect(413, 'too much');
    }
  });

  test('createUwsgiServer() serves 60,000 bytes of headers; what no packet can hold, nginx refuses', async () => {
    const big = 'h'.repeat(30_000);
    await client().get('/unix/echo').set({ 'X-One': big, 'X-Two': big }).expect(200);
    await client()
      .get('/unix/echo')
      .set({ 'X-One': big, 'X-Two': big, 'X-Three': big })
      .expect(500);
    assert.match(nginx.errorLog(), /uwsgi request is too big/);
  });
});

suite('a configuration published for Pulp', { skip: needs('nginx') }, () => {
  test('uwsgiOf() sees SCRIPT_NAME, PATH_INFO and the evidence behind it', async () => {
    using pki = createPki();
    const authority = await pki.authority();
    const server = await pki.server(authority);
    const consumer = await pki.client(authority);
    await using running = await startServer((request, response) => {
      const variables = uwsgiOf(request);
      const { scriptName, pathInfo } = variables ?? {};
      const evidence = ['REMOTE_USER', 'SSL_CLIENT_CERT'].map(
        (name) => variables?.get(name) ?? null,
      );
      response.end(
        JSON.stringify([scriptName, pathInfo, request.headers.authorization ?? null, ...evidence]),
      );
    });
    const port = await freePort();
    await using _nginx = await startNginx(`server {
      listen 127.0.0.1:${port} ssl;
      ssl_certificate ${server.certificatePath};
      ssl_certificate_key ${server.keyPath};
      ssl_client_certificate ${authority.certificatePath};
      ssl_verify_client optional;
      location /pulp/api/ {
        rewrite /pulp/api/(.*) /$1 break;
        include /etc/nginx/uwsgi_params;
        uwsgi_pass ${upstream(running)};
        uwsgi_param REMOTE_USER $remote_user if_not_empty;
        uwsgi_param HTTP_AUTHORIZATION $http_authorization;
        uwsgi_param SSL_CLIENT_CERT $ssl_client_raw_cert if_not_empty;
      }
    }`);
    const ask = async (...args: readonly string[]): Promise<unknown> => {
      const common = ['-sS', '--cacert', authority.certificatePath];
      const url = `https://localhost:${port}/pulp/api/v2/repositories/a%20b/?details=true`;
      return JSON.parse((await runOk('curl', [...common, ...args, url])).toString());
    };
    const place = ['/pulp/api', '/v2/repositories/a b/'];
    assert.deepEqual(await ask(), [...place, null, null, null]);
    assert.deepEqual(await ask('-u', 'admin:secret'), [
      ...place,
      `Basic ${btoa('admin:secret')}`,
      'admin',
      null,
    ]);
    const certificate = ['--cert', consumer.certificatePath, '--key', consumer.keyPath];
    assert.deepEqual(await ask(...certificate), [...place, null, null, consumer.certificate]);
  });
});

let producedBytes = 0;
let abortedRequests = 0;
let waitingRequests = 0;

const routes: Readonly<Record<string, UwsgiListener>> = {
  echo: (request, response) => response.end(`${request.method} ${request.url}`),
  digest: async (request, response) => {
    const digest = createHash('sha256');
    for await (const chunk of request) digest.update(chunk as Buffer);
    response.setHeader('Content-Type', 'text/plain');
    response.end(digest.digest('hex'));
  },
  bytes: (_, response) => {
    response.setHeader('Content-Length', 32 * mebibyte);
    repeat(32).pipe(response);
  },
  stream: (_, response) => repeat(32).pipe(response),
  endless: (_, response) => {
    producedBytes = 0;
    response.on('close', () => {
      abortedRequests += 1;
    });
    repeat(Number.POSITIVE_INFINITY).pipe(response);
  },
  never: (_, response) => {
    waitingRequests += 1;
    response.on('close', () => {
      waitingRequests -= 1;
    });
  },
  short: async (_, response) => {
    response.writeHead(200, { 'Content-Length': 1000 }).write('part');
    await sleep(50);
    response.end();
  },
  broken: async (_, response) => {
    response.write('part');
    await sleep(50);
    throw new Error('defect');
  },
  refuse: (_, response) =>
    response.writeHead(413, { 'Content-Type': 'text/plain', 'Content-Length': 8 }).end('too much'),
};

async function plainListener(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const name = request.url?.split(/[/?]/)[2] ?? '';
  await routes[name]?.(request, response);
}

/** `count` mebibytes of the letter d. */
function repeat(count: number): Readable {
  let left = count;
  return new Readable({
    read() {
      producedBytes += mebibyte;
      this.push(left-- > 0 ? Buffer.alloc(mebibyte, 'd') : null);
    },
  });
}

function koaApplication(): Koa {
  const router = new Router();
  router.get('/json', (context) => {
    context.body = { path: context.path, query: context.query, accept: context.get('Accept') };
  });
  router.get('/cookies', (context) => {
    context.cookies.set('b', '2');
    context.cookies.set('c', '3');
    context.body = context.cookies.get('a');
  });
  router.get('/nothing', (context) => {
    context.status = 204;
  });
  router.get('/redirect', (context) => context.redirect('/elsewhere?a=b'));
  router.get('/fresh', (context) => {
    context.etag = 'tag';
    context.body = 'fresh';
    if (context.fresh) context.status = 304;
  });
  router.get('/stream', (context) => {
    context.body = Readable.from(['one ', 'two ', 'three']);
  });
  router.post('/body', async (context) => {
    const chunks = await context.req.toArray();
    context.body = Buffer.concat(chunks as Buffer[]).toString();
  });
  router.get('/throw', (context) => context.throw(409, 'conflict'));
  const application = new Koa();
  application.silent = true;
  // The mount is the front's: without it the router sees the path that Koa was written for.
  application.use((context, next) => {
    context.path = uwsgiOf(context.req)?.pathInfo ?? context.path;
    return next();
  });
  application.use(router.routes()).use(router.allowedMethods());
  return application;
}

/** What a client sees, without what nginx says of itself and of the connection. */
function comparable(response: supertest.Response): unknown {
  const own = ['server', 'date', 'connection', 'keep-alive', 'transfer-encoding'];
  const headers = Object.entries(response.headers).filter(([name]) => !own.includes(name));
  return { status: response.status, headers: Object.fromEntries(headers), text: response.text };
}

function upstream({ address }: RunningServer): string {
  if ('path' in address) return `unix:${address.path}`;
  return address.host.includes(':')
    ? `[${address.host}]:${address.port}`
    : `${address.host}:${address.port}`;
}

function open(url: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(url, (response) => resolve(response.on('error', () => {}))).on('error', reject);
  });
}

async function chunkedPost(
  port: number,
  target: string,
  body: Buffer,
  expected: string,
): Promise<void> {
  const result = await runOk(
    'curl',
    [
      '-sS',
      '-H',
      'Transfer-Encoding: chunked',
      '--data-binary',
      '@-',
      `http://127.0.0.1:${port}${target}`,
    ],
    { input: body },
  );
  assert.equal(result.toString(), expected);
}

/** curl's exit code: 0 when it takes the response for whole. */
async function runCurl(url: string): Promise<number> {
  return runOk('curl', ['-sS', '-f', '-o', '/dev/null', url]).then(
    () => 0,
    () => 1,
  );
}

/** Waits until a counter stands still. */
async function settled(counter: () => number): Promise<void> {
  let last = -1;
  while (last !== counter()) {
    last = counter();
    await sleep(300);
  }
}
