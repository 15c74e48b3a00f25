/** T01 to T09 through a real nginx, and the block that was published for Pulp on nginx as it is. */

import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { createUwsgiReader } from '../../src/front/uwsgi-front.ts';
import { hashPassword } from '../../src/identity/bcrypt.ts';
import { uwsgiOf } from '../../src/uwsgi/request.ts';
import { createUwsgiServer, type UwsgiServer } from '../../src/uwsgi/server.ts';
import {
  basic,
  startApplication,
  type TestApplication,
  writeTree,
} from '../support/application.ts';
import { needs } from '../support/needs.ts';
import { type Nginx, startNginx } from '../support/nginx.ts';
import { type Credential, createPki } from '../support/pki.ts';
import { freePort, run } from '../support/processes.ts';

const skip = needs('nginx', 'curl', 'openssl');
const pki = createPki();
let application: TestApplication;
let echo: UwsgiServer;
let nginx: Nginx;
let port: number;
let plainPort: number;
let server: Credential;
let serverCa: Credential;
let entitled: Credential;
let stranger: Credential;

before(async () => {
  if (skip) return;
  serverCa = await pki.authority({ subject: '/CN=Server CA' });
  const clientCa = await pki.authority({ subject: '/CN=Client CA' });
  server = await pki.server(serverCa);
  entitled = await pki.client(clientCa);
  stranger = await pki.client(await pki.authority({ subject: '/CN=Other CA' }));
  const htpasswd = pki.write('htpasswd', `alice:${await hashPassword('right', 10)}\n`);
  const root = pki.file('root');
  writeTree(root, { 'secret.txt': 'the secret\n' });
  application = await startApplication({
    distributions: [
      { relativeUrl: 'cert', root, access: { certificate: { ca: clientCa.certificatePath } } },
      { relativeUrl: 'basic', root, access: { password: { file: htpasswd } } },
      { relativeUrl: 'near', root, access: { address: { allow: ['192.0.2.0/24'] } } },
    ],
  });
  echo = createUwsgiServer({}, echoEvidence);
  await echo.listen({ path: pki.file('echo.sock') });
  [port, plainPort] = [await freePort(), await freePort()];
  nginx = await startNginx(servers());
});
after(async () => {
  await nginx?.[Symbol.asyncDispose]();
  await echo?.close();
  await application?.[Symbol.asyncDispose]();
  pki[Symbol.dispose]();
});

/** Answers with what a listener behind uwsgi gets to see. */
function echoEvidence(request: IncomingMessage, response: ServerResponse): void {
  const [trusting, wary] = [createUwsgiReader(true)(request), createUwsgiReader(false)(request)];
  const { certificate } = wary;
  const body = {
    scriptName: uwsgiOf(request)?.scriptName,
    pathInfo: uwsgiOf(request)?.pathInfo,
    url: request.url,
    method: request.method,
    secure: wary.secure,
    address: wary.address,
    basic: wary.basic,
    remoteUser: wary.remoteUser,
    remoteUserIfTrusted: trusting.remoteUser,
    fingerprint:
      certificate !== undefined && 'fingerprint' in certificate
        ? certificate.fingerprint
        : undefined,
  };
  response.end(JSON.stringify(body));
}

/** A front that is careless with underscores; and plain HTTP, on which nobody has a certificate. */
function servers(): string {
  const common = `
    underscores_in_headers on;
    location /pulp/api/ {
      rewrite /pulp/api/(.*) /$1 break;
      include /etc/nginx/uwsgi_params;
      uwsgi_pass unix:${pki.file('echo.sock')};
      uwsgi_param REMOTE_USER $remote_user if_not_empty;
      uwsgi_param HTTP_AUTHORIZATION $http_authorization;
      uwsgi_param SSL_CLIENT_CERT $ssl_client_raw_cert if_not_empty;
    }
    location / {
      include /etc/nginx/uwsgi_params;
      uwsgi_pass unix:${application.socket};
      uwsgi_param SSL_CLIENT_CERT $ssl_client_raw_cert if_not_empty;
      uwsgi_param SSL_CLIENT_VERIFY $ssl_client_verify;
    }`;
  return `
    server {
      listen 127.0.0.1:${port} ssl;
      ssl_certificate ${server.certificatePath};
      ssl_certificate_key ${server.keyPath};
      ssl_verify_client optional_no_ca;
      ${common}
    }
    server {
      listen 127.0.0.1:${plainPort};
      ${common}
    }`;
}

interface Asked {
  readonly client?: Credential;
  readonly headers?: readonly string[];
  readonly user?: string;
  readonly plain?: boolean;
}

async function ask(target: string, asked: Asked = {}): Promise<{ status: number; body: string }> {
  const origin = asked.plain ? `http://127.0.0.1:${plainPort}` : `https://localhost:${port}`;
  const { stdout } = await run('curl', [
    ...['--silent', '--show-error', '--path-as-is', '--write-out', '\n%{http_code}'],
    ...['--cacert', serverCa.certificatePath, '--resolve', `localhost:${port}:127.0.0.1`],
    ...(asked.client
      ? ['--cert', asked.client.certificatePath, '--key', asked.client.keyPath]
      : []),
    ...(asked.user === undefined ? [] : ['--user', asked.user]),
    ...(asked.headers ?? []).flatMap((header) => ['--header', header]),
    `${origin}${target}`,
  ]);
  const text = stdout.toString();
  const cut = text.lastIndexOf('\n');
  return { status: Number(text.slice(cut + 1)), body: text.slice(0, cut) };
}

describe('the trust boundary through nginx', { skip }, () => {
  const cert = '/pulp/repos/cert/secret.txt';

  test('the certificate of the handshake is let in, another CA’s is not', async () => {
    assert.deepEqual(await ask(cert, { client: entitled }), { status: 200, body: 'the secret\n' });
    assert.equal((await ask(cert, { client: stranger })).status, 403);
    assert.equal((await ask(cert)).status, 403);
  });

  test('T01 T02 headers in every spelling identify nobody, even where underscores pass', async () => {
    const escaped = encodeURIComponent(entitled.certificate);
    const headers = ['SSL_CLIENT_CERT', 'SSL-CLIENT-CERT', 'Ssl_Client-Cert', 'X-Client-Cert'].map(
      (name) => `${name}: ${escaped}`,
    );
    const verify = ['SSL_CLIENT_VERIFY: SUCCESS', 'SSL-CLIENT-VERIFY: SUCCESS'];
    assert.equal((await ask(cert, { headers: verify })).status, 400, 'two of one name conflict');
    assert.equal((await ask(cert, { headers: verify.slice(1) })).status, 403);
    for (const header of headers) {
      const answer = await ask(cert, { headers: [header, 'SSL-CLIENT-VERIFY: SUCCESS'] });
      assert.notEqual(answer.status, 200, header);
      assert.doesNotMatch(answer.body, /the secret/);
      assert.notEqual((await ask(cert, { client: stranger, headers: [header] })).status, 200);
    }
  });

  test('T03 a second Authorization header is 400', async () => {
    const headers = ['wrong', 'right'].map((word) => `Authorization: ${basic('alice', word)}`);
    const answer = await ask('/pulp/repos/basic/secret.txt', { headers });
    assert.equal(answer.status, 400);
  });

  test('T04 headers that Connection names are no less believed, and no more', async () => {
    const headers = ['Connection: close, SSL-Client-Cert, Authorization, X-Real-IP'];
    assert.equal((await ask(cert, { headers })).status, 403);
    assert.equal((await ask(cert, { headers, client: entitled })).status, 200);
  });

  test('T05 X-Forwarded-For through nginx changes no address', async () => {
    const headers = [
      'X-Forwarded-For: 192.0.2.1',
      'X-Real-IP: 192.0.2.1',
      'REMOTE_ADDR: 192.0.2.1',
    ];
    assert.equal((await ask('/pulp/repos/near/secret.txt', { headers })).status, 403);
    assert.equal(application.log.at(-1)?.address, '127.0.0.1');
  });

  test('T61 plain HTTP skips no check, and takes no password', async () => {
    assert.equal((await ask(cert, { plain: true })).status, 403);
    const target = '/pulp/repos/basic/secret.txt';
    assert.equal((await ask(target, { plain: true, user: 'alice:right' })).status, 403);
    assert.equal((await ask(target, { user: 'alice:right' })).status, 200);
  });
});

describe('the block published for Pulp on nginx', { skip }, () => {
  const seen = async (asked: Asked, target = '/pulp/api/v2/repositories/?q=1') =>
    JSON.parse((await ask(target, asked)).body);

  test('works as it is: mount point, path and evidence arrive', async () => {
    const evidence = await seen({ client: entitled, user: 'admin:wrong' });
    assert.equal(evidence.scriptName, '/pulp/api');
    assert.equal(evidence.pathInfo, '/v2/repositories/');
    assert.equal(evidence.url, '/pulp/api/v2/repositories/?q=1');
    assert.equal(evidence.secure, true);
    assert.equal(evidence.address, '127.0.0.1');
    assert.deepEqual(evidence.basic, { user: 'admin', password: 'wrong' });
    assert.match(evidence.fingerprint, /^[0-9a-f]{64}$/);
  });

  test('T06 its REMOTE_USER is a name that nobody has checked, and is not believed unless asked', async () => {
    const evidence = await seen({ user: 'admin:wrong' });
    assert.equal(evidence.remoteUser, undefined);
    assert.equal(evidence.remoteUserIfTrusted, 'admin');
    for (const header of ['REMOTE_USER: admin', 'REMOTE-USER: admin', 'X-Remote-User: admin']) {
      assert.equal((await seen({ headers: [header] })).remoteUserIfTrusted, undefined, header);
    }
  });

  test('sends neither certificate nor user when there is none', async () => {
    const evidence = await seen({ plain: true });
    assert.equal(evidence.fingerprint, undefined);
    assert.equal(evidence.basic, undefined);
    assert.equal(evidence.secure, false);
  });

  test('the mount point is right for an empty rest and for encoded paths', async () => {
    assert.equal((await seen({}, '/pulp/api/')).pathInfo, '/');
    const encoded = await seen({}, '/pulp/api/v2/a%20b/%C3%A9/');
    assert.equal(encoded.scriptName, '/pulp/api');
    assert.equal(encoded.pathInfo, Buffer.from('/v2/a b/é/').toString('latin1'));
  });
});
