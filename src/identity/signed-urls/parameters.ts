/** The parameters that make a URL a signed one, as they stand in its query. */

import ipaddr from 'ipaddr.js';
import { keyIdPattern } from './keys.ts';

/** What a signature is about, besides the method and the path. */
export interface SignedTerms {
  /** The id of the key. */
  readonly key: string;
  /** Seconds since 1970: the first one in which the URL is valid. */
  readonly from: number;
  /** Seconds since 1970: the first one in which it is not any more. */
  readonly expires: number;
  /** An IP address or a CIDR range in their one spelling, from where alone it is valid. */
  readonly address: string | undefined;
  /** So many of the first segments of the path are signed, and all below them; undefined: all of it. */
  readonly segments: number | undefined;
  /** The query besides these parameters, as it was sent; undefined when there is none. */
  readonly rest: string | undefined;
}

export interface SignedParameters extends SignedTerms {
  /** Base64url, 43 characters. */
  readonly signature: string;
}

/** The longest query of a signed URL, in bytes. */
export const signedQueryBytesMax = 4096;

/** The latest time of a URL, in seconds since 1970: in the year 5138. */
export const signedTimeMax = 99_999_999_999;

const prefix = 'portcullis-';

const patterns = {
  key: keyIdPattern,
  from: /^[1-9]\d{0,10}$/,
  expires: /^[1-9]\d{0,10}$/,
  address: /^[0-9a-f.:]{2,39}(?:\/\d{1,3})?$/,
  segments: /^[1-9]\d{0,2}$/,
  signature: /^[A-Za-z0-9_-]{43}$/,
} as const;

type Name = keyof typeof patterns;
const names = Object.keys(patterns) as readonly Name[];
const optional: ReadonlySet<Name> = new Set(['address', 'segments']);

/** Whether a query has a parameter of this program in it, right or wrong. */
export function hasSignedParameters(query: string): boolean {
  return query.split('&').some((part) => part.startsWith(prefix));
}

/**
 * Reads the query of a signed URL. Each parameter comes once, in any order and in its one spelling:
 * nothing is decoded, so that whatever else is there is part of what was signed.
 *
 * @returns a clause for the operator when it is none
 */
export function parseSignedQuery(query: string | undefined): SignedParameters | string {
  if (query === undefined || !hasSignedParameters(query)) return 'the URL is not signed';
  if (query.length > signedQueryBytesMax) return `its query is over ${signedQueryBytesMax} bytes`;
  const given = new Map<Name, string>();
  const others: string[] = [];
  for (const part of query.split('&')) {
    if (!part.startsWith(prefix)) {
      others.push(part);
      continue;
    }
    const [, written, value = ''] = /^portcullis-([^=]*)=?(.*)$/s.exec(part) ?? [];
    const name = names.find((known) => known === written);
    if (name === undefined) return `it has a ${prefix} parameter that is not known`;
    if (given.has(name)) return `its ${prefix}${name} came twice`;
    if (!patterns[name].test(value)) return `its ${prefix}${name} is malformed`;
    given.set(name, value);
  }
  const missing = names.find((name) => !given.has(name) && !optional.has(name));
  if (missing !== undefined) return `it has no ${prefix}${missing}`;
  const address = given.get('address');
  if (address !== undefined && canonicalRange(address) !== address) {
    return `its ${prefix}address is malformed`;
  }
  const segments = given.get('segments');
  return {
    key: given.get('key') ?? '',
    from: Number(given.get('from')),
    expires: Number(given.get('expires')),
    address,
    segments: segments === undefined ? undefined : Number(segments),
    rest: others.length === 0 ? undefined : others.join('&'),
    signature: given.get('signature') ?? '',
  };
}

/** The query with the parameters after whatever else is in it. */
export function writeSignedQuery({ rest, ...parameters }: SignedParameters): string {
  const written = names.flatMap((name) => {
    const value = parameters[name];
    return value === undefined ? [] : [`${prefix}${name}=${value}`];
  });
  return [...(rest === undefined ? [] : [rest]), ...written].join('&');
}

/** The one spelling of an IP address or CIDR range; undefined for what is none or has host bits. */
export function canonicalRange(text: string): string | undefined {
  const [address = '', bits, ...more] = text.split('/');
  const isIpv4 = ipaddr.IPv4.isValidFourPartDecimal(address);
  if (more.length > 0 || !(isIpv4 || isPlainIpv6(address))) return undefined;
  if (bits === undefined) return ipaddr.parse(address).toString();
  if (!/^(?:0|[1-9]\d{0,2})$/.test(bits) || Number(bits) > (isIpv4 ? 32 : 128)) return undefined;
  const family = isIpv4 ? ipaddr.IPv4 : ipaddr.IPv6;
  const network = family.networkAddressFromCIDR(`${address}/${bits}`).toString();
  return network === ipaddr.parse(address).toString() ? `${network}/${bits}` : undefined;
}

/** An IPv4 address in IPv6's clothes is an IPv4 address, and has to be written as one. */
function isPlainIpv6(text: string): boolean {
  if (!text.includes(':') || text.includes('%') || !ipaddr.IPv6.isValid(text)) return false;
  return !ipaddr.IPv6.parse(text).isIPv4MappedAddress();
}
