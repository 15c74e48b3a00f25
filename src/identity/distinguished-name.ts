/**
 * Distinguished names (RFC 5280 section 4.1.2.4) as arrays of parsed attributes. Nothing is ever
 * found in a name by splitting its printed form (T19d).
 */

import { isAscii, isUtf8 } from 'node:buffer';
import type { NameAttribute } from '../plugin.ts';
import { DerError, DerReader, derTags, readOid, readWhole } from './der.ts';

/** The most attributes of one name. */
const nameAttributesMax = 64;

/**
 * The attributes in the order of the certificate; those of a multi-valued RDN stand side by side.
 * A value that is no text, or not valid in its own string type, is refused rather than guessed at.
 */
export function parseName(der: Uint8Array, what: string): readonly NameAttribute[] {
  const attributes: NameAttribute[] = [];
  const names = new DerReader(readWhole(der, derTags.sequence, what).content);
  while (!names.done) {
    const values = new DerReader(names.read(derTags.set, what).content);
    if (values.done) throw new DerError(`its ${what} has an empty part`);
    while (!values.done) {
      attributes.push(parseAttribute(values.read(derTags.sequence, what).content, what));
      if (attributes.length > nameAttributesMax) {
        throw new DerError(`its ${what} has more than ${nameAttributesMax} attributes`);
      }
    }
  }
  return attributes;
}

/**
 * A name for people to read, as `CN=one,O=Acme`, cut after 256 characters. Control characters and
 * the marks of the syntax are escaped as in RFC 4514. Never compare it.
 */
export function describeName(attributes: readonly NameAttribute[]): string {
  if (attributes.length === 0) return '(an empty name)';
  const text = attributes
    .map(({ oid, value }) => `${shortNames.get(oid) ?? oid}=${escapeValue(value)}`)
    .join(',');
  return text.length > 256 ? `${text.slice(0, 256).toWellFormed()}…` : text;
}

const shortNames: ReadonlyMap<string, string> = new Map([
  ['2.5.4.3', 'CN'],
  ['2.5.4.5', 'serialNumber'],
  ['2.5.4.6', 'C'],
  ['2.5.4.7', 'L'],
  ['2.5.4.8', 'ST'],
  ['2.5.4.10', 'O'],
  ['2.5.4.11', 'OU'],
  ['0.9.2342.19200300.100.1.1', 'UID'],
  ['0.9.2342.19200300.100.1.25', 'DC'],
  ['1.2.840.113549.1.9.1', 'emailAddress'],
]);

/** Besides the marks, everything that does not print or that turns the direction of writing. */
const unprintable = /[\p{C}\p{Zl}\p{Zp}]/gu;

function escapeValue(value: string): string {
  return value
    .replaceAll(/[\\,+"<>;=]/g, '\\$&')
    .replaceAll(unprintable, (character) =>
      [...Buffer.from(character)].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join(''),
    );
}

function parseAttribute(content: Uint8Array, what: string): NameAttribute {
  const reader = new DerReader(content);
  const oid = readOid(reader.read(derTags.oid, what).content, what);
  const value = reader.readAny(what);
  reader.end(what);
  const decode = textDecoders.get(value.tag);
  if (decode === undefined) throw new DerError(`its ${what} has an attribute that is no text`);
  const text = decode(value.content);
  if (text === undefined) throw new DerError(`its ${what} has an attribute that is not valid text`);
  return { oid, value: text };
}

/** By the tag of a string type, its text; undefined when the bytes are none of that type. */
export const textDecoders: ReadonlyMap<number, (content: Uint8Array) => string | undefined> =
  new Map([
    [derTags.utf8String, decodeUtf8],
    [derTags.numericString, decodeAscii],
    [derTags.printableString, decodeAscii],
    [derTags.ia5String, decodeAscii],
    // T.61 as everybody writes and reads it: ISO 8859-1.
    [derTags.teletexString, (content) => textOf(content, 'latin1')],
    [derTags.bmpString, decodeUtf16],
    [derTags.universalString, decodeUtf32],
  ]);

function decodeUtf8(content: Uint8Array): string | undefined {
  return isUtf8(content) ? textOf(content, 'utf8') : undefined;
}

function decodeAscii(content: Uint8Array): string | undefined {
  return isAscii(content) ? textOf(content, 'latin1') : undefined;
}

function decodeUtf16(content: Uint8Array): string | undefined {
  try {
    return utf16.decode(content);
  } catch {
    return undefined;
  }
}

const utf16 = new TextDecoder('utf-16be', { fatal: true, ignoreBOM: true });

function textOf({ buffer, byteOffset, length }: Uint8Array, encoding: BufferEncoding): string {
  return Buffer.from(buffer, byteOffset, length).toString(encoding);
}

function decodeUtf32(content: Uint8Array): string | undefined {
  if (content.length % 4 !== 0) return undefined;
  const view = new DataView(content.buffer, content.byteOffset, content.length);
  let text = '';
  for (let offset = 0; offset < content.length; offset += 4) {
    const point = view.getUint32(offset);
    if (point > 0x10ffff) return undefined;
    text += String.fromCodePoint(point);
  }
  return text.isWellFormed() ? text : undefined;
}
