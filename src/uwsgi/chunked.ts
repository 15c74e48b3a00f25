/**
 * Removes the chunked framing of a body (RFC 9112 §7.1), for fronts that pass it on as it came.
 *
 * Strict where leniency lets two readers disagree on the end of a message (T70): line ends are CRLF,
 * sizes are bare hexadecimal digits. Chunk extensions and trailers are skipped, both within limits.
 */

import { UwsgiRefusal } from './refusal.ts';

/** A chunk's size line with its extensions, bytes without CRLF. */
export const chunkLineBytesMax = 256;
/** The whole trailer section, bytes. */
export const trailerBytesMax = 8192;

const carriageReturn = 13;
const lineFeed = 10;

const sizeLine = /^([0-9A-Fa-f]{1,12})(?:[ \t]*;[\t -~\x80-\xff]*)?$/;
const trailerLine = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t -~\x80-\xff]*$/;

/** Pure: bytes in, bytes out. An error is final; the caller drops the decoder with the connection. */
export class ChunkedDecoder {
  readonly #bodyBytes: number;
  #state: 'size' | 'data' | 'data-end' | 'trailer' | 'complete' = 'size';
  #line = '';
  #sawCarriageReturn = false;
  /** Bytes of the current chunk that are still to come. */
  #remaining = 0;
  #total = 0;
  #trailerBytes = 0;

  /** @param bodyBytes limit of the body, bytes without the framing */
  constructor(bodyBytes: number) {
    this.#bodyBytes = bodyBytes;
  }

  get complete(): boolean {
    return this.#state === 'complete';
  }

  /**
   * Takes the next bytes and gives the pieces of body in them, as views.
   *
   * @throws UwsgiRefusal also for bytes that follow the end of the body
   */
  push(chunk: Buffer): readonly Buffer[] {
    const pieces: Buffer[] = [];
    let offset = 0;
    while (offset < chunk.length && this.#state !== 'complete') {
      if (this.#state === 'data') {
        const end = Math.min(chunk.length, offset + this.#remaining);
        pieces.push(chunk.subarray(offset, end));
        this.#remaining -= end - offset;
        offset = end;
        if (this.#remaining === 0) this.#state = 'data-end';
      } else {
        this.#takeLineByte(chunk.readUInt8(offset));
        offset += 1;
      }
    }
    if (offset < chunk.length) throw malformed('bytes follow its end');
    return pieces;
  }

  #takeLineByte(byte: number): void {
    if (this.#sawCarriageReturn) {
      if (byte !== lineFeed) throw malformed('a carriage return without a line feed');
      this.#sawCarriageReturn = false;
      const line = this.#line;
      this.#line = '';
      this.#endLine(line);
    } else if (byte === carriageReturn) {
      this.#sawCarriageReturn = true;
    } else {
      this.#line += String.fromCharCode(byte);
      this.#checkLineLength();
    }
  }

  #checkLineLength(): void {
    if (this.#state === 'data-end') throw malformed('a chunk is longer than its size');
    if (this.#state === 'size' && this.#line.length > chunkLineBytesMax) {
      throw malformed(`a chunk's size line is longer than ${chunkLineBytesMax} bytes`);
    }
    if (this.#state === 'trailer') {
      this.#trailerBytes += 1;
      if (this.#trailerBytes > trailerBytesMax) {
        throw malformed(`its trailers are longer than ${trailerBytesMax} bytes`);
      }
    }
  }

  #endLine(line: string): void {
    if (this.#state === 'data-end') {
      this.#state = 'size';
    } else if (this.#state === 'size') {
      this.#beginChunk(line);
    } else if (line === '') {
      this.#state = 'complete';
    } else if (!trailerLine.test(line)) {
      throw malformed('a trailer is not a header field');
    }
  }

  #beginChunk(line: string): void {
    const digits = sizeLine.exec(line)?.[1];
    if (digits === undefined) throw malformed('a chunk begins with no hexadecimal size');
    this.#remaining = Number.parseInt(digits, 16);
    this.#total += this.#remaining;
    if (this.#total > this.#bodyBytes) {
      throw new UwsgiRefusal(
        'body-too-large',
        `Cannot read a request body: it has more than ${this.#bodyBytes} bytes, the limit`,
      );
    }
    this.#state = this.#remaining === 0 ? 'trailer' : 'data';
  }
}

function malformed(state: string): UwsgiRefusal {
  return new UwsgiRefusal('body-malformed', `Cannot read a chunked request body: ${state}`);
}
