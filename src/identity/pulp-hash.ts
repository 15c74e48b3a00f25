/**
 * The password hashes of Pulp 2, so that its users can come along: `salt,digest`, both in base64,
 * 8 and 32 bytes. The digest is the password after 5,000 rounds of HMAC-SHA-256, in which the result
 * so far is the key and the salt is the message. It is too cheap to guess to be kept.
 */

import { createHmac, timingSafeEqual } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';

export interface PulpHash {
  readonly salt: Uint8Array;
  readonly digest: Uint8Array;
}

const rounds = 5000;
/** Node has no such hash in its thread pool; so many rounds keep the event loop for a millisecond or two. */
const roundsAtOnce = 100;

/** The hash that `stored` spells; undefined when it is none. */
export function parsePulpHash(stored: string): PulpHash | undefined {
  const [saltText = '', digestText = '', ...rest] = stored.split(',');
  if (rest.length > 0) return undefined;
  const salt = decodeBase64(saltText, 8);
  const digest = decodeBase64(digestText, 32);
  return salt && digest && { salt, digest };
}

export async function matchesPulpHash(
  password: Uint8Array,
  { salt, digest }: PulpHash,
): Promise<boolean> {
  let result = password;
  for (let round = 0; round < rounds; round += 1) {
    if (round % roundsAtOnce === 0) await setImmediate();
    result = createHmac('sha256', result).update(salt).digest();
  }
  return timingSafeEqual(result, digest);
}

function decodeBase64(text: string, length: number): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === length && bytes.toString('base64') === text ? bytes : undefined;
}
