/** Named bit lists, as keyUsage is one. */

import { DerError } from './der.ts';

/**
 * A named bit list (X.690 section 11.2.2) as the set of the bits that are 1. Trailing zero bits,
 * which real CAs write, change nothing and are tolerated.
 */
export function readNamedBits(content: Uint8Array, what: string): ReadonlySet<number> {
  const unused = content[0];
  const last = content.at(-1);
  const bytes = content.subarray(1);
  const unusedMax = bytes.length === 0 ? 0 : 7;
  if (unused === undefined || last === undefined || unused > unusedMax) {
    throw new DerError(`its ${what} is not encoded as DER wants`);
  }
  if (bytes.length > 0 && (last & ((1 << unused) - 1)) !== 0) {
    throw new DerError(`its ${what} is not encoded as DER wants`);
  }
  const bits = new Set<number>();
  for (const [index, byte] of bytes.entries()) {
    for (let bit = 0; bit < 8; bit += 1) {
      if ((byte & (0x80 >> bit)) !== 0) bits.add(index * 8 + bit);
    }
  }
  return bits;
}
