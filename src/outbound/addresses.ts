/** Which addresses a URL may lead to that we were not given by the operator (T88). */

import { lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Whether a connection to an IP address may be made. */
export type AddressGuard = (address: string) => boolean;

/**
 * Lets through what is public: no address of this host, its networks, or its cloud's services.
 *
 * @param ranges let through as well, in CIDR notation
 */
export function publicAddresses(ranges: readonly string[]): AddressGuard {
  const listed = ranges.map((range) => ipaddr.parseCIDR(range));
  return (text) => {
    // The parser would take spellings that mean something else to others.
    if (isIP(text) === 0) return false;
    const address = ipaddr.process(text);
    if (address.range() === 'unicast') return true;
    return listed.some(
      ([network, length]) => network.kind() === address.kind() && address.match(network, length),
    );
  };
}

/** Whether `host` is an address in itself, and one that may not be connected to. */
export function isForbiddenLiteral(host: string, isAllowed: AddressGuard): boolean {
  return isIP(host) !== 0 && !isAllowed(host);
}

/**
 * Looks a name up for a connection: what is judged is the very address that is connected to.
 *
 * @param setting what can allow other addresses, as `sync.addresses`; undefined where nothing can
 */
export function guardedLookup(isAllowed: AddressGuard, setting?: string): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) {
        callback(error, '');
        return;
      }
      const [first] = addresses;
      const forbidden = addresses.find(({ address }) => !isAllowed(address));
      if (first === undefined || forbidden !== undefined) {
        callback(new Error(notPublic(forbidden?.address ?? hostname, setting)), '');
      } else if (options.all === true) {
        callback(null, addresses);
      } else {
        callback(null, first.address, first.family);
      }
    });
  };
}

/** A clause of why an address is not connected to, and of the setting that can allow it. */
export function notPublic(address: string, setting?: string): string {
  const clause = `it is at ${address}, which is no public address`;
  return setting === undefined ? clause : `${clause}; ${setting} can name its network`;
}
