/** The real API for one test: over TLS without a front, and behind a real nginx. */

import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { AdminSettings } from '../../src/admin/settings/settings.ts';
import { createApi } from '../../src/api/api.ts';
import type { ApiParts } from '../../src/api/parts.ts';
import { createTlsReader } from '../../src/front/tls-front.ts';
import { createUwsgiReader } from '../../src/front/uwsgi-front.ts';
import { Distributions } from '../../src/repositories/distributions.ts';
import { createUwsgiServer } from '../../src/uwsgi/server.ts';
import { publishedPlaces } from '../../src/work/published-places.ts';
import { testPolicies } from '../api/policy-fixture.ts';
import { type RunningApi, runApi } from '../api/running-api.ts';
import { sqliteHost } from '../stores/sqlite/host.ts';
import { startNginx } from '../support/nginx.ts';
import { createPki, type Pki } from '../support/pki.ts';
import { freePort } from '../support/processes.ts';
import { unreachable } from './settings.ts';

export interface RealApi extends AsyncDisposable {
  readonly api: RunningApi;
  readonly settings: AdminSettings;
  /** Goes with it. */
  readonly pki: Pki;
}

export type Way = 'directly' | 'through nginx';

export async function startRealApi(way: Way): Promise<RealApi> {
  await using stack = new AsyncDisposableStack();
  const pki = stack.use(createPki());
  const host = stack.use(await sqliteHost());
  const api = stack.use(await runApi(host.settings()));
  const ca = await pki.authority({ subject: '/CN=server CA' });
  const { certificatePath, keyPath, certificate: cert, key } = await pki.server(ca);
  const port =
    way === 'directly'
      ? await listenDirectly(api, { cert, key }, stack)
      : await listenBehindNginx(api, pki, { certificatePath, keyPath }, stack);
  const owned = stack.move();
  return {
    api,
    pki,
    settings: {
      ...unreachable,
      host: 'localhost',
      port,
      caPath: ca.certificatePath,
      sessionFile: pki.file('user-cert.pem'),
      uploadDirectory: pki.file('uploads'),
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Says who may read what repositories publish, as the real one does. */
function withPublished(parts: ApiParts): ApiParts {
  const { store, now } = parts;
  const published = publishedPlaces(new Distributions(store, now));
  return { ...parts, policies: testPolicies(store, now, published) };
}

async function listenDirectly(
  { parts }: RunningApi,
  identity: { readonly cert: string; readonly key: string },
  stack: AsyncDisposableStack,
): Promise<number> {
  const listener = createApi({ ...withPublished(parts), readEvidence: createTlsReader() });
  const tls = { ...identity, requestCert: true, rejectUnauthorized: false };
  const server: Server = createServer(tls, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stack.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** With the block that was published for Pulp on nginx: `$remote_user` is a name that nobody verified. */
async function listenBehindNginx(
  { parts }: RunningApi,
  pki: Pki,
  files: { readonly certificatePath: string; readonly keyPath: string },
  stack: AsyncDisposableStack,
): Promise<number> {
  const server = createUwsgiServer(
    {},
    createApi({ ...withPublished(parts), readEvidence: createUwsgiReader(false) }),
  );
  await server.listen({ path: pki.file('api.sock') });
  stack.defer(() => server.close());
  const port = await freePort();
  stack.use(
    await startNginx(`
      server {
        listen 127.0.0.1:${port} ssl;
        ssl_certificate ${files.certificatePath};
        ssl_certificate_key ${files.keyPath};
        ssl_verify_client optional_no_ca;
        location /pulp/api/ {
          rewrite /pulp/api/(.*) /$1 break;
          include /etc/nginx/uwsgi_params;
          uwsgi_pass unix:${pki.file('api.sock')};
          uwsgi_param REMOTE_USER $remote_user if_not_empty;
          uwsgi_param HTTP_AUTHORIZATION $http_authorization;
          uwsgi_param SSL_CLIENT_CERT $ssl_client_raw_cert if_not_empty;
        }
      }`),
  );
  return port;
}
