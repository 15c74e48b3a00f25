/** Settings name an address by itself as well; a range of it has all of its bits. */

import { isIPv4 } from 'node:net';

export function addressRanges(addresses: readonly string[]): readonly string[] {
  return addresses.map((address) => {
    if (address.includes('/')) return address;
    return `${address}/${isIPv4(address) ? 32 : 128}`;
  });
}
