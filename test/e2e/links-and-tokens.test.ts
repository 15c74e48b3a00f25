/** Links and tokens as an operator gives them out with portcullis-admin, and curl uses them, through nginx. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { portcullisAdmin, type Ran } from '../admin/program.ts';
import { writeUrlKeys } from '../identity/signed-urls/url-fixture.ts';
import {
  administer,
  administrator,
  configurationIn,
  controlPlaneDirectory,
} from '../support/administered.ts';
import { writeTree } from '../support/application.ts';
import { needs } from '../support/needs.ts';
import { startNginx } from '../support/nginx.ts';
import { createPki } from '../support/pki.ts';
import { type Portcullis, startPortcullis } from '../support/portcullis.ts';
import { freePort, run, until } from '../support/processes.ts';
import { renderNginx } from './fronts.ts';

interface Installation {
  readonly portcullis: Portcullis;
  /** Where content is, as `https://localhost:8443`. */
  readonly origin: string;
  admin(line: readonly string[], input?: string): Promise<Ran>;
  /** The status and the body that curl gets. */
  curl(url: string, ...options: readonly string[]): Promise<readonly [number, string]>;
}

describe('links and tokens given out through nginx', {
  skip: needs('nginx', 'openssl', 'curl'),
}, () => {
  const stack = new AsyncDisposableStack();
  let installation: Installation;
  before(async () => {
    installation = await install(stack);
  });
  after(() => stack.disposeAsync());

  /** What a program takes: the standard output of a command that succeeded. */
  const given = async (...line: readonly string[]): Promise<string> => {
    const { code, out, err } = await installation.admin(line);
    assert.equal(code, 0, err);
    return out.trimEnd();
  };

  it('a link that portcullis-admin makes is all that curl needs', async () => {
    const { curl, origin } = installation;
    const url = await given('link', 'create', '--distribution', 'acme/el9', '--path', 'a%20b.txt');
    assert.ok(url.startsWith(`${origin}/pulp/repos/acme/el9/a%20b.txt?`), url);
    assert.deepEqual(await curl(url), [200, 'a file']);
    assert.deepEqual(await curl(url, '--range', '2-'), [206, 'file']);
    assert.equal((await curl(url.replace('a%20b', 'other')))[0], 403);
    assert.equal((await curl(url.replace(/\?.*/, '')))[0], 403);
    const below = ['link', 'create', '--distribution', 'acme/el9', '--path', 'in/', '--below'];
    const directory = await given(...below, '--address', '127.0.0.1', '--for', '15m');
    assert.deepEqual(await curl(directory.replace('?', 'c.txt?')), [200, 'in it']);
    const elsewhere = await given(...below, '--address', '192.0.2.1');
    assert.equal((await curl(elsewhere.replace('?', 'c.txt?')))[0], 403);
  });

  it('T62 a token that portcullis-admin makes lets curl in until it is revoked, and is in no log', async () => {
    const { admin, curl, origin, portcullis } = installation;
    const secret = await given('token', 'create', '--customer', 'acme', '--downloads', '100');
    const [token] = JSON.parse(await given('--json', 'token', 'list', '--customer', 'acme'));
    const url = `${origin}/pulp/repos/acme/tokens/a%20b.txt`;
    const bearer = ['--header', `Authorization: Bearer ${secret}`];
    assert.deepEqual(await curl(url, ...bearer), [200, 'a file']);
    assert.deepEqual(await curl(url, '--user', `${token.id}:${secret}`), [200, 'a file']);
    assert.equal((await curl(url, '--head', ...bearer))[0], 200);
    const shown = await given('token', 'show', '--token-id', token.id);
    assert.match(shown, /^Downloads: +2$/m);
    const found = await admin(['token', 'identify'], `${secret}\n`);
    assert.match(found.out, new RegExp(`^Id: +${token.id}$`, 'm'), found.err);
    await given('token', 'revoke', '--token-id', token.id, '--reason', 'Leaked');
    await until('it is revoked', async () => (await curl(url, ...bearer))[0] === 401);
    await until('the log says why', () =>
      portcullis.log().some(({ reason }) => /\brevoked\b/.test(String(reason))),
    );
    assert.equal(JSON.stringify(portcullis.log()).includes(secret.slice(4, 20)), false);
    assert.equal((await curl(url))[0], 401);
  });
});

async function install(stack: AsyncDisposableStack): Promise<Installation> {
  const directory = stack.use(controlPlaneDirectory());
  const pki = stack.use(createPki());
  const ca = await pki.authority({ subject: '/CN=Server CA' });
  const { certificatePath: certificate, keyPath: key } = await pki.server(ca);
  const root = directory.file('root');
  writeTree(root, { 'a b.txt': 'a file', 'other.txt': 'another', 'in/c.txt': 'in it' });
  const port = await freePort();
  const origin = `https://localhost:${port}`;
  const keys = writeUrlKeys(directory);
  const { store, api } = directory.settings;
  const configuration = {
    roles: ['content', 'api'],
    listen: { uwsgi: { address: `unix:${directory.file('p.sock')}` } },
    nginx: {
      listen: [`127.0.0.1:${port}`],
      ...{ certificate, key, refusalLog: directory.file('refusals.log') },
    },
    store,
    api: { ...api, links: { keys, origin } },
    distributions: [
      { relativeUrl: 'acme/el9', root, access: { 'signed-url': { keys } } },
      { relativeUrl: 'acme/tokens', root, access: { token: {} } },
    ],
  };
  await administer(await configurationIn(directory, configuration));
  const portcullis = stack.use(await startPortcullis(configuration));
  stack.use(await startNginx(await renderNginx(portcullis)));
  const { login, password } = administrator;
  const settings = directory.file('admin.conf');
  const server = `[server]\nhost: localhost\nport: ${port}\nca_path: ${ca.certificatePath}\n`;
  const auth = `[auth]\nusername: ${login}\npassword: ${password}\n`;
  writeFileSync(settings, `${server}${auth}`, { mode: 0o600 });
  return {
    portcullis,
    origin,
    admin: (line, input = '') =>
      portcullisAdmin(['--config', settings, ...line], { home: directory.path, input }),
    curl: async (url, ...options) => {
      const write = ['--silent', '--write-out', '\n%{http_code}', '--cacert', ca.certificatePath];
      const { stdout } = await run('curl', [...write, ...options, url]);
      const text = stdout.toString();
      const end = text.lastIndexOf('\n');
      return [Number(text.slice(end + 1)), text.slice(0, end)];
    },
  };
}
