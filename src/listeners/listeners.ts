/** The listeners of the configuration as running servers, with the limits they hold to. */

import type { RequestListener } from 'node:http';
import type { Server } from 'node:net';
import type {
  Configuration,
  HandOff,
  HttpListener,
  UwsgiListener,
} from '../config/configuration.ts';
import { messageOf } from '../errors.ts';
import { createPeerMatcher } from '../front/address.ts';
import type { EvidenceReader } from '../front/evidence.ts';
import { createHttpReader } from '../front/http-front.ts';
import { createTlsReader } from '../front/tls-front.ts';
import { createUwsgiReader } from '../front/uwsgi-front.ts';
import { describeAddress, type ListenAddress } from '../listen-address.ts';
import type { Logger } from '../log.ts';
import { allowLocalPeers, allowPeersIn } from '../uwsgi/peers.ts';
import { createUwsgiServer } from '../uwsgi/server.ts';
import { type Listen, listenOn } from '../workers/sockets.ts';
import { createHttpServer, createTlsServer, type HttpServerOptions } from './http-server.ts';

/** One of the listeners, not yet listening. */
export interface Listener {
  listen(): Promise<void>;
  /** As the operator would write it, with the real port. */
  readonly address: string;
  /** Takes no new requests, lets running ones end within `limits.drainSeconds`. */
  close(): Promise<void>;
}

/** Makes the request listener for a front. */
export type Serve = (readEvidence: EvidenceReader, handOff: HandOff) => RequestListener;

/** @throws PortcullisError FILE_UNREADABLE when the TLS certificate or key cannot be used */
export function createListeners(
  configuration: Configuration,
  log: Logger,
  serve: Serve,
): readonly Listener[] {
  const { uwsgi, http, tls } = configuration.listen;
  const options = httpOptions(configuration.limits, log);
  const listeners: Listener[] = [];
  if (uwsgi !== undefined) {
    const listener = serve(createUwsgiReader(uwsgi.trustRemoteUser), uwsgi.handOff);
    const server = createUwsgi(uwsgi, configuration.limits, log, listener);
    listeners.push(asListener(uwsgi.address, uwsgi.mode, server));
  }
  if (http !== undefined) {
    const server = createHttpServer(options, serveHttp(http, serve));
    listeners.push(asListener(http.address, http.mode, server));
  }
  if (tls !== undefined) {
    const server = createTlsServer(tls, options, serve(createTlsReader(), 'stream'));
    listeners.push(asListener(tls.address, tlsSocketMode, server));
  }
  return listeners;
}

/** Clients of the TLS listener are anybody; on a unix socket its file's owner alone. */
const tlsSocketMode = 0o600;

interface ListeningServer {
  readonly listen: Listen;
  address(): ReturnType<Server['address']>;
  close(): Promise<void>;
}

function asListener(address: ListenAddress, mode: number, server: ListeningServer): Listener {
  return {
    listen: () => listenOn((options) => server.listen(options), address, mode),
    get address() {
      return describeAddress(address, server.address());
    },
    close: () => server.close(),
  };
}

/** A hand-off to who is no front would be a path of ours in place of the content (T38). */
function serveHttp(http: HttpListener, serve: Serve): RequestListener {
  const isFront = createPeerMatcher(http.trustedPeers);
  const readEvidence = createHttpReader(http);
  const serveFront = serve(readEvidence, http.handOff);
  const serveOther = serve(readEvidence, 'stream');
  return (request, response) => {
    const listener = isFront(request.socket.remoteAddress) ? serveFront : serveOther;
    listener(request, response);
  };
}

function createUwsgi(
  uwsgi: UwsgiListener,
  limits: Configuration['limits'],
  log: Logger,
  listener: RequestListener,
): ListeningServer {
  const { allowedPeers } = uwsgi;
  return createUwsgiServer(
    {
      limits,
      allowPeer: allowedPeers.length === 0 ? allowLocalPeers : allowPeersIn(allowedPeers),
      onRefused: (refused) => log.warn('A uwsgi connection was refused', { ...refused }),
      onError: (error) => log.error('A uwsgi connection failed', { error: messageOf(error) }),
    },
    listener,
  );
}

function httpOptions(limits: Configuration['limits'], log: Logger): HttpServerOptions {
  return {
    limits,
    onRefused: (detail, peer) => log.warn('An HTTP connection was refused', { detail, peer }),
  };
}
