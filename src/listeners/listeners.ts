/** The listeners of a pool as running servers, with the limits they hold to. */

import type { RequestListener } from 'node:http';
import type { ListenOptions, Server } from 'node:net';
import { describeServerError, isUploadChunk } from '../api-error.ts';
import type {
  Configuration,
  HandOff,
  HttpListener,
  PoolConfiguration,
  SocketAccess,
  UwsgiListener,
} from '../config/configuration.ts';
import { tlsSocketMode } from '../config/tls-socket-mode.ts';
import { messageOf } from '../errors.ts';
import { createPeerMatcher } from '../front/address.ts';
import type { EvidenceReader } from '../front/evidence.ts';
import { createHttpReader } from '../front/http-front.ts';
import { createTlsReader } from '../front/tls-front.ts';
import { createUwsgiReader } from '../front/uwsgi-front.ts';
import { describeAddress, type ListenAddress } from '../listen-address.ts';
import type { Logger } from '../log.ts';
import { allowLocalPeers, allowPeersIn } from '../uwsgi/peers.ts';
import type { DescribeError } from '../uwsgi/refusal.ts';
import { createUwsgiServer } from '../uwsgi/server.ts';
import { resolveOwner } from '../workers/host/accounts.ts';
import { resolveIdentity } from '../workers/host/privileges.ts';
import type { InheritedSocket } from '../workers/messages.ts';
import { backlog } from '../workers/sockets/kernel-socket.ts';
import { listenFailure } from '../workers/sockets/listen-failure.ts';
import { listenOn } from '../workers/sockets/listen-on.ts';
import { createHttpServer, createTlsServer, type HttpServerOptions } from './http-server.ts';
import type { RequestWatch, WatchedListener } from './request-watch.ts';
import { acceptWaiting } from './waiting-connections.ts';

/** One of the listeners, not yet listening. */
export interface Listener {
  /** @throws PortcullisError LISTEN_FAILED */
  listen(): Promise<void>;
  /** As the operator would write it, with the real port. */
  readonly address: string;
  /** Connections that are open now. */
  readonly connections: number;
  /** Takes the connections that wait and no new ones, and lets running requests end within `limits.drainSeconds`. */
  close(): Promise<void>;
}

/** Makes the request listener for a front. */
export type Serve = (readEvidence: EvidenceReader, handOff: HandOff) => WatchedListener;

export interface ListenersParts {
  readonly configuration: Pick<Configuration, 'limits' | 'process'>;
  readonly pool: Pick<PoolConfiguration, 'listen' | 'roles'>;
  readonly log: Logger;
  readonly watch: RequestWatch;
  /** What a parent has bound; a listener that is not among them binds its own socket. */
  readonly sockets: readonly InheritedSocket[];
}

/** @throws PortcullisError FILE_UNREADABLE when the TLS certificate or key cannot be used */
export function createListeners(parts: ListenersParts, serve: Serve): readonly Listener[] {
  const { uwsgi, http, tls } = parts.pool.listen;
  const { watch } = parts;
  const options = httpOptions(parts);
  const listeners: Listener[] = [];
  if (uwsgi !== undefined) {
    const listener = serve(createUwsgiReader(uwsgi.trustRemoteUser), uwsgi.handOff);
    const server = createUwsgi(uwsgi, parts, watch.watch(listener));
    listeners.push(asListener('uwsgi', uwsgi, server, parts));
  }
  if (http !== undefined) {
    const server = createHttpServer(options, watch.watch(serveHttp(http, serve)));
    listeners.push(asListener('http', http, server, parts));
  }
  if (tls !== undefined) {
    const listener = watch.watch(serve(createTlsReader(), 'stream'));
    const access = { mode: tlsSocketMode, owner: undefined, group: undefined };
    const server = createTlsServer(tls, options, listener);
    listeners.push(asListener('tls', { ...tls, ...access }, server, parts));
  }
  return listeners;
}

interface ListeningServer {
  listen(options: ListenOptions & { readonly fd?: number }): Promise<void>;
  address(): ReturnType<Server['address']>;
  readonly connections: number;
  readonly accepted: number;
  close(): Promise<void>;
}

function asListener(
  name: string,
  settings: SocketAccess & { readonly address: ListenAddress },
  server: ListeningServer,
  parts: ListenersParts,
): Listener {
  const inherited = parts.sockets.find(({ listener }) => listener === name);
  const address = inherited?.address ?? settings.address;
  const listen: ListeningServer['listen'] = (options) => server.listen(options);
  return {
    listen: async () => {
      if (inherited !== undefined) return listenOnInherited(listen, inherited);
      const { user, group, directoryMode } = parts.configuration.process;
      const identity = resolveIdentity(user, group);
      const owner = resolveOwner(settings.owner, settings.group, identity);
      const directory = {
        mode: directoryMode,
        owner: resolveOwner(undefined, undefined, identity),
      };
      await listenOn(listen, address, settings.mode, owner, directory);
    },
    get address() {
      return describeAddress(address, server.address());
    },
    get connections() {
      return server.connections;
    },
    close: async () => {
      await acceptWaiting(() => server.accepted);
      await server.close();
    },
  };
}

/** The backlog is given again: listen(2) sets it anew, for all who share the socket. */
async function listenOnInherited(
  listen: ListeningServer['listen'],
  { descriptor, address }: InheritedSocket,
): Promise<void> {
  try {
    await listen({ fd: descriptor, backlog });
  } catch (error) {
    throw listenFailure(address, error);
  }
}

/** A hand-off to who is no front would be a path of ours in place of the content (T38). */
function serveHttp(http: HttpListener, serve: Serve): WatchedListener {
  const isFront = createPeerMatcher(http.trustedPeers);
  const readEvidence = createHttpReader(http);
  const serveFront = serve(readEvidence, http.handOff);
  const serveOther = serve(readEvidence, 'stream');
  return (request, response, running) => {
    const listener = isFront(request.socket.remoteAddress) ? serveFront : serveOther;
    return listener(request, response, running);
  };
}

function createUwsgi(
  uwsgi: UwsgiListener,
  parts: ListenersParts,
  listener: RequestListener,
): ListeningServer {
  const { configuration, log } = parts;
  const { allowedPeers } = uwsgi;
  return createUwsgiServer(
    {
      limits: configuration.limits,
      allowPeer: allowedPeers.length === 0 ? allowLocalPeers : allowPeersIn(allowedPeers),
      describeError: describeErrors(parts),
      isBodyStreamed: streamedBodies(parts),
      onRefused: (refused) => log.warn('A uwsgi connection was refused', { ...refused }),
      onError: (error) => log.error('A uwsgi connection failed', { error: messageOf(error) }),
    },
    listener,
  );
}

function httpOptions(parts: ListenersParts): HttpServerOptions {
  const { configuration, log } = parts;
  return {
    describeError: describeErrors(parts),
    isBodyStreamed: streamedBodies(parts),
    limits: configuration.limits,
    onRefused: (detail, peer) => log.warn('An HTTP connection was refused', { detail, peer }),
  };
}

/** A request that cannot be read may have been one of the API, where that is served. */
function describeErrors({ pool }: ListenersParts): DescribeError {
  const isApi = pool.roles.includes('api');
  return (error, request) => describeServerError(error, request, isApi);
}

/** Uploads are counted by the API, where that is served. */
function streamedBodies({ pool }: ListenersParts): HttpServerOptions['isBodyStreamed'] {
  return pool.roles.includes('api') ? isUploadChunk : undefined;
}
