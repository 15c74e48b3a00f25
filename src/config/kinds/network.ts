/** Addresses to listen on, ranges of peers, header and host names. */

import { isIPv4, isIPv6 } from 'node:net';
import path from 'node:path';
import ipaddr from 'ipaddr.js';
import { type ListenAddress, socketPathBytesMax } from '../../listen-address.ts';
import { type Kind, kindOf } from '../kind.ts';
import type { Place } from '../place.ts';
import { isPathText } from './files.ts';

/**
 * A bare port is refused because it does not say to whom the port opens, and a host name because
 * the resolver would decide it.
 */
export const listenAddress: Kind<ListenAddress> = kindOf(
  `unix:PATH with at most ${socketPathBytesMax} bytes in the absolute path, IPV4:PORT as 127.0.0.1:9001, or [IPV6]:PORT as [::1]:9001`,
  (raw, place) => {
    if (typeof raw !== 'string') return undefined;
    return raw.startsWith('unix:') ? unixAddress(raw.slice(5), place) : tcpAddress(raw);
  },
);

/** The ranges of the peers that may do something; `everybody` (a prefix of 0 bits) is refused. */
export const peerRange: Kind<string> = kindOf(
  'an IP address or a CIDR range whose host bits are zero, as 10.20.0.0/16, other than everybody (/0)',
  (raw) => (typeof raw === 'string' && isRange(raw) ? raw : undefined),
);

/** As {@link peerRange}, and `unix`: whoever reaches the unix socket. */
export const peerRangeOrUnix: Kind<string> = kindOf(`unix, or ${peerRange.expected}`, (raw) =>
  typeof raw === 'string' && (raw === 'unix' || isRange(raw)) ? raw : undefined,
);

/** Headers with a meaning of their own in HTTP, which a front does not set to say who the client is. */
const reservedHeaders = new Set([
  'accept',
  'authorization',
  'connection',
  'content-length',
  'content-type',
  'cookie',
  'expect',
  'host',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'range',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** No underscore: `X_Cert` and `X-Cert` would be one name to CGI and two to HTTP (T02). */
export const headerName: Kind<string> = kindOf(
  'a header name of letters, digits and -, other than those HTTP itself gives a meaning',
  (raw) =>
    typeof raw === 'string' &&
    /^[A-Za-z][A-Za-z0-9-]{0,63}$/.test(raw) &&
    !reservedHeaders.has(raw.toLowerCase())
      ? raw
      : undefined,
);

/** One name of a server, as its clients write it (RFC 1123 section 2.1). */
export const hostName: Kind<string> = kindOf(
  'a host name of at most 253 lower-case letters, digits, - and .',
  (raw) => (typeof raw === 'string' && isHostName(raw) ? raw : undefined),
);

/** What nginx's `listen` takes, as far as it is an address. */
export const frontAddress: Kind<string> = kindOf(
  'a port, *:PORT, IPV4:PORT or [IPV6]:PORT',
  (raw) => {
    const written = typeof raw === 'number' ? String(raw) : raw;
    if (typeof written !== 'string') return undefined;
    const address = /^\d+$/.test(written)
      ? `0.0.0.0:${written}`
      : written.replace(/^\*:/, '0.0.0.0:');
    return tcpAddress(address) === undefined ? undefined : written;
  },
);

export function isHostName(text: string): boolean {
  return (
    text.length <= 253 &&
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/.test(text)
  );
}

/** Whether only processes of this host reach `host`, an IP address. */
export function isLoopback(host: string): boolean {
  return ipaddr.process(host).range() === 'loopback';
}

function unixAddress(written: string, place: Place): ListenAddress | undefined {
  const absolute = path.resolve(place.baseDirectory, written);
  const isUsable =
    isPathText(written) &&
    !written.endsWith('/') &&
    Buffer.byteLength(absolute) <= socketPathBytesMax;
  return isUsable ? { type: 'unix', path: absolute } : undefined;
}

function tcpAddress(written: string): ListenAddress | undefined {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+)):([1-9][0-9]{0,4})$/.exec(written);
  const [, ipv6, ipv4, digits] = match ?? [];
  const port = Number(digits);
  if (!(port <= 65_535)) return undefined;
  if (ipv6 !== undefined) return isIPv6(ipv6) ? { type: 'tcp', host: ipv6, port } : undefined;
  return ipv4 !== undefined && isIPv4(ipv4) ? { type: 'tcp', host: ipv4, port } : undefined;
}

function isRange(written: string): boolean {
  const [address = '', bits, ...rest] = written.split('/');
  const width = isIPv4(address) ? 32 : isIPv6(address) && !address.includes('%') ? 128 : 0;
  if (width === 0 || rest.length > 0) return false;
  if (bits === undefined) return true;
  if (!/^[1-9][0-9]{0,2}$/.test(bits) || Number(bits) > width) return false;
  const network = width === 32 ? ipaddr.IPv4 : ipaddr.IPv6;
  const written4or6 = ipaddr.parse(address).toNormalizedString();
  return network.networkAddressFromCIDR(written).toNormalizedString() === written4or6;
}
