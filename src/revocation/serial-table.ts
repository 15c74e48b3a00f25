/**
 * The serial numbers of a list, sorted, in three flat arrays that cross to another thread without a
 * copy: 29 bytes for each entry at most, and some 20 steps to find one among a million.
 */

/** One entry that was found. */
export interface Revocation {
  /** When the CA revoked it. */
  readonly since: Date;
  /** RFC 5280 section 5.3.1, as `keyCompromise`; undefined when the CA does not say. */
  readonly reason: string | undefined;
}

/** Plain data, for a channel between threads. */
export interface SerialArrays {
  /** Octets of each serial number: those of the longest. */
  readonly width: number;
  /** One after the other, big-endian with leading zeros, ascending. */
  readonly serials: Uint8Array<ArrayBuffer>;
  /** For each entry its reason code; {@link noReason} when there is none. */
  readonly reasons: Uint8Array<ArrayBuffer>;
  /** For each entry its Unix time in seconds. */
  readonly times: Float64Array<ArrayBuffer>;
}

/** As much as RFC 5280 section 4.1.2.2 allows. */
export const serialBytesMax = 20;

export const noReason = 0xff;

/** By code. 7 is not used, and 8 takes an entry off a delta list, which is not read. */
export const reasonNames: readonly (string | undefined)[] = [
  'unspecified',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
  undefined,
  undefined,
  'privilegeWithdrawn',
  'aACompromise',
];

export class SerialTable {
  readonly #arrays: SerialArrays;

  constructor(arrays: SerialArrays) {
    this.#arrays = arrays;
  }

  get size(): number {
    return this.#arrays.reasons.length;
  }

  /** Whether these are its very serial numbers. */
  holds({ width, serials }: SerialArrays): boolean {
    return width === this.#arrays.width && Buffer.compare(serials, this.#arrays.serials) === 0;
  }

  /**
   * Why the certificate is on the list; undefined when it is not.
   *
   * @param serial lower-case hex without leading zeros, as `VerifiedCertificate.serial`
   */
  find(serial: string): Revocation | undefined {
    const { width, times, reasons } = this.#arrays;
    if (serial.length > width * 2) return undefined;
    const index = this.#indexOf(Buffer.from(serial.padStart(width * 2, '0'), 'hex'));
    const since = times[index];
    if (since === undefined) return undefined;
    return { since: new Date(since * 1000), reason: reasonNames[reasons[index] ?? noReason] };
  }

  /** -1 when there is none. */
  #indexOf(serial: Uint8Array): number {
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const order = this.#compare(middle, serial);
      if (order === 0) return middle;
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return -1;
  }

  #compare(index: number, serial: Uint8Array): number {
    const { width, serials } = this.#arrays;
    const offset = index * width;
    for (let at = 0; at < width; at += 1) {
      const difference = (serials[offset + at] ?? 0) - (serial[at] ?? 0);
      if (difference !== 0) return difference;
    }
    return 0;
  }
}

/** Sorted by serial number, and as narrow as the longest of them lets it be. */
export function sortSerials(unsorted: SerialArrays): SerialArrays {
  const { serials, times, reasons, width } = unsorted;
  const skip = emptyColumns(unsorted);
  const order = sortedOrder(unsorted, skip);
  const narrow = width - skip;
  const sorted = {
    width: narrow,
    serials: new Uint8Array(order.length * narrow),
    times: new Float64Array(order.length),
    reasons: new Uint8Array(order.length),
  };
  for (let to = 0; to < order.length; to += 1) {
    const from = order[to] ?? 0;
    const start = from * width;
    for (let at = 0; at < narrow; at += 1) {
      sorted.serials[to * narrow + at] = serials[start + skip + at] ?? 0;
    }
    sorted.times[to] = times[from] ?? 0;
    sorted.reasons[to] = reasons[from] ?? noReason;
  }
  return sorted;
}

/** Leading octets that are zero in all serial numbers; one octet is left of each. */
function emptyColumns({ width, serials }: SerialArrays): number {
  let empty = width - 1;
  for (let start = 0; start < serials.length && empty > 0; start += width) {
    let at = 0;
    while (at < empty && serials[start + at] === 0) at += 1;
    empty = at;
  }
  return empty;
}

/** By radix, one octet after the other: as fast for the worst order as for the best. */
function sortedOrder({ width, serials, reasons }: SerialArrays, skip: number): Uint32Array {
  let order = Uint32Array.from(reasons, (_, index) => index);
  let next = new Uint32Array(order.length);
  for (let column = width - 1; column >= skip; column -= 1) {
    const starts = new Uint32Array(257);
    for (let start = column; start < serials.length; start += width) {
      const bucket = (serials[start] ?? 0) + 1;
      starts[bucket] = (starts[bucket] ?? 0) + 1;
    }
    for (let bucket = 1; bucket < 257; bucket += 1) {
      starts[bucket] = (starts[bucket] ?? 0) + (starts[bucket - 1] ?? 0);
    }
    for (const index of order) {
      const octet = serials[index * width + column] ?? 0;
      const place = starts[octet] ?? 0;
      next[place] = index;
      starts[octet] = place + 1;
    }
    [order, next] = [next, order];
  }
  return order;
}
