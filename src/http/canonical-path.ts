/**
 * The one decoder of percent-escapes in request paths. Whatever is not spelled canonically is
 * refused, never repaired: what is decided about, looked up, handed over and logged is one value.
 */

import { isAscii, isUtf8 } from 'node:buffer';
import type { CanonicalPath } from '../model.ts';

/** The longest path of a request, in bytes as they were sent, without the query. */
export const pathBytesMax = 8192;

export type CanonicalizedPath =
  | { readonly ok: true; readonly path: CanonicalPath }
  | {
      readonly ok: false;
      readonly reason: string;
      readonly tooLong?: true;
      /** The same path without its unescaped `.` segments (RFC 3986 section 5.2.4), if that is all. */
      readonly respelled?: CanonicalPath;
    };

/** What RFC 3986 lets nobody send unescaped, and what would end a line, a path or a C string. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control bytes are what it looks for.
const rawForbidden = /[\x00-\x20#\x7f]/;
const brokenEscape = /%(?![0-9A-Fa-f]{2})/;
const slashOrNulEscape = /%(?:2[Ff]|00)/;
const needsDecoding = /[%\x80-\xff]/;
const dotSegment = /\/\.\.?(?:\/|$)/;
const onlyUnreserved = /^[A-Za-z0-9\-._~/]*$/;

/**
 * Decodes the target of a request line once (RFC 3986 §2.1). The query is cut off and never read.
 *
 * Refused: anything but origin-form (RFC 9112 §3.2.1), empty segments, `.` and `..` segments in any
 * spelling, `%2F`, `%00`, broken escapes, raw control bytes, spaces and `#`. Escaped control bytes
 * and any byte from 0x80 are parts of names, valid UTF-8 or not. One slash at the end is kept: it
 * names a directory.
 *
 * @param rawTarget the bytes of the target as a latin1 string, as `request.url` of `node:http`
 */
export function canonicalizePath(rawTarget: string): CanonicalizedPath {
  const queryAt = rawTarget.indexOf('?');
  const raw = queryAt === -1 ? rawTarget : rawTarget.slice(0, queryAt);
  if (raw.length > pathBytesMax) {
    return { ok: false, reason: `the path is over ${pathBytesMax} bytes`, tooLong: true };
  }
  if (raw.charCodeAt(0) !== 0x2f) return refuse('the target does not begin with "/"');
  if (rawForbidden.test(raw)) return refuse('the path has a raw control byte, space or "#"');
  const decoded = needsDecoding.test(raw) ? decode(raw) : raw;
  if (decoded === undefined) return refuse('the path has "%2F", "%00" or a broken escape');
  if (decoded.includes('//')) return refuse('the path has an empty segment');
  if (dotSegment.test(decoded)) return refuseDotSegment(raw);
  return { ok: true, path: decoded as CanonicalPath };
}

function refuse(reason: string): CanonicalizedPath {
  return { ok: false, reason };
}

/**
 * apt asks for `/./Packages` in flat repositories, and proxies take no such segment out. The request
 * is refused as any other, but the answer may name the spelling that a client should have used; only
 * where the dot stands unescaped, which no honest client does otherwise.
 */
function refuseDotSegment(raw: string): CanonicalizedPath {
  const reason = 'the path has a "." or ".." segment';
  const without = raw.replaceAll(/\/\.(?=\/)/g, '').replace(/\/\.$/, '/');
  if (without === raw || without === '') return refuse(reason);
  const respelled = canonicalizePath(without);
  return respelled.ok ? { ok: false, reason, respelled: respelled.path } : refuse(reason);
}

function decode(raw: string): string | undefined {
  if (brokenEscape.test(raw) || slashOrNulEscape.test(raw)) return undefined;
  const bytes = Buffer.allocUnsafe(raw.length);
  let length = 0;
  for (let at = 0; at < raw.length; at += 1) {
    const byte = raw.charCodeAt(at);
    if (byte === 0x25) {
      bytes[length] = Number.parseInt(raw.slice(at + 1, at + 3), 16);
      at += 2;
    } else {
      bytes[length] = byte;
    }
    length += 1;
  }
  return pathFromBytes(bytes.subarray(0, length));
}

/**
 * Bytes as path text: UTF-8, and each byte that is not part of valid UTF-8 as a lone surrogate
 * U+DC80–U+DCFF. {@link pathToBytes} is its inverse for any bytes.
 */
export function pathFromBytes(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isAscii(buffer)) return buffer.toString('latin1');
  if (isUtf8(buffer)) return buffer.toString('utf8');
  let text = '';
  for (let at = 0; at < buffer.length; ) {
    const length = utf8SequenceLength(buffer, at);
    text +=
      length === 0
        ? String.fromCharCode(0xdc00 + (buffer[at] ?? 0))
        : buffer.toString('utf8', at, at + length);
    at += Math.max(length, 1);
  }
  return text;
}

/** The length of the valid UTF-8 sequence that begins at `at`; 0 when none does. */
function utf8SequenceLength(buffer: Buffer, at: number): number {
  const lead = buffer[at] ?? 0;
  const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  const complete = at + length <= buffer.length;
  return complete && isUtf8(buffer.subarray(at, at + length)) ? length : 0;
}

/**
 * The path without one of its segments.
 *
 * @param at where the segment begins; another follows it, or the slash at the end
 */
export function withoutSegment(path: CanonicalPath, at: number): CanonicalPath {
  return (path.slice(0, at) + path.slice(path.indexOf('/', at) + 1)) as CanonicalPath;
}

/**
 * @param path of whole segments, as one that something is served at, without a slash at its end
 * @param name one segment
 */
export function childPath(path: string, name: string): CanonicalPath {
  return `${path}/${name}` as CanonicalPath;
}

/** The bytes that path text stands for. */
export function pathToBytes(path: string): Buffer {
  if (path.isWellFormed()) return Buffer.from(path, 'utf8');
  const parts: Buffer[] = [];
  for (const character of path) {
    const code = character.charCodeAt(0);
    const isEscapedByte = character.length === 1 && code >= 0xdc80 && code <= 0xdcff;
    parts.push(isEscapedByte ? Buffer.of(code - 0xdc00) : Buffer.from(character, 'utf8'));
  }
  return Buffer.concat(parts);
}

const encodedBytes: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  const plain = byte < 0x80 && onlyUnreserved.test(character);
  return plain ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
});

/** Path text as a URL path: every byte but the unreserved ones (RFC 3986 §2.3) and `/` as %XX. */
export function encodePath(path: string): string {
  if (onlyUnreserved.test(path)) return path;
  let encoded = '';
  for (const byte of pathToBytes(path)) encoded += encodedBytes[byte];
  return encoded;
}

/**
 * The prefixes of `path` that end where a segment ends, without the slash, from the shortest to the
 * longest, at most `segmentsMax` of them: `/a`, `/a/b`, `/a/b/c` for `/a/b/c`.
 */
export function* segmentPrefixes(path: string, segmentsMax: number): Generator<string> {
  let end = 0;
  for (let count = 0; count < segmentsMax && end < path.length - 1; count += 1) {
    const next = path.indexOf('/', end + 1);
    end = next === -1 ? path.length : next;
    yield path.slice(0, end);
  }
}
