/** Writes DER (ITU-T X.690 section 10): the counterpart of der.ts, for what we make ourselves. */

import { derTags } from './der.ts';

/** An element of at most 65,535 bytes of content. */
export function encodeElement(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  if (length > 0xffff) throw new RangeError(`Cannot encode an element: it has ${length} bytes`);
  const first = length < 0x80 ? [] : length < 0x100 ? [0x81] : [0x82, length >> 8];
  return Buffer.concat([Buffer.of(tag, ...first, length & 0xff), content]);
}

export function encodeSequence(...elements: readonly Uint8Array[]): Buffer {
  return encodeElement(derTags.sequence, ...elements);
}

/** An INTEGER that is not negative. */
export function encodeUnsigned(value: bigint): Buffer {
  const digits = value.toString(16);
  const magnitude = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex');
  const sign = (magnitude[0] ?? 0) < 0x80 ? [] : [Buffer.of(0)];
  return encodeElement(derTags.integer, ...sign, magnitude);
}

export function encodeOid(dotted: string): Buffer {
  const [root = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [root * 40 + second, ...rest].flatMap((part) => {
    const groups = [part & 0x7f];
    for (let left = Math.floor(part / 128); left > 0; left = Math.floor(left / 128)) {
      groups.unshift((left & 0x7f) | 0x80);
    }
    return groups;
  });
  return encodeElement(derTags.oid, Buffer.from(bytes));
}

/** @param unusedBits of the last byte, which are 0 */
export function encodeBits(bytes: Uint8Array, unusedBits = 0): Buffer {
  return encodeElement(derTags.bitString, Buffer.of(unusedBits), bytes);
}

/** UTCTime until 2049, GeneralizedTime after it (RFC 5280 section 4.1.2.5). */
export function encodeTime(date: Date): Buffer {
  const digits = `${date.toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')}Z`;
  return date.getUTCFullYear() < 2050
    ? encodeElement(derTags.utcTime, Buffer.from(digits.slice(2)))
    : encodeElement(derTags.generalizedTime, Buffer.from(digits));
}
