/** The first part of a version 3 payload: the words that its paths are made of, compressed. */

import { isUtf8 } from 'node:buffer';
import { inflateSync } from 'node:zlib';
import { systemCodeOf } from '../errors.ts';
import type { EntitlementLimits } from './limits.ts';
import { PayloadError } from './payload-error.ts';
import { isWholeVariable } from './segment.ts';

export interface PayloadWords {
  /** In the order of the payload, in which they weigh ever more. */
  readonly words: readonly string[];
  /** What comes behind the compressed part. */
  readonly rest: Uint8Array;
}

/** @throws PayloadError */
export function readWords(payload: Uint8Array, limits: EntitlementLimits): PayloadWords {
  const { inflated, rest } = inflate(payload, limits);
  if (!isUtf8(inflated)) throw new PayloadError('a word of its payload is not UTF-8');
  const words = inflated.toString('utf8').split('\0');
  if (words.pop() !== '') throw new PayloadError('the last word of its payload has no end');
  if (words.length > limits.wordsMax) {
    throw new PayloadError(`its payload has more than ${limits.wordsMax} words`);
  }
  if (words.length === 0) throw new PayloadError('its payload has no words');
  for (const word of words) {
    const problem = wordProblem(word);
    if (problem !== undefined) throw new PayloadError(`a word of its payload ${problem}`);
  }
  if (new Set(words).size < words.length) {
    throw new PayloadError('its payload lists a word twice');
  }
  return { words, rest };
}

function inflate(
  payload: Uint8Array,
  { inflatedBytesMax }: EntitlementLimits,
): { readonly inflated: Buffer; readonly rest: Uint8Array } {
  try {
    const options = { info: true, maxOutputLength: inflatedBytesMax };
    // With `info` it says how much of the input was the compressed part, which its type omits.
    const { buffer, engine } = inflateSync(payload, options) as unknown as {
      readonly buffer: Buffer;
      readonly engine: { readonly bytesWritten: number };
    };
    return { inflated: buffer, rest: payload.subarray(engine.bytesWritten) };
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === 'ERR_BUFFER_TOO_LARGE') {
      throw new PayloadError(`the words of its payload are over ${inflatedBytesMax} bytes long`);
    }
    if (code?.startsWith('Z_') !== true) throw error;
    throw new PayloadError('the words of its payload are damaged or cut off');
  }
}

/**
 * No canonical path has a segment of the first kinds, and two readers may take them differently. A
 * variable that is only a part of a word is none of the format (T46).
 */
function wordProblem(word: string): string | undefined {
  if (word === '') return 'is empty';
  if (word === '.' || word === '..') return 'is a step between directories';
  if (word.includes('/')) return 'has a slash';
  if (/\p{Cc}/u.test(word)) return 'has a control character';
  if (word.includes('$') && !isWholeVariable(word)) return 'has a "$" that makes no variable';
  return undefined;
}
