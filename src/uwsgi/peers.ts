/** Who may speak uwsgi to us at all (T05, T72): whoever may is believed whatever it says of a client. */

import { BlockList, isIP, type Socket } from 'node:net';

/** What a peer on a unix socket is called: the file's permissions have let it in. */
export const unixPeer = 'unix';

/** @param peer an IP address, IPv4 in its plain form, or {@link unixPeer} */
export type AllowPeer = (peer: string) => boolean;

/**
 * A check against addresses and CIDR ranges, as `10.0.0.0/8` or `2001:db8::1`. Peers on a unix socket
 * pass: what keeps others out there is the file's mode.
 *
 * @throws TypeError for what is no address or range
 */
export function allowPeersIn(ranges: readonly string[]): AllowPeer {
  const list = new BlockList();
  for (const range of ranges) addRange(list, range);
  return (peer) => peer === unixPeer || list.check(peer, isIP(peer) === 6 ? 'ipv6' : 'ipv4');
}

/** The default: unix sockets and this host. */
export const allowLocalPeers: AllowPeer = allowPeersIn(['127.0.0.0/8', '::1']);

/**
 * The peer's name for {@link AllowPeer}; undefined for a TCP connection whose peer is gone already,
 * which must not pass for one on a unix socket.
 */
export function peerOf(socket: Socket, isUnixSocket: boolean): string | undefined {
  if (isUnixSocket) return unixPeer;
  const address = socket.remoteAddress;
  return address?.startsWith('::ffff:') && isIP(address.slice(7)) === 4
    ? address.slice(7)
    : address;
}

function addRange(list: BlockList, range: string): void {
  const [address = '', prefix, ...rest] = range.split('/');
  const version = isIP(address);
  const bits = version === 6 ? 128 : 32;
  const length = prefix === undefined ? bits : parsePrefix(prefix);
  if (version === 0 || rest.length > 0 || !(length <= bits)) {
    throw new TypeError(
      `Cannot read the peer range "${range}": it is no IP address or CIDR range, as 10.0.0.0/8`,
    );
  }
  list.addSubnet(address, length, version === 6 ? 'ipv6' : 'ipv4');
}

function parsePrefix(text: string): number {
  return /^[0-9]{1,3}$/.test(text) ? Number(text) : Number.NaN;
}
