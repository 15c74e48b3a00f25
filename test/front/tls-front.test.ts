/** The built-in TLS listener: the handshake itself is the evidence. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { get } from 'node:https';
import { after, before, describe, test } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { startApplication, type TestApplication, writeTree } from '../support/application.ts';
import { type HeaderPairs, sendHttp } from '../support/http-client.ts';
import { type Credential, createPki } from '../support/pki.ts';
import { freePort, until } from '../support/processes.ts';

const pki = createPki();
const target = '/pulp/repos/acme/el9/secret.txt';
let port: number;
let application: TestApplication;
let root: Credential;
let middle: Credential;
let entitled: Credential;
let stranger: Credential;

before(async () => {
  root = await pki.authority({ subject: '/O=Acme/CN=Root' });
  middle = await pki.authority({ subject: '/O=Acme/CN=Middle' }, root);
  entitled = await pki.client(middle);
  stranger = await pki.client(await pki.authority({ subject: '/O=Other/CN=Root' }));
  const server = await pki.server(root);
  port = await freePort();
  writeTree(pki.file('root'), { 'secret.txt': 'the secret\n' });
  application = await startApplication({
    listen: {
      tls: {
        address: `127.0.0.1:${port}`,
        certificate: server.certificatePath,
        key: server.keyPath,
      },
    },
    distributions: [
      {
        relativeUrl: 'acme/el9',
        root: pki.file('root'),
        access: { certificate: { ca: root.certificatePath } },
      },
    ],
  });
});
after(async () => {
  await application[Symbol.asyncDispose]();
  pki[Symbol.dispose]();
});

function statusOf(
  cert: string | undefined,
  key?: string,
  headers: HeaderPairs = [],
): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const client = cert === undefined ? {} : { cert, key };
  const options = {
    ...client,
    port,
    path: target,
    host: '127.0.0.1',
    servername: 'localhost',
    ca: root.certificate,
    agent: false,
    headers: Object.fromEntries(headers),
  };
  get(options, (response) => {
    response.resume();
    resolve(response.statusCode ?? 0);
  }).on('error', reject);
  return promise;
}

describe('the TLS front', () => {
  test('a certificate with its intermediate is let in', async () => {
    assert.equal(await statusOf(entitled.certificate + middle.certificate, entitled.key), 200);
    await until('the request is logged', () => application.log.length > 0);
    const line = application.log.at(-1);
    assert.match(String(line?.certificate), /^sha256:[0-9a-f]{64}$/);
    assert.equal(line?.address, '127.0.0.1');
  });

  test('no certificate, a chain with a gap, and a stranger are 403 and no failed handshake', async () => {
    assert.equal(await statusOf(undefined), 403);
    assert.equal(await statusOf(entitled.certificate, entitled.key), 403);
    assert.equal(await statusOf(stranger.certificate, stranger.key), 403);
  });

  test('T01 headers that name a certificate are not read', async () => {
    const escaped = encodeURIComponent(entitled.certificate + middle.certificate);
    const headers: HeaderPairs = [
      ['X-Client-Cert', escaped],
      ['SSL_CLIENT_CERT', escaped],
    ];
    assert.equal(await statusOf(undefined, undefined, headers), 403);
  });

  test('T10 no session is resumed, whichever version of TLS', async () => {
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const options = {
        port,
        host: '127.0.0.1',
        ca: root.certificate,
        cert: entitled.certificate + middle.certificate,
        key: entitled.key,
        maxVersion: version,
        minVersion: version,
      };
      const first = await exchange(connect(options));
      const { session } = first;
      const again = connect({ ...options, cert: undefined, key: undefined, session });
      assert.deepEqual([first.status, first.isReused], [200, false], version);
      const second = await exchange(again);
      assert.deepEqual([second.status, second.isReused], [403, false], version);
    }
  });

  test('plain HTTP on the TLS port is not answered with content', async () => {
    const answer = await sendHttp(
      { host: '127.0.0.1', port },
      `GET ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
    );
    assert.doesNotMatch(answer.bytes.toString(), /the secret/);
  });

  test('the files of the listener are checked at the start', async () => {
    const key = stranger.keyPath;
    const certificate = entitled.certificatePath;
    assert.ok(readFileSync(key).length > 0);
    await assert.rejects(
      startApplication({ listen: { tls: { address: '127.0.0.1:1', certificate, key } } }),
      /Cannot use the server certificate/,
    );
  });
});

interface Exchanged {
  readonly status: number;
  readonly isReused: boolean;
  /** The last session that the server offered. */
  readonly session: Buffer | undefined;
}

async function exchange(socket: TLSSocket): Promise<Exchanged> {
  let session: Buffer | undefined;
  let text = '';
  socket.on('session', (offered: Buffer) => {
    session = offered;
  });
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  socket.write(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  await once(socket, 'end');
  const isReused = socket.isSessionReused();
  session ??= socket.getSession();
  socket.destroy();
  return { status: Number(text.slice(9, 12)), isReused, session };
}
