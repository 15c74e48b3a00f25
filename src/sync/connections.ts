/** Connections to a feed and to where it redirects: who may be connected to, and who is shown what. */

import { createSecureContext, rootCertificates } from 'node:tls';
import { Agent, type buildConnector, type Dispatcher, ProxyAgent } from 'undici';
import type { SyncConfiguration } from '../config/configuration.ts';
import { type AddressGuard, guardedLookup } from '../outbound/addresses.ts';
import type { Feed } from './feed.ts';

/** Bytes of the head of an answer. */
export const answerHeadBytesMax = 16_384;

export interface Connections extends AsyncDisposable {
  /**
   * The client certificate, and trust without verification, are for the feed's own origin alone (T89):
   * any other server is verified, by the CAs of the system and that of the feed.
   */
  dispatcherFor(url: URL): Dispatcher;
}

/** @throws Error of Node for a certificate or key that it cannot read */
export function openConnections(
  feed: Feed,
  limits: SyncConfiguration,
  isAddressAllowed: AddressGuard,
): Connections {
  const { ca, cert, key, isVerified } = feed.tls;
  // It would be read with the first connection, and fail as if the server did.
  createSecureContext({ ca, cert, key });
  const open = (tls: buildConnector.BuildOptions) =>
    feed.proxy === undefined
      ? new Agent({
          ...common(limits),
          connect: { ...connectOptions(limits, isAddressAllowed), ...tls },
        })
      : new ProxyAgent({
          ...common(limits),
          uri: feed.proxy.url.href,
          ...(feed.proxy.authorization !== undefined && { token: feed.proxy.authorization }),
          proxyTls: connectOptions(limits, isAddressAllowed),
          requestTls: { ...connectOptions(limits, isAddressAllowed), ...tls },
        });
  const own = open({
    rejectUnauthorized: isVerified,
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert, key }),
  });
  const other = open({
    rejectUnauthorized: true,
    ...(ca !== undefined && { ca: [...rootCertificates, ca] }),
  });
  return {
    dispatcherFor: ({ origin }) => (origin === feed.url.origin ? own : other),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([own.destroy(), other.destroy()]);
    },
  };
}

function common(limits: SyncConfiguration): Agent.Options {
  return {
    connections: limits.downloads,
    maxHeaderSize: answerHeadBytesMax,
    headersTimeout: limits.idleSeconds * 1000,
    bodyTimeout: limits.idleSeconds * 1000,
    allowH2: false,
  };
}

/** What is connected to is the very address that was judged, so that no name can change in between. */
function connectOptions(
  limits: SyncConfiguration,
  isAddressAllowed: AddressGuard,
): buildConnector.BuildOptions {
  return {
    lookup: guardedLookup(isAddressAllowed, 'sync.addresses'),
    timeout: limits.connectSeconds * 1000,
    allowH2: false,
  };
}
