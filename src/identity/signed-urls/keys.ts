/** The file of the keys that sign URLs. */

import { createSecretKey, type KeyObject } from 'node:crypto';
import { unreadable } from '../read-file.ts';
import { readSecretFile } from '../secret-file.ts';

export const keysFileBytesMax = 16_384;
export const keysMax = 32;

/** The fewest and the most bytes of a key: those of a SHA-256 (RFC 2104 section 3), and of its block. */
export const keyBytesMin = 32;
export const keyBytesMax = 64;

/** How a key is called in a file and in a URL, where none of these characters needs an escape. */
export const keyIdPattern = /^[A-Za-z0-9._-]{1,64}$/;

export interface UrlKey {
  readonly id: string;
  /** In the form that signs fastest. */
  readonly secret: KeyObject;
}

/** The keys of one file, by their ids; the first one signs. */
export type UrlKeys = ReadonlyMap<string, UrlKey>;

const act = 'use the keys of signed URLs in';

/**
 * Reads a file of lines `id:key`, the key in base64, where empty lines and those that begin with `#`
 * count for nothing.
 *
 * @throws PortcullisError FILE_UNREADABLE also when others could read or exchange it (T93), or when a
 *   key is too short to be one (T55); the message names the line and never its content
 */
export async function readUrlKeys(file: string): Promise<UrlKeys> {
  const keys = new Map<string, UrlKey>();
  const text = await readSecretFile(file, keysFileBytesMax, act);
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const key = parseLine(line);
    const problem = typeof key === 'string' ? key : problemAmong(keys, key);
    if (typeof key === 'string' || problem !== undefined) {
      throw unreadable(file, act, `line ${index + 1} ${problem}`);
    }
    keys.set(key.id, key);
  }
  if (keys.size === 0) throw unreadable(file, act, 'it holds no key');
  return keys;
}

/** @returns what is wrong with the line, when it is */
function parseLine(line: string): UrlKey | string {
  const colon = line.indexOf(':');
  const id = line.slice(0, Math.max(colon, 0));
  if (!keyIdPattern.test(id)) {
    return 'has no id of 1 to 64 letters, digits, ".", "_" and "-"; it should be "id:key"';
  }
  const written = line.slice(colon + 1);
  const bytes = Buffer.from(written, 'base64');
  // Node's decoder leaves out what is no base64: a slip would make another key, and a shorter one.
  if (bytes.toString('base64') !== written) {
    return 'has no key in base64; make one with "openssl rand -base64 32"';
  }
  if (bytes.length < keyBytesMin || bytes.length > keyBytesMax) {
    return `has a key of ${bytes.length} bytes; ${keyBytesMin} to ${keyBytesMax} are right`;
  }
  return { id, secret: createSecretKey(bytes) };
}

function problemAmong(keys: UrlKeys, { id, secret }: UrlKey): string | undefined {
  if (keys.size >= keysMax) return `is over the limit of ${keysMax} keys`;
  if (keys.has(id)) return 'has the id of a line before it';
  const isKnown = [...keys.values()].some((other) => other.secret.equals(secret));
  return isKnown ? 'has the key of a line before it' : undefined;
}
