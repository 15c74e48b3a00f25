/**
 * A reader of DER (ITU-T X.690 section 10): one spelling for each value, all others refused, so
 * that two readers of one certificate never see two certificates. It walks along the structure that
 * its caller expects and never into itself, so no nesting can exhaust the stack (T83).
 */

/** The bytes are not the DER that was expected. The message is a clause for the operator. */
export class DerError extends Error {
  override readonly name = 'DerError';
}

/** Identifier octets, class and constructed bit included. */
export const derTags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8String: 0x0c,
  numericString: 0x12,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  universalString: 0x1c,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

export interface DerElement {
  readonly tag: number;
  readonly content: Uint8Array;
  /** Identifier, length and content. */
  readonly raw: Uint8Array;
}

/** Cuts out what is asked for: of most elements nobody wants both. */
class ReadElement implements DerElement {
  readonly tag: number;
  readonly #bytes: Uint8Array;
  readonly #at: number;
  readonly #start: number;
  readonly #end: number;

  constructor(tag: number, bytes: Uint8Array, at: number, start: number, end: number) {
    this.tag = tag;
    this.#bytes = bytes;
    this.#at = at;
    this.#start = start;
    this.#end = end;
  }

  get content(): Uint8Array {
    return this.#bytes.subarray(this.#start, this.#end);
  }

  get raw(): Uint8Array {
    return this.#bytes.subarray(this.#at, this.#end);
  }
}

/** The elements inside of another, taken one after the other. */
export class DerReader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#offset === this.#bytes.length;
  }

  /** The next element, which must have the tag `tag`; `what` names it in the error. */
  read(tag: number, what: string): DerElement {
    const element = this.readAny(what);
    if (element.tag !== tag) throw new DerError(`its ${what} has an unexpected ASN.1 type`);
    return element;
  }

  /** The next element when it has the tag `tag`. */
  readOptional(tag: number, what: string): DerElement | undefined {
    return this.#bytes[this.#offset] === tag ? this.read(tag, what) : undefined;
  }

  readAny(what: string): DerElement {
    const bytes = this.#bytes;
    const tag = bytes[this.#offset];
    if (tag === undefined) throw new DerError(`its ${what} is missing`);
    if ((tag & 0x1f) === 0x1f) throw new DerError(`its ${what} has an unexpected ASN.1 type`);
    const { length, start } = readLength(bytes, this.#offset + 1, what);
    const end = start + length;
    if (end > bytes.length) throw new DerError(`its ${what} is cut off`);
    const element = new ReadElement(tag, bytes, this.#offset, start, end);
    this.#offset = end;
    return element;
  }

  /** Throws when elements are left over. */
  end(what: string): void {
    if (!this.done) throw new DerError(`its ${what} holds more than it may`);
  }
}

/** The one element that fills `bytes`. */
export function readWhole(bytes: Uint8Array, tag: number, what: string): DerElement {
  const reader = new DerReader(bytes);
  const element = reader.read(tag, what);
  reader.end(what);
  return element;
}

/** Non-negative INTEGER content as its magnitude without a leading zero; empty for 0. */
export function readUnsigned(content: Uint8Array, what: string): Uint8Array {
  const [first, second] = content;
  if (first === undefined) throw new DerError(`its ${what} is empty`);
  if (first >= 0x80) throw new DerError(`its ${what} is negative`);
  if (first !== 0) return content;
  if (second !== undefined && second < 0x80) {
    throw new DerError(`its ${what} is not encoded as DER wants`);
  }
  return content.subarray(1);
}

/** A non-negative INTEGER below 2^31. */
export function readSmallInteger(content: Uint8Array, what: string): number {
  const magnitude = readUnsigned(content, what);
  if (magnitude.length > 4 || (magnitude.length === 4 && (magnitude[0] ?? 0) >= 0x80)) {
    throw new DerError(`its ${what} is too large`);
  }
  return magnitude.reduce((value, byte) => value * 256 + byte, 0);
}

export function readBoolean(content: Uint8Array, what: string): boolean {
  if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff)) {
    throw new DerError(`its ${what} is not encoded as DER wants`);
  }
  return content[0] === 0xff;
}

/** The bytes of a BIT STRING whose bits fill whole bytes, as keys and signatures do. */
export function readOctetAlignedBits(content: Uint8Array, what: string): Uint8Array {
  if (content[0] !== 0) throw new DerError(`its ${what} is not made of whole bytes`);
  return content.subarray(1);
}

/** An OBJECT IDENTIFIER in dotted form. Its parts are at most 2^53, which no real one exceeds. */
export function readOid(content: Uint8Array, what: string): string {
  const parts: number[] = [];
  let value = 0;
  let inside = false;
  for (const byte of content) {
    if (!inside && byte === 0x80) throw new DerError(`its ${what} is not encoded as DER wants`);
    value = value * 128 + (byte & 0x7f);
    if (value > Number.MAX_SAFE_INTEGER) throw new DerError(`its ${what} is too large`);
    inside = byte >= 0x80;
    if (inside) continue;
    if (parts.length === 0) {
      const root = Math.min(2, Math.floor(value / 40));
      parts.push(root, value - root * 40);
    } else {
      parts.push(value);
    }
    value = 0;
  }
  if (inside || parts.length === 0) throw new DerError(`its ${what} is cut off`);
  return parts.join('.');
}

function readLength(
  bytes: Uint8Array,
  offset: number,
  what: string,
): { readonly length: number; readonly start: number } {
  const first = bytes[offset];
  if (first === undefined) throw new DerError(`its ${what} is cut off`);
  if (first < 0x80) return { length: first, start: offset + 1 };
  const count = first & 0x7f;
  // 0 is the indefinite length of BER; four bytes would be more than 16 MiB.
  if (count === 0 || count > 3) throw new DerError(`its ${what} is not encoded as DER wants`);
  let length = 0;
  for (let index = 1; index <= count; index += 1) {
    const byte = bytes[offset + index];
    if (byte === undefined) throw new DerError(`its ${what} is cut off`);
    length = length * 256 + byte;
  }
  if (length < 0x80 || length < 256 ** (count - 1)) {
    throw new DerError(`its ${what} is not encoded as DER wants`);
  }
  return { length, start: offset + count + 1 };
}
