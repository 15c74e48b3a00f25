/**
 * Keys of index entries: bytes whose order is MongoDB's order of values, kinds first, so that equality
 * and ranges are ranges of bytes. A key of several values is their keys in a row: none is the
 * beginning of another, because every kind has a fixed length but text, which ends with a NUL.
 */

import type { Scalar, Value } from '../document.ts';

const tags = { null: 0x10, number: 0x20, text: 0x30, boolean: 0x60, date: 0x70 } as const;

/** After every key that begins as it does. */
const after = Buffer.of(0xff);

export interface KeyRange {
  readonly from: Buffer;
  /** The first key that is out of it. */
  readonly until: Buffer;
}

export interface Bounds {
  readonly lower?: Scalar;
  readonly upper?: Scalar;
}

export function encodeKey(values: readonly Scalar[]): Buffer {
  return Buffer.concat(values.map(encodeScalar));
}

/** The keys that begin with these values. */
export function rangeOfPrefix(values: readonly Scalar[]): KeyRange {
  const from = encodeKey(values);
  return { from, until: Buffer.concat([from, after]) };
}

/** The keys that begin with `values` and go on with one of the bound's kind, from and to the bounds. */
export function rangeBetween(values: readonly Scalar[], kind: Scalar, bounds: Bounds): KeyRange {
  const prefix = encodeKey(values);
  const tag = encodeScalar(kind).readUInt8(0);
  const { lower, upper } = bounds;
  return {
    from: Buffer.concat([prefix, lower === undefined ? Buffer.of(tag) : encodeScalar(lower)]),
    until: Buffer.concat(
      upper === undefined ? [prefix, Buffer.of(tag + 1)] : [prefix, encodeScalar(upper), after],
    ),
  };
}

/** Documents with anything else in an indexed field are refused before they come here. */
export function isScalar(value: Value): value is Scalar {
  return typeof value !== 'object' || value === null || value instanceof Date;
}

function encodeScalar(value: Scalar): Buffer {
  if (value === null) return Buffer.of(tags.null);
  if (value instanceof Date) return encodeNumber(tags.date, value.getTime());
  switch (typeof value) {
    case 'number':
      return encodeNumber(tags.number, value);
    case 'string':
      return Buffer.concat([Buffer.of(tags.text), Buffer.from(value), Buffer.of(0)]);
    case 'boolean':
      return Buffer.of(tags.boolean, value ? 1 : 0);
  }
}

/** IEEE 754, big-endian: in order once the sign is turned, and all bits of negative numbers. */
function encodeNumber(tag: number, value: number): Buffer {
  const key = Buffer.alloc(9);
  key.writeUInt8(tag, 0);
  // Adding zero makes one key of both zeros, which are equal.
  key.writeDoubleBE(value + 0, 1);
  const isNegative = key.readUInt8(1) >= 0x80;
  for (let index = 1; index < key.length; index += 1) {
    const flip = isNegative ? 0xff : index === 1 ? 0x80 : 0;
    key.writeUInt8(key.readUInt8(index) ^ flip, index);
  }
  return key;
}
