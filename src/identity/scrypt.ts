/** scrypt (RFC 7914), with its parameters beside the hash in the PHC string format. */

import { type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

/** The block size, r, is 8 in all that is made and read here. */
export interface ScryptCost {
  /** log2 of N, the number of blocks: one hash takes 2^logN KiB of memory while it is computed. */
  readonly logN: number;
  /** How many times the whole is done. */
  readonly p: number;
}

export interface ScryptHash extends ScryptCost {
  readonly salt: Uint8Array;
  readonly digest: Uint8Array;
}

/**
 * 32 MiB and 150 to 300 ms of a core: one of the equal choices of the OWASP Password Storage
 * Cheat Sheet, and the one of most memory that many logins at once may still take.
 */
export const scryptCostDefault: ScryptCost = Object.freeze({ logN: 15, p: 3 });

/** What may stand in a stored hash; more would let few logins take all the memory there is. */
export const scryptLimits = Object.freeze({ logNMin: 10, logNMax: 18, pMax: 16 });

export const scryptSaltBytes = 16;
const digestBytes = 32;
const blockSize = 8;

/** The hash that `stored` spells; undefined when it is none, or one beyond {@link scryptLimits}. */
export function parseScryptHash(stored: string): ScryptHash | undefined {
  const match = /^\$scrypt\$ln=(\d{2}),r=8,p=([1-9]\d?)\$([\w+/]{22})\$([\w+/]{43})$/.exec(stored);
  if (match === null) return undefined;
  const [, logNText = '', pText = '', saltText = '', digestText = ''] = match;
  const [logN, p] = [Number(logNText), Number(pText)];
  if (logN < scryptLimits.logNMin || logN > scryptLimits.logNMax || p > scryptLimits.pMax) {
    return undefined;
  }
  const hash = {
    logN,
    p,
    salt: Buffer.from(saltText, 'base64'),
    digest: Buffer.from(digestText, 'base64'),
  };
  return formatScryptHash(hash) === stored ? hash : undefined;
}

/** As `$scrypt$ln=15,r=8,p=3$salt$digest`, in base64 without padding. */
export function formatScryptHash({ logN, p, salt, digest }: ScryptHash): string {
  const [saltText, digestText] = [salt, digest].map((bytes) =>
    Buffer.from(bytes).toString('base64').replaceAll('=', ''),
  );
  return `$scrypt$ln=${logN},r=${blockSize},p=${p}$${saltText}$${digestText}`;
}

/** Computes one digest in libuv's thread pool. */
export function scryptDigest(
  password: Uint8Array,
  salt: Uint8Array,
  { logN, p }: ScryptCost,
): Promise<Buffer> {
  const N = 2 ** logN;
  // What scrypt needs is 128 r (N + p), and little more.
  const maxmem = 128 * blockSize * (N + p) + 64 * 1024;
  return derive(password, salt, digestBytes, { N, r: blockSize, p, maxmem });
}

export async function matchesScryptHash(password: Uint8Array, hash: ScryptHash): Promise<boolean> {
  return timingSafeEqual(await scryptDigest(password, hash.salt, hash), hash.digest);
}

/** Time that a hash takes, in blocks. */
export function scryptWork({ logN, p }: ScryptCost): number {
  return p * 2 ** logN;
}

const derive: (
  password: Uint8Array,
  salt: Uint8Array,
  length: number,
  options: ScryptOptions,
) => Promise<Buffer> = promisify(scrypt);
