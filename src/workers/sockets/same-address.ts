/** Whether two addresses are one, or stand in each other's way. */

import { BlockList, isIPv6 } from 'node:net';
import type { ListenAddress } from '../../listen-address.ts';

export function isSameAddress(one: ListenAddress, other: ListenAddress): boolean {
  if (one.type === 'unix') return other.type === 'unix' && one.path === other.path;
  return other.type === 'tcp' && one.port === other.port && isSameHost(one.host, other.host);
}

/** Whether a socket on `one` keeps another off `other`: a wildcard holds the port of all hosts. */
export function isInTheWay(one: ListenAddress, other: ListenAddress): boolean {
  if (isSameAddress(one, other)) return true;
  if (one.type === 'unix' || other.type === 'unix' || one.port !== other.port) return false;
  return isWildcard(one.host) || isWildcard(other.host);
}

function isWildcard(host: string): boolean {
  return isSameHost(host, '0.0.0.0') || isSameHost(host, '::');
}

/** An IPv6 address has many spellings. */
function isSameHost(one: string, other: string): boolean {
  if (isIPv6(one) !== isIPv6(other)) return false;
  const family = isIPv6(one) ? 'ipv6' : 'ipv4';
  const list = new BlockList();
  list.addAddress(one, family);
  return list.check(other, family);
}
