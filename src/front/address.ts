/** IP addresses as fronts and sockets spell them, and lists of trusted peers. */

import { isIP } from 'node:net';
import { allowPeersIn, unixPeer } from '../uwsgi/peers.ts';

const mappedIpv4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;
const ipv4WithPort = /^(\d+\.\d+\.\d+\.\d+):\d{1,5}$/;
const bracketed = /^\[([0-9a-f:.]+)\](?::\d{1,5})?$/i;

/**
 * The address in canonical text form, or undefined when `text` holds none (`unix:`, empty, junk).
 * Accepts what fronts send as REMOTE_ADDR: a port behind it, brackets, IPv4 mapped into IPv6.
 */
export function readAddress(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const bare = ipv4WithPort.exec(text)?.[1] ?? bracketed.exec(text)?.[1] ?? text;
  const address = mappedIpv4.exec(bare)?.[1] ?? bare;
  switch (isIP(address)) {
    case 4:
      return address;
    case 6:
      return canonicalIpv6(address);
    default:
      return undefined;
  }
}

/** The URL parser writes an IPv6 address as RFC 5952 asks: lower case, longest run of zeros as `::`. */
function canonicalIpv6(address: string): string | undefined {
  const parsed = URL.parse(`http://[${address.replace(/%.*$/, '')}]/`);
  const canonical = parsed?.hostname.slice(1, -1);
  const mapped = canonical && /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical);
  if (!mapped) return canonical;
  const bytes = [mapped[1], mapped[2]].flatMap((group) => {
    const word = Number.parseInt(group ?? '', 16);
    return [word >> 8, word & 0xff];
  });
  return bytes.join('.');
}

export type PeerMatcher = (address: string | undefined) => boolean;

/**
 * Makes a matcher of peers from CIDR ranges, single addresses and `unix` (a peer without an address).
 *
 * @throws TypeError for what is none of these
 */
export function createPeerMatcher(ranges: readonly string[]): PeerMatcher {
  const isUnixListed = ranges.includes(unixPeer);
  const isInRange = allowPeersIn(ranges.filter((range) => range !== unixPeer));
  return (peer) => {
    const address = readAddress(peer);
    if (address === undefined) return isUnixListed && (peer === undefined || peer === '');
    return isInRange(address);
  };
}
