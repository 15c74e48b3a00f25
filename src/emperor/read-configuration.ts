/** The text of a vassal's file, read from what was checked. */

import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { systemReason } from '../errors.ts';
import { fileRefusal, type Regime } from './admission.ts';
import { type FileFacts, factsOf } from './file-facts.ts';

export type ReadConfiguration =
  | { readonly text: string }
  | { readonly refusal: string }
  /** It is no longer what was seen. */
  | { readonly isChanged: true };

/**
 * Opens the file once, checks what is open, and reads that: whatever is put at the path meanwhile,
 * one user's text never runs as another (T39a).
 *
 * @param seen what was decided by
 */
export function readConfiguration(
  file: string,
  seen: FileFacts,
  regime: Regime,
): ReadConfiguration {
  try {
    const descriptor = openSync(file, openFlags(regime));
    try {
      return readOpen(descriptor, seen, regime);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    return { refusal: `it cannot be read: ${systemReason(error)}` };
  }
}

/** A pipe or a terminal must neither hold the emperor up nor become its own. */
function openFlags({ isTyrant }: Regime): number {
  const { O_RDONLY, O_NONBLOCK, O_NOCTTY, O_NOFOLLOW } = constants;
  return O_RDONLY | O_NONBLOCK | O_NOCTTY | (isTyrant ? O_NOFOLLOW : 0);
}

function readOpen(descriptor: number, seen: FileFacts, regime: Regime): ReadConfiguration {
  const facts = factsOf(fstatSync(descriptor, { bigint: true }));
  if (facts.stamp !== seen.stamp) return { isChanged: true };
  const refusal = fileRefusal(facts, regime);
  if (refusal !== undefined) return { refusal };
  const bytes = Buffer.alloc(facts.sizeBytes);
  let length = 0;
  for (let read = -1; read !== 0 && length < bytes.length; length += read) {
    read = readSync(descriptor, bytes, length, bytes.length - length, null);
  }
  const { stamp } = factsOf(fstatSync(descriptor, { bigint: true }));
  if (length < bytes.length || stamp !== seen.stamp) return { isChanged: true };
  return decode(bytes);
}

function decode(bytes: Buffer): ReadConfiguration {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { refusal: 'it is not UTF-8' };
  }
}
