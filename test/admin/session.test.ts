import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { daysFrom } from '../support/pki.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { portcullisAdmin, runCommand } from './program.ts';
import { type AdminServer, startAdminServer, type Told } from './server.ts';

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

/** A home with pulp-admin's file in it, which knows more keys than we do. */
function homeFor({ port, ca }: AdminServer) {
  const home = temporaryDirectory();
  mkdirSync(home.file('.pulp'));
  writeFileSync(
    home.file('.pulp/admin.conf'),
    `[server]\nhost = localhost\nport: ${port}\nca_path: ${ca.certificatePath}\nupload_chunk_size: 1048576\n[client]\nrole: admin\n[output]\npoll_frequency_in_seconds: 1\n`,
  );
  return home;
}

async function sessionOf(server: AdminServer, notAfter = daysFrom(new Date(), 7)) {
  const { certificate, key } = await server.pki.client(server.ca, {
    subject: '/CN=admin:admin:5f00',
    notAfter,
  });
  return { certificate, key };
}

const refusal = (status: number, code: string, kind: string): Told => ({
  status,
  body: {
    _href: '/pulp/api/v2/users/',
    http_status: status,
    http_request_method: 'GET',
    error_message: 'text',
    exception: null,
    traceback: null,
    auth_error_code: kind,
    error: { code, description: 'text', data: {}, sub_errors: [] },
  },
});

describe('portcullis-admin session', () => {
  it('portcullis-admin login keeps the certificate for its owner alone, and later commands use it', async () => {
    await using server = await startAdminServer();
    using home = homeFor(server);
    const session = await sessionOf(server);
    server.answer = ({ url }) => ({ status: 200, body: url.endsWith('login/') ? session : [] });
    const login = await portcullisAdmin(['login', '-u', 'admin'], {
      home: home.path,
      input: 'right horse\n',
    });
    assert.deepEqual([login.code, login.err], [0, '']);
    assert.match(
      login.out,
      /^Successfully logged in\. Session certificate will expire at .+ GMT\.\n$/,
    );
    const file = home.file('.pulp/user-cert.pem');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.match(
      readFileSync(file, 'utf8'),
      /^-----BEGIN PRIVATE KEY-----[\s\S]+-----BEGIN CERTIFICATE-----/,
    );
    assert.deepEqual(readdirSync(home.file('.pulp')).sort(), ['admin.conf', 'user-cert.pem']);
    const list = await portcullisAdmin(['auth', 'user', 'list'], { home: home.path });
    assert.equal(list.code, 0, list.err);
    assert.deepEqual(
      server.asked.map(({ method, url, authorization, certificate }) => [
        `${method} ${url}`,
        authorization,
        certificate,
      ]),
      [
        ['POST /pulp/api/v2/actions/login/', basic('admin:right horse'), undefined],
        ['GET /pulp/api/v2/users/', undefined, 'admin:admin:5f00'],
      ],
    );
  });

  it('portcullis-admin logout has the server end the session and removes the file', async () => {
    await using server = await startAdminServer();
    const { sessionFile } = server.settings;
    const { certificate, key } = await sessionOf(server);
    writeFileSync(sessionFile, `${key}${certificate}`);
    const ran = await runCommand(['logout'], server.settings);
    assert.deepEqual(ran, { code: 0, out: 'Session certificate successfully removed.\n', err: '' });
    const [asked] = server.asked;
    assert.deepEqual(
      [asked?.method, asked?.url, asked?.certificate],
      ['POST', '/pulp/api/v2/actions/logout/', 'admin:admin:5f00'],
    );
    const again = await runCommand(['logout'], server.settings);
    assert.deepEqual(
      [again.code, again.out],
      [0, 'No session certificate found, nothing to do.\n'],
    );
  });

  const answers: readonly (readonly [what: string, told: Told, code: number])[] = [
    ['a session that is over', refusal(401, 'PLP0027', 'invalid_ssl_certificate'), 0],
    ['a server that knows no logout', { status: 404, body: null }, 0],
    ['a user who may not log out', refusal(401, 'PLP0026', 'permission_denied'), 77],
    ['a server that failed', { status: 503, body: '<html>' }, 70],
  ];
  for (const [what, told, code] of answers) {
    it(`portcullis-admin logout removes the file with ${what}, and ends with ${code}`, async () => {
      await using server = await startAdminServer();
      const { sessionFile } = server.settings;
      const { certificate, key } = await sessionOf(server);
      writeFileSync(sessionFile, `${key}${certificate}`);
      server.answer = () => told;
      const ran = await runCommand(['logout'], server.settings);
      assert.equal(ran.code, code, ran.err);
      assert.equal(readdirSync(path.dirname(sessionFile)).includes('user-cert.pem'), false);
      if (code !== 0)
        assert.match(ran.err, /The server was not told: it would accept a copy until/);
    });
  }

  it('portcullis-admin logout -u ends all sessions of the user by the password', async () => {
    await using server = await startAdminServer();
    const ran = await runCommand(['logout', '-u', 'joe', '-p', 'x'], server.settings);
    assert.deepEqual([ran.code, ran.out], [0, 'All sessions of the user are ended.\n']);
    assert.equal(server.asked[0]?.authorization, basic('joe:x'));
  });

  it('portcullis-admin says of a session that has ended to log in again, and asks no server', async () => {
    await using server = await startAdminServer();
    const { certificate, key } = await sessionOf(server, daysFrom(new Date(), -0.5));
    writeFileSync(server.settings.sessionFile, `${key}${certificate}`);
    const ran = await runCommand(['auth', 'user', 'list'], server.settings);
    assert.equal(ran.code, 77);
    assert.match(
      ran.err,
      /^Session Expired\nIt ended at .+ GMT\.\nLog in again: portcullis-admin login -u NAME\n$/,
    );
    assert.equal(server.asked.length, 0);
  });

  it('portcullis-admin says of a session that the server refuses to log in again', async () => {
    await using server = await startAdminServer();
    const { certificate, key } = await sessionOf(server);
    writeFileSync(server.settings.sessionFile, `${key}${certificate}`);
    for (const told of [
      refusal(401, 'PLP0027', 'invalid_ssl_certificate'),
      refusal(401, 'PLP0025', 'authentication_failed'),
      { status: 400, body: '<html><center>The SSL certificate error</center></html>' },
    ]) {
      server.answer = () => told;
      const ran = await runCommand(['auth', 'user', 'list'], server.settings);
      assert.equal(ran.code, 77);
      assert.match(ran.err, /^Session Expired\n[\s\S]*Log in again/);
    }
  });

  it('portcullis-admin refuses a session file without the key of its certificate', async () => {
    await using server = await startAdminServer();
    const [{ certificate }, { key }] = [await sessionOf(server), await sessionOf(server)];
    for (const text of [certificate, `${key}${certificate}`, 'nothing', '']) {
      writeFileSync(server.settings.sessionFile, text);
      const ran = await runCommand(['auth', 'user', 'list'], server.settings);
      assert.equal(ran.code, 70);
      assert.match(ran.err, /it is no certificate with its key; portcullis-admin login/);
    }
  });

  it('portcullis-admin login keeps nothing of an answer that is no certificate with its key', async () => {
    await using server = await startAdminServer();
    const { certificate } = await sessionOf(server);
    for (const body of [{}, [], null, { key: '', certificate }, { key: 1, certificate: 2 }]) {
      server.answer = () => ({ status: 200, body });
      const ran = await runCommand(['login', '-u', 'admin', '-p', 'x'], server.settings);
      assert.equal(ran.code, 70);
    }
    assert.equal(readdirSync(server.pki.directory).includes('user-cert.pem'), false);
  });
});
