/** One of several hosts over one store: an instance in a directory of its own, and calls of it. */

import { writeFileSync } from 'node:fs';
import { administrator, controlPlaneDirectory } from '../support/administered.ts';
import { basic, writeTree } from '../support/application.ts';
import { getVariables, type RawAnswer, uwsgiRequest } from '../support/uwsgi-client.ts';
import { type Instance, startInstance } from './pool.ts';
import { withTaskKinds } from './task-kinds.ts';

export interface SessionCa {
  readonly certificate: string;
  readonly key: string;
}

export interface Host extends AsyncDisposable {
  readonly instance: Instance;
  /** A call of the API, by the administrator unless `by` says otherwise. */
  call(method: string, target: string, options?: CallOptions): Promise<RawAnswer>;
  /** The status of the file that a user of the store may read. */
  read(login: string, password: string): Promise<number>;
}

interface CallOptions {
  readonly body?: object;
  readonly by?: Credentials;
}

export type Credentials =
  | { readonly login: string; readonly password: string }
  | { readonly certificate: string };

/** Those who may read the file. */
export const readers: readonly string[] = ['ann', 'bob', 'cleo'];

/** @param url of the store; the administrator is in it */
export async function startHost(url: string, { certificate, key }: SessionCa): Promise<Host> {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(controlPlaneDirectory());
  const { api } = directory.settings;
  writeFileSync(api.sessionCertificate, certificate);
  writeFileSync(api.sessionKey, key, { mode: 0o600 });
  writeTree(directory.file('root'), { 'file.txt': 'content' });
  const socket = directory.file('uwsgi.sock');
  const instance = stack.use(
    startInstance(
      directory,
      {
        workers: 1,
        roles: ['content', 'api'],
        listen: { uwsgi: { address: `unix:${socket}` } },
        pools: { tasks: { workers: 1, roles: ['tasks'] } },
        store: { mongodbUrl: url },
        api,
        distributions: [
          {
            relativeUrl: 'd',
            root: directory.file('root'),
            access: { password: { users: readers } },
          },
        ],
      },
      { spawn: { env: { ...process.env, NODE_OPTIONS: withTaskKinds } } },
    ),
  );
  await instance.whole(2);
  const owned = stack.move();
  return {
    instance,
    call: (method, target, options) => call(socket, method, target, options),
    read: async (login, password) => {
      const more = [...https, ['HTTP_AUTHORIZATION', basic(login, password)]] as const;
      const file = '/pulp/repos/d/file.txt';
      return (await uwsgiRequest({ path: socket }, getVariables(file, more))).status;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Passwords are taken over TLS alone. */
const https = [
  ['HTTPS', 'on'],
  ['REQUEST_SCHEME', 'https'],
] as const;

function call(
  path: string,
  method: string,
  target: string,
  { body, by = administrator }: CallOptions = {},
): Promise<RawAnswer> {
  const text = body === undefined ? '' : JSON.stringify(body);
  const variables = getVariables(`/pulp/api${target}`, [
    ...https,
    ['REQUEST_METHOD', method],
    ['CONTENT_LENGTH', text === '' ? '' : String(Buffer.byteLength(text))],
    'certificate' in by
      ? ['SSL_CLIENT_CERT', by.certificate]
      : ['HTTP_AUTHORIZATION', basic(by.login, by.password)],
  ]);
  return uwsgiRequest({ path }, variables, { body: text });
}
