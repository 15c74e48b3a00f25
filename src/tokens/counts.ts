/** What was counted of tokens, and whether one more download fits into their limits. */

import { PortcullisError } from '../errors.ts';
import type { Document } from '../stores/document.ts';
import { parseFilter } from '../stores/parse-filter.ts';
import type { Store } from '../stores/store.ts';
import { type TokenCounts, type TokenTerms, tokenCountCollection } from './token.ts';

/** How many tokens are asked for at once. */
const idsOfOneQuery = 5000;

/** One download, as it is charged before it begins. */
export interface Download {
  /** Of the file, or the ranges of it. */
  readonly bytes: number;
  /** As {@link countedAddress} gives it; undefined when the front did not say. */
  readonly address: string | undefined;
  readonly at: Date;
}

export type CountedLimits = Pick<TokenTerms, 'downloadsMax' | 'bytesMax' | 'addressesMax'>;

/** The counts of these tokens; those that have none are left out. */
export async function countsOf(
  store: Pick<Store, 'find'>,
  ids: readonly string[],
): Promise<ReadonlyMap<string, TokenCounts>> {
  const counts = new Map<string, TokenCounts>();
  for (let start = 0; start < ids.length; start += idsOfOneQuery) {
    const filter = parseFilter({ _id: { $in: ids.slice(start, start + idsOfOneQuery) } });
    for (const document of await store.find(tokenCountCollection, { filter })) {
      counts.set(document._id, readCounts(document));
    }
  }
  return counts;
}

/** @throws PortcullisError STORE_SCHEMA: what cannot be read must not count as nothing */
export function readCounts({ downloads, bytes, addresses, lastUsed }: Document): TokenCounts {
  const isRight =
    typeof downloads === 'number' &&
    typeof bytes === 'number' &&
    Array.isArray(addresses) &&
    (lastUsed === null || lastUsed instanceof Date);
  if (isRight) return { downloads, bytes, addresses: addresses.map(String), lastUsed };
  throw new PortcullisError(
    'STORE_SCHEMA',
    'Cannot go by the counts of a token in the store: they are not as this version has them',
  );
}

/**
 * Why one more download does not fit, as a clause for the operator; undefined when it does.
 *
 * @param download of 0 bytes to ask whether anything fits at all
 */
export function limitReached(
  counts: TokenCounts,
  { downloadsMax, bytesMax, addressesMax }: CountedLimits,
  { bytes, address }: Omit<Download, 'at'>,
): string | undefined {
  if (downloadsMax !== null && counts.downloads >= downloadsMax) {
    return `its limit of ${downloadsMax} downloads is reached`;
  }
  if (bytesMax !== null && counts.bytes >= bytesMax) {
    return `its limit of ${bytesMax} bytes is reached`;
  }
  if (bytesMax !== null && counts.bytes + bytes > bytesMax) {
    return `its limit of ${bytesMax} bytes leaves ${bytesMax - counts.bytes}, and ${bytes} are asked for`;
  }
  if (addressesMax === null) return undefined;
  if (address === undefined)
    return 'it counts addresses, and the address of the client is not known';
  if (counts.addresses.includes(address) || counts.addresses.length < addressesMax)
    return undefined;
  return `its limit of ${addressesMax} addresses is reached, and ${address} is another one`;
}

/** The counts after one more download, which was found to fit. */
export function counted(
  counts: TokenCounts,
  { addressesMax }: CountedLimits,
  { bytes, address, at }: Download,
): TokenCounts {
  const isNew =
    addressesMax !== null && address !== undefined && !counts.addresses.includes(address);
  return {
    downloads: counts.downloads + 1,
    bytes: counts.bytes + bytes,
    addresses: isNew ? [...counts.addresses, address] : counts.addresses,
    lastUsed: later(counts.lastUsed, at),
  };
}

export function later(one: Date | null, other: Date): Date {
  return one !== null && one > other ? one : other;
}
