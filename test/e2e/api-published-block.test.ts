import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ask as askNginx } from '../front/nginx-fixture.ts';
import {
  administer,
  asAdministrator,
  configurationIn,
  controlPlaneDirectory,
} from '../support/administered.ts';
import { basic, writeTree } from '../support/application.ts';
import { needs } from '../support/needs.ts';
import { startNginx } from '../support/nginx.ts';
import { createPki } from '../support/pki.ts';
import { freePort, until } from '../support/processes.ts';
import { getVariables, uwsgiRequest } from '../support/uwsgi-client.ts';
import { startInstance } from './pool.ts';

interface Installation extends AsyncDisposable {
  readonly port: number;
  /** The socket of each worker. */
  readonly sockets: readonly string[];
}

/** The block that was published for Pulp on nginx, in front of two workers by turns. */
async function install(): Promise<Installation> {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(controlPlaneDirectory());
  const pki = stack.use(createPki());
  const { certificatePath, keyPath } = await pki.server(await pki.authority());
  const root = directory.file('root');
  writeTree(root, { 'file.txt': 'content' });
  const configuration = {
    ...directory.settings,
    workers: 2,
    roles: ['content', 'api'],
    listen: {
      uwsgi: { address: `unix:${directory.file('p.sock')}`, sockets: 'worker' },
    },
    distributions: [{ relativeUrl: 'd', root, access: { session: { roles: ['super-users'] } } }],
  };
  await administer(await configurationIn(directory, configuration));
  const instance = stack.use(startInstance(directory, configuration));
  await instance.whole(2);
  const sockets = [directory.file('p-1.sock'), directory.file('p-2.sock')];
  const port = await freePort();
  stack.use(
    await startNginx(`
  upstream pulp { ${sockets.map((socket) => `server unix:${socket};`).join(' ')} }
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${certificatePath};
    ssl_certificate_key ${keyPath};
    ssl_verify_client optional_no_ca;
    location /pulp/api/ {
      rewrite /pulp/api/(.*) /$1 break;
      include /etc/nginx/uwsgi_params;
      uwsgi_pass pulp;
      uwsgi_param REMOTE_USER $remote_user if_not_empty;
      uwsgi_param HTTP_AUTHORIZATION $http_authorization;
      uwsgi_param SSL_CLIENT_CERT $ssl_client_raw_cert if_not_empty;
    }
    location / {
      include /etc/nginx/uwsgi_params;
      uwsgi_pass pulp;
      uwsgi_param SSL_CLIENT_CERT $ssl_client_raw_cert if_not_empty;
    }
  }`),
  );
  const owned = stack.move();
  return { port, sockets, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

interface Session {
  readonly certificate: string;
  readonly key: string;
}

const users = '/pulp/api/v2/users/';
const file = '/pulp/repos/d/file.txt';

describe('the block published for Pulp on nginx, before the API', {
  skip: needs('nginx', 'openssl'),
}, () => {
  let installation: Installation;
  before(async () => {
    installation = await install();
  });
  after(() => installation?.[Symbol.asyncDispose]());

  const call = (
    method: string,
    path: string,
    by: { readonly authorization?: string; readonly client?: Session } = {},
  ) =>
    askNginx(installation.port, {
      ...{ method, path, ...(by.client && { client: by.client }) },
      headers: [
        'Content-Length: 0',
        ...(by.authorization === undefined ? [] : [`Authorization: ${by.authorization}`]),
      ],
    });

  const login = async (): Promise<Session> => {
    const path = '/pulp/api/v2/actions/login/';
    const { status, body } = await call('POST', path, { authorization: asAdministrator });
    assert.equal(status, 200);
    return JSON.parse(body);
  };

  /** What each worker answers to the certificate, asked past nginx. */
  const answersOf = async ({ certificate }: Session, target: string): Promise<readonly number[]> =>
    Promise.all(
      installation.sockets.map(async (path) => {
        const more = [
          ['SSL_CLIENT_CERT', certificate],
          ['HTTPS', 'on'],
        ] as const;
        return (await uwsgiRequest({ path }, getVariables(target, more))).status;
      }),
    );

  it('T06 the block published for Pulp on nginx: a wrong password is refused although REMOTE_USER arrives as admin', async () => {
    for (const password of ['wrong', '']) {
      const { status, body } = await call('GET', users, {
        authorization: basic('admin', password),
      });
      assert.equal(status, 401);
      assert.equal(JSON.parse(body).error.code, 'PLP0030');
    }
    assert.equal((await call('GET', users, { authorization: asAdministrator })).status, 200);
  });

  it('T54 the block published for Pulp on nginx: a certificate calls alone, and after logout no worker takes it', async () => {
    const session = await login();
    for (let calls = 0; calls < 4; calls += 1) {
      assert.equal((await call('GET', users, { client: session })).status, 200);
      assert.equal((await call('GET', file, { client: session })).body, 'content');
    }
    assert.deepEqual(await answersOf(session, users), [200, 200]);
    const logout = await call('POST', '/pulp/api/v2/actions/logout/', { client: session });
    assert.equal(logout.status, 200);
    assert.deepEqual(await answersOf(session, users), [401, 401]);
    // The bound of this one is held by the tests of the rules.
    await until('no worker gives content to it', async () =>
      (await answersOf(session, file)).every((status) => status === 403),
    );
    assert.equal((await call('GET', users, { client: session })).status, 401);
  });

  it('the block published for Pulp on nginx: a certificate of another CA is nobody', async () => {
    using pki = createPki();
    const stranger = await pki.client(await pki.authority({ subject: '/CN=other' }));
    const { status, body } = await call('GET', users, { client: stranger });
    assert.equal(status, 401);
    assert.equal(JSON.parse(body).error.code, 'PLP0027');
    assert.equal((await call('GET', '/pulp/api/v2/status/', { client: stranger })).status, 200);
  });
});
