import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { describe, it } from 'node:test';
import type { Configuration } from '../../src/config/configuration.ts';
import { PortcullisError } from '../../src/errors.ts';
import { internalLocation } from '../../src/front/internal-location.ts';
import { renderNginxConfig } from '../../src/front/nginx-config.ts';
import { uwsgiCertificateCharactersMax } from '../../src/front/nginx-pass.ts';
import { encodePath } from '../../src/http/canonical-path.ts';
import { loadRight } from '../config/support.ts';
import { needs } from '../support/needs.ts';
import { type Credential, daysFrom, type Pki } from '../support/pki.ts';
import { until } from '../support/processes.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { type Answered, ask, type Front, startFront } from './nginx-fixture.ts';

const skip = needs('nginx', 'openssl');

function jsonOf(answered: Answered): Readonly<Record<string, unknown>> {
  assert.match(answered.headers, /^content-type: application\/json\r?$/im);
  return JSON.parse(answered.body);
}

function refusalsIn(file: string): readonly Readonly<Record<string, unknown>>[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

/** A client certificate whose PEM is at least `characters` long, by less than a line. */
async function largeClient(pki: Pki, issuer: Credential, characters: number): Promise<Credential> {
  const issue = (filler: number): Promise<Credential> =>
    pki.client(issuer, {
      extensions: { '1.3.6.1.4.1.55555.1': `ASN1:UTF8String:${'x'.repeat(filler)}` },
    });
  const small = await issue(50_000);
  const missing = characters - small.certificate.length;
  // Base64 with its line feeds takes 65 characters for 48 bytes.
  return issue(50_000 + Math.round((missing * 48) / 65));
}

describe('renderNginxConfig', { skip }, () => {
  for (const protocol of ['uwsgi', 'http'] as const) {
    it(`renderNginxConfig serves over ${protocol} with the raw target and what nginx knows`, async () => {
      await using front = await startFront({
        protocol,
        headers:
          protocol === 'http'
            ? 'headers: { clientCertificate: X-Cert, clientVerify: X-Verify, clientAddress: X-Real-IP, scheme: X-Scheme, remoteUser: X-User }'
            : '',
      });
      const client = await front.pki.client(front.authority);
      const path = '/pulp/repos/a%2Fb//../c%20d?x=%41';
      const { status } = await ask(front.port, { client, path });
      assert.equal(status, 200);
      const request = front.reached[0];
      assert.ok(request);
      assert.equal(request.url, path);
      if (protocol === 'uwsgi') {
        assert.equal(request.parameter('SSL_CLIENT_CERT'), client.certificate);
        assert.match(request.parameter('SSL_CLIENT_VERIFY') ?? '', /^FAILED:/);
        assert.equal(request.parameter('REMOTE_ADDR'), '127.0.0.1');
        assert.equal(request.parameter('HTTPS'), 'on');
        assert.equal(request.parameter('REQUEST_SCHEME'), 'https');
        assert.equal(request.parameter('SSL_SERVER_NAME'), 'localhost');
        assert.equal(request.parameter('REMOTE_USER'), undefined);
      } else {
        assert.equal(decodeURIComponent(request.header('x-cert') ?? ''), client.certificate);
        assert.match(request.header('x-verify') ?? '', /^FAILED:/);
        assert.equal(request.header('x-real-ip'), '127.0.0.1');
        assert.equal(request.header('x-scheme'), 'https');
        assert.equal(request.header('x-user'), undefined);
        assert.equal(request.header('host'), 'localhost');
      }
    });
  }

  it('T01 T06 renderNginxConfig lets no identity of a client through, over uwsgi or HTTP', async () => {
    const names = [
      'X-Cert',
      'X_Cert',
      'X-User',
      'X-SSL-Client-Cert',
      'X-Forwarded-For',
      'Forwarded',
    ];
    const headers = [
      ...names.map((name) => `${name}: forged`),
      `Authorization: Basic ${Buffer.from('root:x').toString('base64')}`,
      'Connection: X-Cert, X-User',
    ];
    await using http = await startFront({
      protocol: 'http',
      headers: 'headers: { clientCertificate: X-Cert, remoteUser: X-User }',
    });
    await ask(http.port, { headers });
    for (const name of [...names, 'X_User']) assert.equal(http.reached[0]?.header(name), undefined);
    await using uwsgi = await startFront({ protocol: 'uwsgi' });
    await ask(uwsgi.port, {
      headers: [...headers, 'Ssl-Client-Cert: forged', 'Remote-User: root'],
    });
    for (const name of ['SSL_CLIENT_CERT', 'REMOTE_USER']) {
      assert.equal(uwsgi.reached[0]?.parameter(name), undefined);
    }
  });

  it('T09 T17 renderNginxConfig passes on certificates that nginx cannot verify', async () => {
    await using front = await startFront({ protocol: 'uwsgi' });
    const stranger = await front.pki.client(await front.pki.authority({ subject: '/CN=other' }));
    const selfSigned = await front.pki.client(undefined);
    const server = await front.pki.server(front.authority);
    for (const client of [stranger, selfSigned, server]) {
      assert.equal((await ask(front.port, { client })).status, 200);
      assert.equal(front.reached.at(-1)?.parameter('SSL_CLIENT_CERT'), client.certificate);
    }
  });

  it('renderNginxConfig answers certificates that nginx refuses with 403, under the API 401 in JSON', async () => {
    await using front = await startFront({ protocol: 'uwsgi' });
    const { pki, authority, port } = front;
    const now = new Date();
    const clients = {
      expired: await pki.client(authority, { notAfter: daysFrom(now, -0.5) }),
      future: await pki.client(authority, { notBefore: daysFrom(now, 1) }),
    };
    for (const client of Object.values(clients)) {
      const content = await ask(port, { client, path: '/pulp/repos/acme/repomd.xml' });
      assert.equal(content.status, 403);
      assert.match(content.headers, /^content-type: text\/plain\r?$/im);
      assert.match(content.headers, /^cache-control: no-store\r?$/im);
      assert.doesNotMatch(content.headers, /nginx\//);
      assert.match(
        content.body,
        /^403 Forbidden: the client certificate cannot be used\nRequest id: [0-9a-f]{32}\n$/,
      );
      const api = await ask(port, {
        client,
        path: '/pulp/api/v2/repositories/?a="b',
        method: 'POST',
      });
      assert.equal(api.status, 401);
      assert.doesNotMatch(api.headers, /^www-authenticate:/im);
      const description = 'the client certificate cannot be used';
      assert.deepEqual(jsonOf(api), {
        auth_error_code: 'invalid_ssl_certificate',
        _href: '/pulp/api/v2/repositories/',
        http_request_method: 'POST',
        http_status: 401,
        error_message: description,
        exception: null,
        traceback: null,
        error: { code: 'PLP0027', description, data: {}, sub_errors: [] },
      });
    }
    assert.equal(front.reached.length, 0);
    await until('the refusals are logged', () => refusalsIn(front.refusalLog).length === 4);
    const [first] = refusalsIn(front.refusalLog);
    assert.equal(
      first?.reason,
      'the client certificate cannot be used: FAILED:certificate has expired',
    );
    assert.equal(first?.path, '/pulp/repos/acme/repomd.xml');
    assert.equal(first?.status, '403');
  });

  it('T87 renderNginxConfig keeps JSON whole whatever the path, in answer and log', async () => {
    await using front = await startFront({ protocol: 'uwsgi' });
    const client = await front.pki.client(front.authority, {
      notAfter: daysFrom(new Date(), -0.5),
    });
    for (const path of ['/pulp/api/a"b\\c/', '/pulp/api/%22,%22x%22:%22%0a/', '/pulp/api/\xff/']) {
      assert.match(String(jsonOf(await ask(front.port, { client, path }))._href), /^\/pulp\/api\//);
    }
    await until('the refusals are logged', () => refusalsIn(front.refusalLog).length === 3);
  });

  it('T61 renderNginxConfig answers plain HTTP on the TLS port with 403', async () => {
    await using front = await startFront({ protocol: 'uwsgi' });
    const plain = async (path: string): Promise<string> => {
      const socket = createConnection(front.port, '127.0.0.1');
      socket.end(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
      const chunks: Buffer[] = [];
      for await (const chunk of socket) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks).toString();
    };
    assert.match(
      await plain('/pulp/repos/a'),
      /^HTTP\/1.1 403 [\s\S]+this server is reached over https/,
    );
    assert.match(await plain('/pulp/api/'), /^HTTP\/1.1 403 [\s\S]+"http_status":403/);
    assert.equal(front.reached.length, 0);
  });

  it('T10 renderNginxConfig refuses a Host other than the name of the handshake with 421', async () => {
    await using front = await startFront({ protocol: 'uwsgi' });
    const statusOf = async (serverName: string, host: string): Promise<number> =>
      (await ask(front.port, { serverName, host })).status;
    assert.equal(await statusOf('localhost', 'localhost'), 200);
    assert.equal(await statusOf('localhost', `LOCALHOST.:${front.port}`), 200);
    assert.equal(await statusOf('', 'localhost'), 200);
    assert.equal(await statusOf('localhost', 'other.example'), 421);
    assert.equal(await statusOf('localhost', 'localhost.example'), 421);
    assert.equal(await statusOf('other.example', 'localhost'), 421);
  });

  it('T10 renderNginxConfig resumes no session, of its own server or of another', async () => {
    await using front = await startFront({
      protocol: 'uwsgi',
      http: ({ server, port }) => `
server {
  listen 127.0.0.1:${port} ssl;
  server_name other.example;
  ssl_certificate ${server.certificatePath};
  ssl_certificate_key ${server.keyPath};
  ssl_session_tickets off;
  ssl_session_cache off;
  return 200 other;
}`,
    });
    const client = await front.pki.client(front.authority);
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      for (const name of ['other.example', 'localhost']) {
        const first = await ask(front.port, { client, serverName: name, host: name, maxVersion });
        assert.equal(first.status, 200);
        const { session } = first;
        const again = await ask(front.port, { maxVersion, ...(session && { session }) });
        assert.equal(again.isSessionReused, false);
        assert.equal(front.reached.at(-1)?.parameter('SSL_CLIENT_CERT'), undefined);
      }
    }
  });

  it('renderNginxConfig answers 431 for a certificate too large for a uwsgi packet, and logs why', async () => {
    await using front = await startFront({ protocol: 'uwsgi' });
    const { pki, authority, port } = front;
    const fits = await largeClient(pki, authority, uwsgiCertificateCharactersMax - 100);
    const tooLarge = await largeClient(pki, authority, uwsgiCertificateCharactersMax + 100);
    assert.ok(fits.certificate.length <= uwsgiCertificateCharactersMax);
    assert.ok(tooLarge.certificate.length > uwsgiCertificateCharactersMax);
    assert.equal((await ask(port, { client: fits })).status, 200);
    const refused = await ask(port, { client: tooLarge });
    assert.equal(refused.status, 431);
    assert.match(refused.body, /the client certificate is too large for this server/);
    assert.equal(front.reached.length, 1);
    await until('the refusal is logged', () => refusalsIn(front.refusalLog).length === 1);
    assert.match(String(refusalsIn(front.refusalLog)[0]?.reason), /listen\.http takes it$/);
  });

  it('renderNginxConfig passes a certificate of 66 kB over HTTP', async () => {
    await using front = await startFront({
      protocol: 'http',
      headers: 'headers: { clientCertificate: X-Cert }',
    });
    const client = await largeClient(front.pki, front.authority, 66_602);
    assert.equal((await ask(front.port, { client })).status, 200);
    assert.equal(decodeURIComponent(front.reached[0]?.header('x-cert') ?? ''), client.certificate);
  });

  it('renderNginxConfig answers 503 with Retry-After while Portcullis is away', async () => {
    await using front = await startFront({
      protocol: 'uwsgi',
      settings: 'access: { retryAfterSeconds: 7 }',
      respond: (_, response) => response.destroy(),
    });
    const answered = await ask(front.port, { path: '/pulp/repos/a' });
    assert.equal(answered.status, 503);
    assert.match(answered.headers, /^retry-after: 7\r?$/im);
    assert.equal(jsonOf(await ask(front.port, { path: '/pulp/api/v2/' })).http_status, 503);
  });
});

describe('renderNginxConfig with X-Accel-Redirect', { skip }, () => {
  /** A front whose listener hands over the file that the query names. */
  async function startFiles(root: string, more = ''): Promise<Front> {
    return startFront({
      protocol: 'uwsgi',
      settings: `
distributions:
  - { relativeUrl: acme, root: ${JSON.stringify(root)}, access: public }${more}`,
      respond: (request, response) => {
        const path = new URL(request.url ?? '', 'http://x').searchParams.get('file') ?? '';
        const location = internalLocation('/portcullis-internal/', 'acme');
        response.setHeader('X-Accel-Redirect', encodePath(location + path));
        response.setHeader('Content-Length', 0);
        response.end();
      },
    });
  }

  for (const name of [
    'plain',
    'a b',
    'a;b{}',
    `a"b'c`,
    '$a$$',
    `$\{host}`,

    'back\\slash',
    'ü',
    '#',
  ]) {
    it(`renderNginxConfig serves from a root named ${name}`, async () => {
      using directory = temporaryDirectory();
      const root = directory.file(name);
      mkdirSync(root);
      writeFileSync(`${root}/file`, 'content');
      await using front = await startFiles(root);
      const { status, body } = await ask(front.port, { path: '/?file=file' });
      assert.deepEqual([status, body], [200, 'content']);
    });
  }

  it('T33 T39 renderNginxConfig opens no internal location to clients', async () => {
    using directory = temporaryDirectory();
    mkdirSync(directory.file('root'));
    writeFileSync(directory.file('root/file'), 'content');
    writeFileSync(directory.file('secret'), 'secret');
    await using front = await startFiles(directory.file('root'));
    for (const path of [
      '/portcullis-internal/acme/!/file',
      '/portcullis-internal/acme/%21/file',
      '/portcullis-internal//acme/!/file',
      '/x/../portcullis-internal/acme/!/file',
      '/portcullis-internal/',
      '/portcullis-internal/acme/!../secret',
    ]) {
      assert.equal((await ask(front.port, { path })).status, 404, path);
    }
    assert.equal(front.reached.length, 0);
    for (const file of ['../secret', '', '../../other/!/file']) {
      const answered = await ask(front.port, { path: `/?file=${encodeURIComponent(file)}` });
      assert.ok([403, 404].includes(answered.status), `${file}: ${answered.status}`);
    }
    assert.equal(front.reached.length, 3, 'a hand-off that leads nowhere was asked again');
  });

  it('T27 renderNginxConfig follows no link below a root, and does when the root is one', async () => {
    using directory = temporaryDirectory();
    mkdirSync(directory.file('real'));
    writeFileSync(directory.file('real/file'), 'content');
    symlinkSync('file', directory.file('real/link'));
    symlinkSync('real', directory.file('root'));
    await using front = await startFiles(directory.file('root'));
    assert.equal((await ask(front.port, { path: '/?file=file' })).body, 'content');
    assert.equal((await ask(front.port, { path: '/?file=link' })).status, 403);
  });

  it('T24 renderNginxConfig keeps a distribution apart from one that lies in it', async () => {
    using directory = temporaryDirectory();
    for (const root of ['outer', 'outer/el9', 'inner']) mkdirSync(directory.file(root));
    writeFileSync(directory.file('outer/el9/file'), 'outer');
    writeFileSync(directory.file('inner/file'), 'inner');
    await using front = await startFiles(
      directory.file('outer'),
      `\n  - { relativeUrl: acme/el9, root: ${directory.file('inner')} }`,
    );
    assert.equal((await ask(front.port, { path: '/?file=el9/file' })).body, 'outer');
  });

  it('renderNginxConfig has nginx range and compare as Portcullis does', async () => {
    using directory = temporaryDirectory();
    writeFileSync(directory.file('file'), '0123456789');
    await using front = await startFiles(directory.path);
    const path = '/?file=file';
    const later = new Date(Date.now() + 3_600_000).toUTCString();
    const since = await ask(front.port, { path, headers: [`If-Modified-Since: ${later}`] });
    assert.equal(since.status, 304);
    const range = await ask(front.port, { path, headers: ['Range: bytes=2-4'] });
    assert.deepEqual([range.status, range.body], [206, '234']);
    assert.match(range.headers, /^x-content-type-options: nosniff\r?$/im);
  });
});

describe('renderNginxConfig, by itself', () => {
  it('renderNginxConfig refuses what nginx cannot do', async () => {
    const refusal = async (text: string): Promise<string> => {
      const configuration = await loadRight(text);
      try {
        renderNginxConfig(configuration);
      } catch (error) {
        assert.ok(error instanceof PortcullisError);
        assert.equal(error.code, 'CONFIG_INVALID');
        return error.message;
      }
      return 'none';
    };
    assert.match(
      await refusal('listen: { tls: { certificate: c, key: k } }'),
      /^Cannot write a configuration of nginx: only listen\.tls is there/,
    );
    assert.match(
      await refusal('listen: { uwsgi: { handOff: x-sendfile } }'),
      /listen\.uwsgi\.handOff is x-sendfile, and nginx knows x-accel-redirect or stream$/,
    );
    assert.equal(await refusal(''), 'none');
  });

  it('renderNginxConfig opens no internal location where Portcullis streams', async () => {
    const text = renderNginxConfig(
      await loadRight('distributions: [{ relativeUrl: a, root: /srv/a, access: public }]'),
    );
    assert.doesNotMatch(text, /internal;|alias/);
  });

  it('renderNginxConfig speaks to the HTTP listener where there are two', async () => {
    const text = renderNginxConfig(
      await loadRight(
        `listen: { uwsgi: { address: '127.0.0.1:9001' }, http: { address: '[::1]:9002' } }`,
      ),
    );
    assert.match(text, /server "\[::1\]:9002" max_fails=0;\n {2}keepalive 32;/);
    assert.doesNotMatch(text, /uwsgi_/);
  });

  it('renderNginxConfig calls a certificate too large one character past the limit', async () => {
    const [, pattern = ''] = /"~(\S+)" 1;/.exec(renderNginxConfig(await loadRight(''))) ?? [];
    const isTooLarge = (characters: number): boolean =>
      new RegExp(pattern).test('x\n'.repeat(characters / 2));
    assert.equal(isTooLarge(uwsgiCertificateCharactersMax), false);
    assert.equal(isTooLarge(uwsgiCertificateCharactersMax + 2), true);
    assert.ok(pattern.endsWith(`{${uwsgiCertificateCharactersMax + 1}}`));
  });

  it('renderNginxConfig refuses a NUL, and lets no value end its string', async () => {
    const configuration = await loadRight(
      'listen: { uwsgi: { handOff: x-accel-redirect } }\ndistributions: [{ relativeUrl: a, root: /a }]',
    );
    const withRoot = (root: string): Configuration => ({
      ...configuration,
      distributions: configuration.distributions.map((each) => ({ ...each, root })),
    });
    assert.throws(() => renderNginxConfig(withRoot('/a\0b')), /Cannot write a NUL/);
    const text = renderNginxConfig(withRoot('/a";\n}\nevil on;\\'));
    assert.ok(text.includes('alias "/a\\";\\n}\\nevil on;\\\\/";'));
  });
});
