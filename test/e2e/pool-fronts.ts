/** A pool of workers behind real nginx, each with the configuration that `nginx-config` writes. */

import { writeFileSync } from 'node:fs';
import { type Nginx, startNginx } from '../support/nginx.ts';
import type { Credential } from '../support/pki.ts';
import { freePort } from '../support/processes.ts';
import type { TemporaryDirectory } from '../support/temporary.ts';
import { renderNginx } from './fronts.ts';
import { type Instance, startInstance } from './pool.ts';

export type Protocol = 'uwsgi' | 'http';

/** What of a listener differs from test to test. */
export interface ListenerOptions {
  readonly sockets: 'shared' | 'worker';
  readonly handOff: 'x-accel-redirect' | 'stream';
}

export interface FrontedOptions {
  readonly workers: number;
  /** One or both. */
  readonly listeners: Readonly<Partial<Record<Protocol, ListenerOptions>>>;
  readonly server: Credential;
  readonly distributions: readonly object[];
  /** More of the configuration. */
  readonly settings?: object;
}

export interface FrontedPool extends AsyncDisposable {
  readonly instance: Instance;
  readonly fronts: readonly PoolFront[];
}

export interface PoolFront extends AsyncDisposable {
  readonly protocol: Protocol;
  /** As `https://localhost:8443`. */
  readonly url: string;
  readonly nginx: Nginx;
}

const protocols = ['uwsgi', 'http'] as const;

/** One pool, and an nginx before each of its listeners. */
export async function startFrontedPool(
  directory: TemporaryDirectory,
  options: FrontedOptions,
): Promise<FrontedPool> {
  await using stack = new AsyncDisposableStack();
  const { workers, distributions, settings, listeners } = options;
  const listen = Object.assign(
    {},
    ...protocols.map((protocol) => listenOf(directory, protocol, options)),
  );
  const configuration = { workers, distributions, listen, ...settings };
  const instance = stack.use(startInstance(directory, configuration));
  await instance.whole(workers);
  const fronts: PoolFront[] = [];
  for (const protocol of protocols) {
    if (listeners[protocol] === undefined) continue;
    fronts.push(stack.use(await startFront(directory, protocol, options)));
  }
  const owned = stack.move();
  return { instance, fronts, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

const trust = {
  trustedPeers: ['unix'],
  headers: { clientCertificate: 'X-SSL-Client-Cert', clientAddress: 'X-Real-IP' },
};

function listenOf(
  directory: TemporaryDirectory,
  protocol: Protocol,
  { listeners }: FrontedOptions,
): object {
  const listener = listeners[protocol];
  if (listener === undefined) return {};
  const address = `unix:${directory.file(`${protocol}.sock`)}`;
  return { [protocol]: { address, ...listener, ...(protocol === 'http' && trust) } };
}

/** nginx-config writes of one listener, so each nginx has a configuration with that one alone. */
async function startFront(
  directory: TemporaryDirectory,
  protocol: Protocol,
  options: FrontedOptions,
): Promise<PoolFront> {
  const { workers, server, distributions } = options;
  const port = await freePort();
  const file = directory.file(`front-${protocol}.yaml`);
  const nginxSettings = {
    listen: [`127.0.0.1:${port}`],
    certificate: server.certificatePath,
    key: server.keyPath,
    refusalLog: directory.file(`refusals-${protocol}.log`),
  };
  const listen = listenOf(directory, protocol, options);
  writeFileSync(file, JSON.stringify({ workers, distributions, listen, nginx: nginxSettings }));
  const nginx = await startNginx(await renderNginx({ file }));
  return {
    ...{ protocol, nginx },
    url: `https://localhost:${port}`,
    [Symbol.asyncDispose]: () => nginx[Symbol.asyncDispose](),
  };
}

/** What nginx had to say that is worth reading, the newest last. */
export function complaints({ nginx }: PoolFront): string {
  const lines = nginx.errorLog().split('\n');
  return lines
    .filter((line) => /\[(?:error|crit|alert|emerg|warn)\]/.test(line))
    .slice(-5)
    .join('\n');
}
