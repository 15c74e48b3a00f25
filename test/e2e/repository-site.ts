/**
 * A whole installation with repositories: nginx, two content workers, an API worker, a task worker, and an
 * administrator who is logged in.
 */

import { existsSync } from 'node:fs';
import {
  administer,
  administrator,
  configurationIn,
  controlPlaneDirectory,
} from '../support/administered.ts';
import { type ApiCaller, logIn } from '../support/api-caller.ts';
import { type Nginx, startNginx } from '../support/nginx.ts';
import { type Credential, createPki, type Pki } from '../support/pki.ts';
import { freePort } from '../support/processes.ts';
import { renderNginx } from './fronts.ts';
import { type Instance, startInstance } from './pool.ts';

export interface RepositorySite extends AsyncDisposable {
  readonly pki: Pki;
  readonly port: number;
  /** As `https://localhost:8443`. */
  readonly url: string;
  /** The path of the CA that signed the certificate of nginx. */
  readonly serverCa: string;
  /** Signs entitlements: the `auth_ca` of the repositories. */
  readonly clientCa: Credential;
  /** Of a CA that nobody asked for. */
  readonly stranger: Credential;
  /** Where the bytes lie. */
  readonly storage: string;
  readonly instance: Instance;
  readonly nginx: Nginx;
  /** The administrator. */
  readonly api: ApiCaller;
  /** A path in a directory that goes with the site. */
  file(name: string): string;
}

interface SiteOptions {
  /** Further settings, by groups; those of `storage` beside its directory. */
  readonly settings?: { readonly repositories?: object; readonly storage?: object };
}

const contentWorkers = 2;
/** Four workers start at once, while other tests run: in milliseconds. */
const startMsMax = 240_000;

export async function startRepositorySite({
  settings = {},
}: SiteOptions = {}): Promise<RepositorySite> {
  await using stack = new AsyncDisposableStack();
  const pki = stack.use(createPki());
  const directory = stack.use(controlPlaneDirectory());
  // Its key and its store are for nobody else: nginx, which runs as root here, reads the storage alone.
  const storage = directory.file('storage');
  const serverCa = await pki.authority({ subject: '/CN=Server CA' });
  const clientCa = await pki.authority({ subject: '/CN=Client CA' });
  const otherCa = await pki.authority({ subject: '/CN=Other CA' });
  const port = await freePort();
  const configuration = {
    ...directory.settings,
    api: { ...directory.settings.api, frontAuthority: serverCa.certificatePath },
    storage: { directory: storage, ...settings.storage },
    ...pools(directory.file),
    content: { origin: `https://localhost:${port}` },
    nginx: await nginxSettings(pki, serverCa, port),
    repositories: { ...settings.repositories },
  };
  await administer(await configurationIn(directory, configuration));
  const instance = stack.use(startInstance(directory, configuration));
  await instance.whole(contentWorkers + 2, startMsMax);
  const nginx = stack.use(await startNginx(await renderNginx(instance)));
  const server = { port, serverCa: serverCa.certificatePath };
  const api = stack.use(await logIn(administrator, server));
  const stranger = await pki.client(otherCa, { subject: '/CN=web-01' });
  const owned = stack.move();
  return {
    ...{ pki, port, clientCa, stranger, storage, instance, nginx, api },
    ...{ url: `https://localhost:${port}`, serverCa: serverCa.certificatePath },
    file: directory.file,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** One for each role: what one of them may not do, it cannot do for another. */
function pools(file: (name: string) => string): object {
  const socket = (name: string) => ({ address: `unix:${file(`${name}.sock`)}` });
  return {
    workers: contentWorkers,
    roles: ['content'],
    listen: { uwsgi: { ...socket('content'), handOff: 'x-accel-redirect' } },
    pools: {
      api: { workers: 1, roles: ['api'], listen: { uwsgi: socket('api') } },
      tasks: { workers: 1, roles: ['tasks'] },
    },
  };
}

async function nginxSettings(pki: Pki, serverCa: Credential, port: number): Promise<object> {
  const { certificatePath: certificate, keyPath: key } = await pki.server(serverCa);
  const listen = [`127.0.0.1:${port}`];
  return { listen, certificate, key, refusalLog: pki.file('refusals.log') };
}

/** Makes a unit of bytes, as `pulp-admin rpm repo uploads rpm` does, and waits for it. */
export async function uploadUnit(
  { api }: Pick<RepositorySite, 'api'>,
  repository: string,
  type: string,
  bytes: Uint8Array,
  unitKey: object = {},
): Promise<void> {
  const { upload_id: upload } = await api.ok('POST', '/v2/content/uploads/', {});
  await api.ok('PUT', `/v2/content/uploads/${upload}/0/`, bytes);
  await api.done('POST', `/v2/repositories/${repository}/actions/import_upload/`, {
    ...{ upload_id: upload, unit_type_id: type, unit_key: unitKey, unit_metadata: {} },
    override_config: null,
  });
  await api.ok('DELETE', `/v2/content/uploads/${upload}/`);
}

/** A distributor of a repository. */
export interface Place {
  readonly repository: string;
  readonly distributor: string;
}

/** Publishes, and waits until that is done: not for what was left out because nothing changed. */
export async function publish(
  { api }: Pick<RepositorySite, 'api'>,
  { repository, distributor }: Place,
): Promise<void> {
  const path = `/v2/repositories/${repository}/actions/publish/`;
  const [task] = await api.done('POST', path, { id: distributor, override_config: {} });
  if (task?.result?.result !== 'success') throw new Error(JSON.stringify(task));
}

/** All that could say why a request was not answered as it should be. */
export function troubles({ instance, nginx }: RepositorySite): string {
  const lines = instance.log().filter(({ level }) => level === 'error' || level === 'warn');
  const text = lines.map((line) => JSON.stringify(line)).join('\n');
  return `${text}\n${existsSync(nginx.directory) ? nginx.errorLog() : ''}`;
}
