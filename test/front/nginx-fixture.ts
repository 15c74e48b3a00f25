/** Portcullis's configuration of nginx in front of a listener that says what reached it. */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import path from 'node:path';
import { connect, type SecureVersion } from 'node:tls';
import type { Configuration } from '../../src/config/configuration.ts';
import { renderNginxConfig } from '../../src/front/nginx-config.ts';
import { uwsgiOf } from '../../src/uwsgi/request.ts';
import { createUwsgiServer } from '../../src/uwsgi/server.ts';
import { load } from '../config/support.ts';
import { type Nginx, startNginx } from '../support/nginx.ts';
import { type Credential, createPki, type Pki } from '../support/pki.ts';
import { freePort } from '../support/processes.ts';
import { temporaryDirectory } from '../support/temporary.ts';

export interface Front extends AsyncDisposable {
  readonly port: number;
  readonly pki: Pki;
  readonly authority: Credential;
  readonly nginx: Nginx;
  readonly configuration: Configuration;
  readonly refusalLog: string;
  /** What reached the listener, the newest last. */
  readonly reached: readonly Reached[];
}

export interface Reached {
  /** The name of the socket, as `content.sock`. */
  readonly socket: string;
  readonly url: string | undefined;
  readonly header: (name: string) => string | undefined;
  readonly parameter: (name: string) => string | undefined;
}

export interface FrontOptions {
  readonly protocol: 'uwsgi' | 'http';
  /** Lines of YAML besides `listen` and `nginx`. */
  readonly settings?: string;
  readonly headers?: string;
  /** The workers that there are, each with a socket of its own; those that are `down` do not listen. */
  readonly workers?: { readonly count: number; readonly down: readonly number[] };
  /** A pool with the role api besides, at `api.sock`. */
  readonly api?: { readonly protocol: 'uwsgi' | 'http' };
  /** Answers instead of an empty 200. */
  readonly respond?: (request: IncomingMessage, response: ServerResponse) => void;
  /** More of the http block, as another server. */
  readonly http?: (front: { readonly server: Credential; readonly port: number }) => string;
}

/** Starts a real listener and a real nginx with the rendered configuration. */
export async function startFront(options: FrontOptions): Promise<Front> {
  const pki = createPki();
  const authority = await pki.authority({ subject: '/CN=front' });
  const server = await pki.server(authority);
  const directory = temporaryDirectory();
  const port = await freePort();
  const loaded = await load(`
workers: ${options.workers?.count ?? 'auto'}
listen:
  ${options.protocol}:
    address: unix:${directory.file('content.sock')}
    handOff: x-accel-redirect
    sockets: ${options.workers === undefined ? 'shared' : 'worker'}
    ${options.headers ?? ''}
nginx:
  serverName: localhost
  listen: ['127.0.0.1:${port}']
  certificate: ${server.certificatePath}
  key: ${server.keyPath}
  refusalLog: ${directory.file('refusals.log')}
${options.api === undefined ? '' : `pools: { api: { roles: [api], listen: { ${options.api.protocol}: { address: 'unix:${directory.file('api.sock')}' } } } }`}
${options.settings ?? ''}`);
  if (!('configuration' in loaded)) throw new Error(JSON.stringify(loaded.problems));
  const reached: Reached[] = [];
  await using stack = new AsyncDisposableStack();
  for (const name of socketNames(options)) {
    stack.use(await startBackend(options, directory.file(name), reached));
  }
  if (options.api !== undefined) {
    const { protocol } = options.api;
    stack.use(await startBackend({ ...options, protocol }, directory.file('api.sock'), reached));
  }
  const more = options.http?.({ server, port }) ?? '';
  const nginx = await startNginx(renderNginxConfig(loaded.configuration) + more);
  const backends = stack.move();
  return {
    port,
    pki,
    authority,
    nginx,
    configuration: loaded.configuration,
    refusalLog: directory.file('refusals.log'),
    reached,
    [Symbol.asyncDispose]: async () => {
      await nginx[Symbol.asyncDispose]();
      await backends[Symbol.asyncDispose]();
      pki[Symbol.dispose]();
      directory[Symbol.dispose]();
    },
  };
}

function socketNames({ workers }: FrontOptions): readonly string[] {
  if (workers === undefined) return ['content.sock'];
  const slots = Array.from({ length: workers.count }, (_, index) => index + 1);
  return slots.filter((slot) => !workers.down.includes(slot)).map((slot) => `content-${slot}.sock`);
}

async function startBackend(
  options: FrontOptions,
  socket: string,
  reached: Reached[],
): Promise<AsyncDisposable> {
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    const variables = uwsgiOf(request);
    reached.push({
      socket: path.basename(socket),
      url: request.url,
      header: (name) => request.headers[name.toLowerCase()]?.toString(),
      parameter: (name) => variables?.get(name),
    });
    if (options.respond !== undefined) options.respond(request, response);
    else response.end();
  };
  if (options.protocol === 'uwsgi') {
    const server = createUwsgiServer({}, listener);
    await server.listen({ path: socket });
    return server;
  }
  const server = createServer({ maxHeaderSize: 262_144 }, listener);
  server.listen(socket);
  await once(server, 'listening');
  return server;
}

export interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
  /** The name in the TLS handshake; empty for none. */
  readonly serverName?: string;
  readonly client?: Pick<Credential, 'certificate' | 'key'>;
  readonly headers?: readonly string[];
  /** With its Content-Length. */
  readonly body?: string;
  readonly session?: Buffer;
  readonly maxVersion?: SecureVersion;
  /** The address that the client has; 127.0.0.1 unless given. */
  readonly localAddress?: string;
}

export interface Answered {
  readonly status: number;
  readonly headers: string;
  readonly body: string;
  readonly isSessionReused: boolean;
  readonly session: Buffer | undefined;
}

/** One request on a TLS connection of its own, written byte by byte as it is told. */
export async function ask(port: number, asked: Asked = {}): Promise<Answered> {
  const socket = connect({
    port,
    host: '127.0.0.1',
    servername: asked.serverName ?? 'localhost',
    rejectUnauthorized: false,
    ...(asked.client && { cert: asked.client.certificate, key: asked.client.key }),
    ...(asked.session && { session: asked.session }),
    ...(asked.maxVersion && { maxVersion: asked.maxVersion }),
    ...(asked.localAddress && { localAddress: asked.localAddress }),
  });
  let session: Buffer | undefined;
  socket.on('session', (given) => {
    session = given;
  });
  await once(socket, 'secureConnect');
  const isSessionReused = socket.isSessionReused();
  const lines = [
    `${asked.method ?? 'GET'} ${asked.path ?? '/'} HTTP/1.1`,
    `Host: ${asked.host ?? 'localhost'}`,
    'Connection: close',
    ...(asked.headers ?? []),
    ...(asked.body === undefined ? [] : [`Content-Length: ${asked.body.length}`]),
  ];
  socket.write(Buffer.from(`${lines.join('\r\n')}\r\n\r\n${asked.body ?? ''}`, 'latin1'));
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  return {
    status: Number(text.split(' ', 2)[1]),
    headers: text.slice(0, end),
    body: text.slice(end + 4),
    isSessionReused,
    session,
  };
}
