/** What counts as one address of a token's clients. */

import ipaddr from 'ipaddr.js';

/**
 * An IPv4 address as it is, an IPv6 address as its /64: a host changes its address within that every day
 * (RFC 8981), and whoever has one address of it has them all.
 *
 * @param address in canonical form, as evidence has it
 */
export function countedAddress(address: string | undefined): string | undefined {
  if (address === undefined || !ipaddr.isValid(address)) return undefined;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${parsed.toString()}/64`).toString()}/64`;
}
