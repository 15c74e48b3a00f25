/** Where a request body ends: by CONTENT_LENGTH, or by its chunked framing. Pure. */

import { ChunkedDecoder } from './chunked.ts';
import { UwsgiRefusal } from './refusal.ts';
import type { VariableMap } from './variables.ts';

export interface BodyDecoder {
  /** Whether the last byte of the body was taken. */
  readonly complete: boolean;
  /**
   * The body bytes in `chunk`, as views.
   *
   * @throws UwsgiRefusal also for bytes that follow the end of the body: a connection carries one
   *   request, and what follows it would be a second one to a reader that finds the end elsewhere (T70)
   */
  push(chunk: Buffer): readonly Buffer[];
}

/** More digits than a safe integer has: no length, but an attempt at an overflow. */
const lengthDigits = /^[0-9]{1,15}$/;

/**
 * A CONTENT_LENGTH that is not empty decides alone: nginx leaves HTTP_TRANSFER_ENCODING in front of a
 * body whose framing it has removed. HTTP_CONTENT_LENGTH, which a client controls, decides nothing.
 *
 * @throws UwsgiRefusal
 */
export function createBodyDecoder(variables: VariableMap, bodyBytes: number): BodyDecoder {
  const length = variables.get('CONTENT_LENGTH') ?? '';
  const coding = variables.get('HTTP_TRANSFER_ENCODING') ?? '';
  if (length !== '') return new LengthBody(parseLength(length, bodyBytes));
  if (coding === '') return new LengthBody(0);
  if (coding.toLowerCase() === 'chunked') return new ChunkedDecoder(bodyBytes);
  throw new UwsgiRefusal(
    'body-malformed',
    'Cannot read a request body: HTTP_TRANSFER_ENCODING is something else than "chunked"',
  );
}

function parseLength(text: string, bodyBytes: number): number {
  if (!lengthDigits.test(text)) {
    throw new UwsgiRefusal(
      'body-malformed',
      'Cannot read a request body: CONTENT_LENGTH is no number of at most 15 digits',
    );
  }
  const length = Number(text);
  if (length > bodyBytes) {
    throw new UwsgiRefusal(
      'body-too-large',
      `Cannot read a request body: it has ${length} bytes, the limit is ${bodyBytes}`,
    );
  }
  return length;
}

class LengthBody implements BodyDecoder {
  #remaining: number;

  constructor(length: number) {
    this.#remaining = length;
  }

  get complete(): boolean {
    return this.#remaining === 0;
  }

  push(chunk: Buffer): readonly Buffer[] {
    if (chunk.length > this.#remaining) {
      throw new UwsgiRefusal(
        'body-malformed',
        'Cannot read a request: bytes follow the end that CONTENT_LENGTH gives it',
      );
    }
    this.#remaining -= chunk.length;
    return chunk.length === 0 ? [] : [chunk];
  }
}
