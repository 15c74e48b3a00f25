/**
 * The secret of a token: made, recognized, and turned into what is stored.
 *
 * What is stored is a plain SHA-256. A slow hash makes guesses dear where people choose the secret;
 * this one is drawn from 2^190, so nobody finds it from its digest, and each request has to hash it. A key
 * for the digest would have to be on every host, and would protect nothing more.
 */

import { hash, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';
import {
  tokenChecksumCharacters,
  tokenPattern,
  tokenPrefix,
  tokenRandomCharacters,
} from '../token-form.ts';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** A new one, as `pct_…` with its checksum: 42 characters that no URL and no shell escapes. */
export function newSecret(): string {
  const draw = () => alphabet[randomInt(alphabet.length)];
  const random = tokenPrefix + Array.from({ length: tokenRandomCharacters }, draw).join('');
  return random + checksumOf(random);
}

/**
 * Whether `text` could be the secret of a token at all. One that was mistyped, cut or invented has a
 * wrong checksum, so that it costs no look into the store.
 */
export function isSecretForm(text: string): boolean {
  if (!tokenPattern.test(text)) return false;
  const checksum = checksumOf(text.slice(0, -tokenChecksumCharacters));
  return text.endsWith(checksum);
}

/** What is stored of a secret: SHA-256, 64 lower-case hex digits. */
export function digestOf(secret: string): string {
  return hash('sha256', secret, 'hex');
}

/** CRC-32 in base 62. It finds slips and is no secret: scanners compute it without asking anybody. */
function checksumOf(text: string): string {
  let rest = crc32(text);
  let digits = '';
  for (let place = 0; place < tokenChecksumCharacters; place += 1) {
    digits = `${alphabet[rest % alphabet.length]}${digits}`;
    rest = Math.floor(rest / alphabet.length);
  }
  return digits;
}
