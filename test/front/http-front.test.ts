/** Attacks on the trust boundary of the HTTP listener: T01, T02, T04 to T06, T53, T70, T79. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startApplication, type TestApplication, writeTree } from '../support/application.ts';
import { type HeaderPairs, httpGet, sendHttp } from '../support/http-client.ts';
import { type Credential, createPki } from '../support/pki.ts';

const pki = createPki();
const target = '/pulp/repos/acme/el9/secret.txt';
const headers = {
  clientCertificate: 'X-Client-Cert',
  clientVerify: 'X-Client-Verify',
  clientAddress: 'X-Real-IP',
  scheme: 'X-Forwarded-Proto',
};
let entitled: Credential;
let escaped: string;
let trusted: TestApplication;
let untrusted: TestApplication;
const trustedSocket = { path: pki.file('trusted.sock') };
const untrustedSocket = { path: pki.file('untrusted.sock') };

function configuration(path: string, trustedPeers: string[], ca: string): Record<string, unknown> {
  const root = pki.file('root');
  return {
    listen: { http: { address: `unix:${path}`, trustedPeers, headers } },
    distributions: [
      { relativeUrl: 'acme/el9', root, access: { certificate: { ca } } },
      { relativeUrl: 'near', root, access: { address: { allow: ['192.0.2.0/24'] } } },
      { relativeUrl: 'open', root, access: 'public' },
    ],
  };
}

before(async () => {
  const authority = await pki.authority();
  entitled = await pki.client(authority);
  escaped = encodeURIComponent(entitled.certificate);
  writeTree(pki.file('root'), { 'secret.txt': 'the secret\n' });
  const ca = authority.certificatePath;
  trusted = await startApplication(configuration(trustedSocket.path, ['unix'], ca));
  untrusted = await startApplication(configuration(untrustedSocket.path, ['192.0.2.1'], ca));
});
after(async () => {
  await trusted[Symbol.asyncDispose]();
  await untrusted[Symbol.asyncDispose]();
  pki[Symbol.dispose]();
});

const statusOf = async (pairs: HeaderPairs, at = target, socket = trustedSocket) =>
  (await httpGet(socket, at, pairs)).status;

describe('the HTTP front', () => {
  test('the configured header from a trusted peer is let in', async () => {
    assert.equal(await statusOf([['X-Client-Cert', escaped]]), 200);
    assert.equal(await statusOf([['x-client-cert', escaped]]), 200);
    assert.equal(await statusOf([]), 403);
  });

  test('T01 T05 from a peer that is not listed no identity header is believed', async () => {
    const pairs: HeaderPairs = [
      ['X-Client-Cert', escaped],
      ['X-Client-Verify', 'SUCCESS'],
      ['X-Real-IP', '192.0.2.1'],
    ];
    assert.equal(await statusOf(pairs, target, untrustedSocket), 403);
    assert.equal(await statusOf(pairs, '/pulp/repos/near/secret.txt', untrustedSocket), 403);
    assert.equal(await statusOf(pairs, '/pulp/repos/near/secret.txt'), 200);
  });

  test('T01 other names for a certificate are not read', async () => {
    for (const name of ['SSL_CLIENT_CERT', 'SSL-Client-Cert', 'Client-Cert', 'X-SSL-Cert']) {
      assert.equal(await statusOf([[name, escaped]]), 403, name);
    }
  });

  test('T02 a second spelling beside the configured header is 400, in either order', async () => {
    for (const alias of ['X_Client_Cert', 'X-Client_Cert', 'X.Client.Cert', 'x-client-cert']) {
      const first = ['X-Client-Cert', escaped] as const;
      const second = [alias, escaped] as const;
      assert.equal(await statusOf([first, second]), 400, alias);
      assert.equal(await statusOf([second, first]), 400, alias);
    }
  });

  test('T02 a spelling alone is not the configured header', async () => {
    for (const alias of ['X_Client_Cert', 'X-Client_Cert', 'X.Client.Cert']) {
      assert.equal(await statusOf([[alias, escaped]]), 403, alias);
    }
  });

  test('T04 naming the headers in Connection changes nothing', async () => {
    const connection = ['Connection', 'close, X-Client-Cert, X-Real-IP'] as const;
    assert.equal(await statusOf([connection]), 403);
    assert.equal(await statusOf([connection, ['X-Client-Cert', escaped]]), 200);
  });

  test('T05 of a list of addresses only the entry of the trusted front counts', async () => {
    const near = '/pulp/repos/near/secret.txt';
    assert.equal(await statusOf([['X-Real-IP', '192.0.2.1, 198.51.100.1']], near), 403);
    assert.equal(await statusOf([['X-Real-IP', '198.51.100.1, 192.0.2.1']], near), 200);
    assert.equal(await statusOf([['X-Real-IP', 'junk']], near), 403);
    assert.equal(await statusOf([], near), 403);
  });

  test('T06 names of users that nobody configured are not read', async () => {
    const names = ['REMOTE_USER', 'Remote-User', 'X-Forwarded-User', 'X-Remote-User'];
    for (const name of names) assert.equal(await statusOf([[name, 'admin']]), 403, name);
  });

  test('T09 a certificate beside X-Client-Verify: NONE is denied', async () => {
    const pairs: HeaderPairs = [
      ['X-Client-Cert', escaped],
      ['X-Client-Verify', 'NONE'],
    ];
    assert.equal(await statusOf(pairs), 403);
  });

  test('T03 two Authorization headers are 400, from anybody, on public content too', async () => {
    const pairs: HeaderPairs = [
      ['Authorization', 'Basic YTpi'],
      ['Authorization', 'Basic YTpj'],
    ];
    for (const socket of [trustedSocket, untrustedSocket]) {
      assert.equal(await statusOf(pairs, '/pulp/repos/open/secret.txt', socket), 400);
    }
  });
});

describe('the HTTP listener', () => {
  const open = '/pulp/repos/open/secret.txt';
  const get = (headerLines: string, body = '') =>
    sendHttp(trustedSocket, `GET ${open} HTTP/1.1\r\nHost: x\r\n${headerLines}\r\n${body}`);

  const smuggling: readonly [string, string, string][] = [
    ['a negative length', 'Content-Length: -1\r\n', ''],
    ['a signed length', 'Content-Length: +1\r\n', 'x'],
    ['a hexadecimal length', 'Content-Length: 0x10\r\n', 'x'],
    ['a list of lengths', 'Content-Length: 1,1\r\n', 'x'],
    ['two lengths', 'Content-Length: 1\r\nContent-Length: 2\r\n', 'xx'],
    ['a length over 2^64', 'Content-Length: 99999999999999999999\r\n', ''],
    ['a length and chunks', 'Content-Length: 1\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'],
    ['an unknown encoding', 'Transfer-Encoding: xchunked\r\n', '0\r\n\r\n'],
    ['a bare line feed in a header', 'X: y\nZ: w\r\n', ''],
    ['a space before the colon', 'Content-Length : 1\r\n', 'x'],
  ];
  for (const [name, lines, body] of smuggling) {
    test(`T70 ${name} is refused, and the connection closed`, async () => {
      const answer = await get(lines, `${body}GET ${open} HTTP/1.1\r\nHost: x\r\n\r\n`);
      assert.ok(answer.status === 400 || answer.status === 413, String(answer.status));
      assert.doesNotMatch(answer.bytes.toString(), /the secret/);
    });
  }

  test('T79 a body up to the limit is left unread, one past it is 413 before a byte is read', async () => {
    const limit = 1_048_576;
    const atLimit = get(`Connection: close\r\nContent-Length: ${limit}\r\n`, 'x'.repeat(limit));
    assert.equal((await atLimit).status, 200);
    const over = await get(`Content-Length: ${limit + 1}\r\n`);
    assert.equal(over.status, 413);
  });

  test('a header of limits.headerBytes is served, one past it is 431', async () => {
    const limit = 262_144;
    const others = `${open}HostxConnectioncloseX`.length;
    const pad = (bytes: number) => get(`Connection: close\r\nX: ${'y'.repeat(bytes - others)}\r\n`);
    assert.equal((await pad(limit)).status, 200);
    assert.equal((await pad(limit + 1)).status, 431);
  });

  test('T101 only GET and HEAD are served, and override headers are ignored', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'PROPFIND']) {
      const answer = await sendHttp(
        trustedSocket,
        `${method} ${open} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-HTTP-Method-Override: GET\r\n\r\n`,
      );
      assert.equal(answer.status, 405, method);
      assert.equal(answer.headers.allow, 'GET, HEAD');
    }
  });
});
