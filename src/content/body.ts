/** The body of a file's response: which bytes, between which frames (RFC 9110 §14.6). */

import { randomInt } from 'node:crypto';
import type { ByteRange } from '../http/ranges.ts';

/** A run of bytes of the file, with what stands before it in the body. */
export interface Part extends ByteRange {
  readonly before: string;
}

export interface Body {
  readonly parts: readonly Part[];
  /** What stands behind the last part. */
  readonly after: string;
  /** Bytes, with the frames. */
  readonly length: number;
  /** What tells the client about these parts. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Digits in a boundary: as many as in nginx's, so that lengths agree. */
const boundaryDigits = 20;

/** The body of a 200. */
export function wholeBody(size: number, contentType: string): Body {
  return {
    parts: [{ first: 0, last: size - 1, before: '' }],
    after: '',
    length: size,
    headers: { 'Content-Type': contentType, 'Accept-Ranges': 'bytes' },
  };
}

/** The body of a 206: the bytes of one range alone, or a frame around each of several. */
export function partialBody(ranges: readonly ByteRange[], size: number, contentType: string): Body {
  const [only] = ranges;
  return only !== undefined && ranges.length === 1
    ? singleRange(only, size, contentType)
    : multipleRanges(ranges, size, contentType);
}

function singleRange(range: ByteRange, size: number, contentType: string): Body {
  return {
    parts: [{ ...range, before: '' }],
    after: '',
    length: range.last - range.first + 1,
    headers: { 'Content-Type': contentType, 'Content-Range': contentRange(range, size) },
  };
}

function multipleRanges(ranges: readonly ByteRange[], size: number, contentType: string): Body {
  const boundary = newBoundary();
  const frame = `\r\n--${boundary}\r\nContent-Type: ${contentType}\r\nContent-Range: `;
  const parts = ranges.map((range) => ({
    ...range,
    before: `${frame}${contentRange(range, size)}\r\n\r\n`,
  }));
  const after = `\r\n--${boundary}--\r\n`;
  const length = parts.reduce(
    (total, part) => total + part.before.length + part.last - part.first + 1,
    after.length,
  );
  const headers = { 'Content-Type': `multipart/byteranges; boundary=${boundary}` };
  return { parts, after, length, headers };
}

function contentRange(range: ByteRange, size: number): string {
  return `bytes ${range.first}-${range.last}/${size}`;
}

/** Random, so that nobody can put a boundary into a file on purpose. */
function newBoundary(): string {
  const half = boundaryDigits / 2;
  const draw = () => String(randomInt(10 ** half)).padStart(half, '0');
  return draw() + draw();
}
