import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import type { AdminSettings } from '../../src/admin/settings/settings.ts';
import { portcullis } from '../cli/program.ts';
import { controlPlaneDirectory } from '../support/administered.ts';
import { needs } from '../support/needs.ts';
import { startNginx } from '../support/nginx.ts';
import { createPki } from '../support/pki.ts';
import { type Portcullis, startPortcullis } from '../support/portcullis.ts';
import { freePort, until } from '../support/processes.ts';
import { portcullisAdmin, type Ran, runCommand } from './program.ts';
import { unreachable } from './settings.ts';

const password = 'right horse';

interface Installation extends AsyncDisposable {
  readonly server: Portcullis;
  readonly ports: { readonly direct: number; readonly nginx: number };
  readonly caPath: string;
  /** The home of whoever administers. */
  readonly home: string;
}

/** Two workers, each with a socket that nginx goes to in turn, and a listener for TLS of both. */
async function install(): Promise<Installation> {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(controlPlaneDirectory());
  const pki = stack.use(createPki());
  const ca = await pki.authority({ subject: '/CN=server CA' });
  const { certificatePath: certificate, keyPath: key } = await pki.server(ca);
  const ports = { direct: await freePort(), nginx: await freePort() };
  const server = stack.use(
    await startPortcullis({
      ...directory.settings,
      workers: 2,
      roles: ['content', 'api'],
      listen: {
        uwsgi: { address: `unix:${directory.file('p.sock')}`, sockets: 'worker' },
        tls: { address: `127.0.0.1:${ports.direct}`, certificate, key },
      },
      nginx: { serverName: 'localhost', listen: [`127.0.0.1:${ports.nginx}`], certificate, key },
    }),
  );
  const rendered = await portcullis(['nginx-config', '--config', server.file]);
  assert.equal(rendered.code, 0, rendered.err);
  stack.use(await startNginx(rendered.out));
  const made = await portcullis(['create-admin', '--config', server.file], { input: password });
  assert.equal(made.code, 0, made.err);
  const home = directory.file('home');
  mkdirSync(home);
  const owned = stack.move();
  return {
    ...{ server, ports, home, caPath: ca.certificatePath },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

describe('portcullis-admin and portcullis serve', { skip: needs('nginx', 'openssl') }, () => {
  let installation: Installation;
  before(async () => {
    installation = await install();
  });
  after(() => installation?.[Symbol.asyncDispose]());

  for (const way of ['direct', 'nginx'] as const) {
    it(`portcullis-admin logs in, calls with the certificate alone, and logs out of every worker: ${way}`, async () => {
      const { home, caPath, ports } = installation;
      mkdirSync(`${home}/.pulp`, { recursive: true });
      writeFileSync(
        `${home}/.pulp/admin.conf`,
        `[server]\nhost: localhost\nport: ${ports[way]}\nca_path: ${caPath}\n`,
      );
      const run = (...args: readonly string[]): Promise<Ran> =>
        portcullisAdmin(args, { home, input: password });
      const login = await run('-u', 'admin', 'login');
      assert.deepEqual([login.code, login.err], [0, '']);
      const list = await run('auth', 'user', 'list');
      assert.deepEqual([list.code, list.err], [0, '']);
      assert.match(list.out, /^admin .+ super-users +enabled$/m);
      const file = `${home}/.pulp/user-cert.pem`;
      const session = readFileSync(file);
      assert.equal((await run('logout')).out, 'Session certificate successfully removed.\n');
      writeFileSync(file, session);
      await refusedEverywhere({
        ...unreachable,
        ...{ host: 'localhost', port: ports[way], caPath, sessionFile: file },
      });
    });
  }

  it('portcullis-admin refuses a wrong password, directly and through nginx', async () => {
    const { ports, caPath } = installation;
    for (const port of [ports.direct, ports.nginx]) {
      const settings = { ...unreachable, host: 'localhost', port, caPath };
      const wrong = ['-u', 'admin', '-p', 'wrong', 'auth', 'user', 'list'];
      const { code, err } = await runCommand(wrong, settings);
      assert.equal(code, 77, err);
      assert.match(err, /^Invalid Username or Password\n/);
    }
  });

  /** Calls until both workers have refused, at once. */
  async function refusedEverywhere(settings: AdminSettings): Promise<void> {
    const begin = installation.server.log().length;
    const refusers = (): number =>
      new Set(
        installation.server
          .log()
          .slice(begin)
          .filter(({ status }) => status === 401)
          .map(({ worker }) => worker),
      ).size;
    const list = () => runCommand(['auth', 'user', 'list'], settings);
    await until(
      'both workers have refused',
      async () => {
        for (const { code, err } of await Promise.all([list(), list(), list(), list()])) {
          assert.equal(code, 77, err);
          assert.match(err, /^Session Expired\n/);
        }
        return refusers() === 2;
      },
      30_000,
    );
  }
});
