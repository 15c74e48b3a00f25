/** Sets of the public keys of an issuer (JWK Set, RFC 7517), within limits. */

import { open } from 'node:fs/promises';
import { createLocalJWKSet, type JSONWebKeySet, type JWK, type JWTVerifyGetKey } from 'jose';

export const keySetBytesMax = 262_144;
export const keySetKeysMax = 100;

/** Gives the key of a token; rejects with an error of jose when none fits, or more than one. */
export type FindKey = JWTVerifyGetKey;

const publicTypes: ReadonlySet<unknown> = new Set(['RSA', 'EC', 'OKP']);

/**
 * @param text JSON
 * @throws Error with a clause when it is no such set, is empty or too large, or gives away a key that
 *   nobody may know but the issuer
 */
export function readKeySet(text: string): FindKey {
  const keys = keysIn(parse(text));
  if (keys.length > keySetKeysMax) throw new Error(`it holds over ${keySetKeysMax} keys`);
  if (keys.some((key) => Object.hasOwn(key, 'd') || Object.hasOwn(key, 'k'))) {
    throw new Error('it holds a private or secret key, with which others can make tokens');
  }
  // RFC 7517 section 5: what is not understood is left out.
  const usable = keys.filter((key) => publicTypes.has(key.kty));
  if (usable.length === 0) throw new Error('it holds no public key');
  return createLocalJWKSet({ keys: usable } satisfies JSONWebKeySet);
}

/** @throws Error that names the file */
export async function readKeySetFile(file: string): Promise<FindKey> {
  try {
    return readKeySet(await readText(file));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot use the keys in ${file}: ${reason}`, { cause: error });
  }
}

async function readText(file: string): Promise<string> {
  await using handle = await open(file);
  if (!(await handle.stat()).isFile()) throw new Error('it is not a regular file');
  const buffer = Buffer.alloc(keySetBytesMax + 1);
  const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
  if (bytesRead > keySetBytesMax) throw new Error(`it is over ${keySetBytesMax} bytes`);
  return buffer.toString('utf8', 0, bytesRead);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What the parser says repeats a part of the text.
    throw new Error('it is not JSON');
  }
}

function keysIn(set: unknown): readonly JWK[] {
  const keys = isRecord(set) ? set.keys : undefined;
  if (!Array.isArray(keys) || !keys.every(isRecord)) throw new Error('it is no set of keys');
  return keys as readonly JWK[];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
