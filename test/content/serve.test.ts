/** The steps of a request: which outcome has which status, and what never leaks. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { hashPassword } from '../../src/identity/bcrypt.ts';
import {
  basic,
  startApplication,
  type TestApplication,
  writeTree,
} from '../support/application.ts';
import { createPki } from '../support/pki.ts';
import { until } from '../support/processes.ts';
import {
  encodePacket,
  getVariables,
  type RawAnswer,
  readAnswer,
  type VariablePairs,
} from '../support/uwsgi-client.ts';

const pki = createPki();
const plugins = path.join(import.meta.dirname, '../fixtures/plugins');
const htpasswd = pki.file('htpasswd');
const root = pki.file('root');
let application: TestApplication;

before(async () => {
  const authority = await pki.authority();
  writeFileSync(htpasswd, `alice:${await hashPassword('right', 10)}\n`);
  writeTree(root, {
    'secret.txt': 'the secret\n',
    'repodata/repomd.xml': '<repomd/>',
    '.hidden': 'hidden',
    '.treeinfo': 'tree',
  });
  writeTree(pki.file('gone'), { 'a.txt': 'a' });
  const password = { password: { file: htpasswd } };
  const certificate = { certificate: { ca: authority.certificatePath } };
  const fault = { 'throws-at-request': {} };
  const distributions = {
    open: 'public',
    basic: password,
    cert: certificate,
    both: { any: [certificate, password] },
    hopeless: { all: [password, { address: { allow: ['203.0.113.0/24'] } }] },
    fault,
    'fault-or-open': { any: [fault, 'public'] },
    'fault-and-no': { any: [fault, certificate] },
  };
  application = await startApplication({
    plugins: [path.join(plugins, 'throws-at-request.ts')],
    content: { prefixes: ['/pulp/repos/', '/pulp/isos/', '/content/dist/'] },
    access: { realm: 'Acme packages', retryAfterSeconds: 7 },
    distributions: [
      ...Object.entries(distributions).map(([relativeUrl, access]) => ({
        relativeUrl,
        root,
        access,
        listing: true,
      })),
      { relativeUrl: 'nobody', root },
      { relativeUrl: 'gone', root: pki.file('gone'), access: 'public' },
    ],
  });
});
after(async () => {
  await application[Symbol.asyncDispose]();
  pki[Symbol.dispose]();
});

const https: VariablePairs = [['HTTPS', 'on']];
const as = (user: string, password: string): VariablePairs => [
  ...https,
  ['HTTP_AUTHORIZATION', basic(user, password)],
];
const get = (target: string, more: VariablePairs = https): Promise<RawAnswer> =>
  application.get(target, more);

describe('serve: the table of outcomes', () => {
  const table: readonly [string, number, VariablePairs?][] = [
    ['/pulp/repos/open/secret.txt', 200],
    ['/pulp/isos/open/secret.txt', 200],
    ['/content/dist/open/secret.txt', 200],
    ['/pulp/repos/open/secret.txt?ssl_clientkey=/a/key', 200],
    ['/other/open/secret.txt', 404],
    ['/pulp/repos/missing/secret.txt', 404],
    ['/pulp/repos/opens/secret.txt', 404],
    ['/pulp/repos/open/missing.txt', 404],
    ['/pulp/repos/open/secret.txt/', 404],
    ['/pulp/repos/open/.hidden', 404],
    ['/pulp/repos/open/.treeinfo', 200],
    ['/pulp/repos//open/secret.txt', 404],
    ['/pulp/repos/open/../open/secret.txt', 404],
    ['/pulp/repos/open/%2e%2e/open/secret.txt', 404],
    ['/pulp/repos/open%2fsecret.txt', 404],
    ['/pulp/repos/open/%73ecret.txt', 200],
    ['/pulp/repos/open/./secret.txt', 301],
    ['/./pulp/repos/cert/./secret.txt', 301],
    ['/pulp/repos/open/./../open/secret.txt', 404],
    ['/pulp/repos/open/%2e/secret.txt', 404],
    ['/.//evil.example/x', 404],
    [`/${'x'.repeat(8191)}`, 404],
    [`/${'x'.repeat(8192)}`, 414],
    ['/pulp/repos/nobody/secret.txt', 403],
    ['/pulp/repos/cert/secret.txt', 403],
    ['/pulp/repos/cert/secret.txt', 403, as('alice', 'right')],
    ['/pulp/repos/cert/missing.txt', 403],
    ['/pulp/repos/basic/secret.txt', 401],
    ['/pulp/repos/basic/secret.txt', 401, as('alice', 'wrong')],
    ['/pulp/repos/basic/secret.txt', 401, as('bob', 'right')],
    ['/pulp/repos/basic/secret.txt', 401, as('', '')],
    ['/pulp/repos/basic/secret.txt', 200, as('alice', 'right')],
    ['/pulp/repos/both/secret.txt', 401],
    ['/pulp/repos/both/secret.txt', 200, as('alice', 'right')],
    ['/pulp/repos/hopeless/secret.txt', 403],
    ['/pulp/repos/hopeless/secret.txt', 403, as('alice', 'right')],
    ['/pulp/repos/fault/secret.txt', 503],
    ['/pulp/repos/fault-or-open/secret.txt', 200],
    ['/pulp/repos/fault-and-no/secret.txt', 503],
  ];
  for (const [target, status, more] of table) {
    const shown = target.length > 60 ? `a path of ${target.length} bytes` : target;
    const whom = more === undefined ? '' : ` with ${more[1]?.[1]}`;
    test(`serve() answers ${status} for ${shown}${whom}`, async () => {
      const answer = await get(target, more);
      assert.equal(answer.status, status);
      const challenge = answer.headers['www-authenticate'];
      assert.equal(
        challenge,
        status === 401 ? 'Basic realm="Acme packages", charset="UTF-8"' : undefined,
      );
      assert.equal(answer.headers['retry-after'], status === 503 ? '7' : undefined);
      if (status !== 200) assert.doesNotMatch(answer.bytes.toString(), /the secret/);
    });
  }

  test('T39b a `.` segment is sent to the canonical path, encoded, and never to another host', async () => {
    const targets: readonly [string, string][] = [
      ['/pulp/repos/open/./a%20b/.?x=1', '/pulp/repos/open/a%20b/'],
      ['/./%0d%0aSet-Cookie:%20a', '/%0D%0ASet-Cookie%3A%20a'],
      ['/.', '/'],
    ];
    for (const [target, location] of targets) {
      const answer = await get(target);
      assert.equal(answer.status, 301);
      assert.equal(answer.headers.location, location);
      assert.equal(application.log.at(-1)?.outcome, 'not-found');
    }
  });

  test('T61 a password is refused without TLS, and not asked for', async () => {
    const plain: VariablePairs = [['HTTP_AUTHORIZATION', basic('alice', 'right')]];
    for (const more of [plain, []]) {
      const answer = await get('/pulp/repos/basic/secret.txt', more);
      assert.equal(answer.status, 403);
      assert.equal(answer.headers['www-authenticate'], undefined);
    }
    assert.match(String(application.log.at(-1)?.reason), /plain HTTP/);
  });

  test('T52 guesses are 429 with Retry-After in the end, and nobody else is kept out', async () => {
    const from = (address: string, password: string) =>
      get('/pulp/repos/basic/secret.txt', [...as('alice', password), ['REMOTE_ADDR', address]]);
    let answer = await from('203.0.113.1', 'guess 0');
    for (let i = 1; answer.status === 401 && i < 20; i += 1) {
      answer = await from('203.0.113.1', `guess ${i}`);
    }
    assert.equal(answer.status, 429);
    assert.match(answer.headers['retry-after'] ?? '', /^[1-6]$/);
    assert.equal(answer.headers['www-authenticate'], undefined);
    assert.equal((await from('203.0.113.1', 'right')).status, 429);
    assert.equal((await from('198.51.100.1', 'right')).status, 200);
  });

  test('T101 other methods are 405, in whatever case', async () => {
    for (const method of ['POST', 'PUT', 'TRACE', 'OPTIONS', 'get', 'Head']) {
      const answer = await get('/pulp/repos/open/secret.txt', [
        ['REQUEST_METHOD', method],
        ['HTTP_X_HTTP_METHOD_OVERRIDE', 'GET'],
      ]);
      assert.equal(answer.status, 405, method);
      assert.equal(answer.headers.allow, 'GET, HEAD');
    }
  });
});

describe('serve: what never leaks', () => {
  test('T100 an error says its status and the request id, and nothing else', async () => {
    const answer = await get('/pulp/repos/cert/secret.txt', [['REQUEST_ID', 'abc-123']]);
    assert.equal(answer.body.toString(), '403 Forbidden\nRequest id: abc-123\n');
    assert.equal(answer.headers['x-request-id'], 'abc-123');
    assert.equal(application.log.at(-1)?.requestId, 'abc-123');
  });

  test('a REQUEST_ID that could do harm in a log or header is not taken over', async () => {
    const answer = await get('/pulp/repos/cert/secret.txt', [['REQUEST_ID', 'a\r\nSet-Cookie: b']]);
    assert.match(answer.headers['x-request-id'] ?? '', /^[0-9a-f]{12}-[0-9a-z]+$/);
  });

  test('T102 HEAD is decided as GET, and a denied one tells nothing of the file', async () => {
    const head: VariablePairs = [...https, ['REQUEST_METHOD', 'HEAD']];
    const allowed = await get('/pulp/repos/open/secret.txt', head);
    assert.equal(allowed.status, 200);
    assert.equal(allowed.headers['content-length'], '11');
    assert.equal(allowed.body.length, 0);
    const present = await get('/pulp/repos/cert/secret.txt', head);
    const absent = await get('/pulp/repos/cert/missing.txt', head);
    assert.equal(present.status, 403);
    assert.equal(present.body.length, 0);
    assert.equal(present.headers.etag ?? present.headers['last-modified'], undefined);
    assert.equal(present.headers['content-length'], absent.headers['content-length']);
  });

  test('T104 conditions and ranges are looked at after an allow only', async () => {
    const { headers } = await get('/pulp/repos/open/secret.txt');
    const conditions: VariablePairs = [
      ['HTTP_IF_NONE_MATCH', headers.etag ?? ''],
      ['HTTP_IF_NONE_MATCH', '*'],
      ['HTTP_IF_MATCH', '"other"'],
      ['HTTP_IF_MODIFIED_SINCE', headers['last-modified'] ?? ''],
      ['HTTP_RANGE', 'bytes=100000-'],
    ];
    for (const condition of conditions) {
      const denied = await get('/pulp/repos/cert/secret.txt', [condition]);
      assert.equal(denied.status, 403, condition[0]);
    }
  });

  test('T65 nothing that is served or refused may be stored for somebody else', async () => {
    for (const target of ['open/secret.txt', 'open/', 'cert/secret.txt', 'missing/x']) {
      const answer = await get(`/pulp/repos/${target}`);
      assert.match(answer.headers['cache-control'] ?? '', /private|no-store/, target);
      assert.equal(answer.headers['x-content-type-options'], 'nosniff', target);
    }
  });

  test('T37 headers of the client choose no hand-off', async () => {
    const answer = await get('/pulp/repos/open/secret.txt', [
      ['HTTP_X_SENDFILE_TYPE', 'X-Accel-Redirect'],
      ['HTTP_X_ACCEL_MAPPING', '/=/'],
      ['HTTP_X_ACCEL_REDIRECT', '/etc/passwd'],
    ]);
    assert.equal(answer.body.toString(), 'the secret\n');
    assert.equal(answer.headers['x-accel-redirect'], undefined);
  });

  test('T92 no password, header or key of a request is in the log', async () => {
    await get('/pulp/repos/basic/secret.txt', as('alice', 'canary-password'));
    await get('/pulp/repos/open/secret.txt?token=canary-query', [
      ['HTTP_COOKIE', 'canary-cookie'],
      ['HTTP_AUTHORIZATION', 'Bearer canary-token'],
      ['SSL_CLIENT_CERT', '-----BEGIN PRIVATE KEY-----canary-key'],
    ]);
    const text = JSON.stringify(application.log);
    assert.doesNotMatch(text, /canary/);
    assert.doesNotMatch(text, new RegExp(btoa('alice:canary-password')));
  });
});

describe('serve: the decision log', () => {
  test('one line for each request, with the words of explain', async () => {
    const before = application.log.length;
    await get('/pulp/repos/both/secret.txt', as('alice', 'wrong'));
    assert.equal(application.log.length, before + 1);
    const line = application.log.at(-1);
    const explained = await application.explain({
      target: '/pulp/repos/both/secret.txt',
      user: 'alice',
      password: 'wrong',
      address: '127.0.0.1',
    });
    assert.equal(line?.reason, explained.reason);
    assert.equal(line?.outcome, explained.outcome);
    assert.equal(line?.status, explained.status);
    assert.equal(line?.user, 'alice');
    assert.equal(line?.distribution, 'both');
    assert.equal(line?.address, '127.0.0.1');
  });

  test('T87 a path with control bytes is one line of log', async () => {
    await get('/pulp/repos/open/%0d%0a%1b[31m%22%80');
    const line = application.log.at(-1);
    assert.equal(line?.path, '/pulp/repos/open/\r\n\x1b[31m"\udc80');
  });
});

describe('serve: when the disk changes under it', () => {
  test('a root that vanished is 503 with Retry-After, and comes back without a restart', async () => {
    const gone = pki.file('gone');
    renameSync(gone, `${gone}.away`);
    const answer = await get('/pulp/repos/gone/a.txt');
    assert.equal(answer.status, 503);
    assert.equal(answer.headers['retry-after'], '7');
    assert.equal(application.log.at(-1)?.level, 'error');
    renameSync(`${gone}.away`, gone);
    assert.equal((await get('/pulp/repos/gone/a.txt')).status, 200);
  });

  test('a file truncated while it is streamed ends in a broken connection, and in the log', async () => {
    const file = path.join(root, 'large.bin');
    const size = 64 * 1024 * 1024;
    writeFileSync(file, '');
    truncateSync(file, size);
    const socket = connect({ path: application.socket, allowHalfOpen: true });
    socket.write(encodePacket(getVariables('/pulp/repos/open/large.bin')));
    const linesBefore = application.log.length;
    // Nobody reads after this, so that the rest of the file is still to be sent.
    await once(socket, 'readable');
    truncateSync(file, 1024);
    const answer = await readAnswer(socket);
    assert.equal(answer.headers['content-length'], String(size));
    assert.ok(answer.body.length < size);
    await until('it is logged', () => application.log.length > linesBefore);
    assert.equal(application.log.at(-1)?.delivery, 'failed');
    rmSync(file);
  });
});
