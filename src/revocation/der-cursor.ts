/**
 * A cursor over DER that makes no objects: a list may have a million entries. As strict as `DerReader`,
 * which serves everything else, and for elements of any length.
 */

import { DerError } from '../identity/der.ts';

export class DerCursor {
  readonly bytes: Uint8Array;
  /** Where the next element begins. */
  offset: number;

  constructor(bytes: Uint8Array, offset = 0) {
    this.bytes = bytes;
    this.offset = offset;
  }

  /** Whether the next element before `end` has the tag `tag`. */
  has(tag: number, end: number): boolean {
    return this.offset < end && this.bytes[this.offset] === tag;
  }

  /**
   * Goes into the next element, which must have the tag `tag` and end by `end`; `what` names it in
   * the error. The cursor then stands at its content.
   *
   * @returns where the content ends
   */
  enter(tag: number, end: number, what: string): number {
    if (this.offset >= end) throw new DerError(`its ${what} is missing`);
    if (this.bytes[this.offset] !== tag) {
      throw new DerError(`its ${what} has an unexpected ASN.1 type`);
    }
    const length = this.#readLength(end, what);
    const stop = this.offset + length;
    if (stop > end) throw new DerError(`its ${what} is cut off`);
    return stop;
  }

  /** Goes over an element as {@link enter} goes into it, and gives it whole. */
  take(tag: number, end: number, what: string): Uint8Array {
    const start = this.offset;
    this.offset = this.enter(tag, end, what);
    return this.bytes.subarray(start, this.offset);
  }

  /** Throws unless the cursor stands at `end`. */
  finish(end: number, what: string): void {
    if (this.offset !== end) throw new DerError(`its ${what} holds more than it may`);
  }

  #readLength(end: number, what: string): number {
    const first = this.#byte(this.offset + 1, end, what);
    this.offset += 2;
    if (first < 0x80) return first;
    const count = first & 0x7f;
    // 0 is the indefinite length of BER; four bytes say more than any source holds.
    if (count === 0 || count > 4) throw new DerError(`its ${what} is not encoded as DER wants`);
    let length = 0;
    for (let index = 0; index < count; index += 1) {
      length = length * 256 + this.#byte(this.offset + index, end, what);
    }
    if (length < 0x80 || length < 256 ** (count - 1)) {
      throw new DerError(`its ${what} is not encoded as DER wants`);
    }
    this.offset += count;
    return length;
  }

  #byte(offset: number, end: number, what: string): number {
    const byte = this.bytes[offset];
    if (byte === undefined || offset >= end) throw new DerError(`its ${what} is cut off`);
    return byte;
  }
}
