/** Which RSA keys are accepted (T19a), before any of their numbers is computed with. */

import type { PublicKeyInfo } from './certificate.ts';
import { DerError, DerReader, derTags, readUnsigned, readWhole } from './der.ts';

export const rsaBitsMin = 2048;
/** Above it, one signature check costs more than a client may ask for. */
export const rsaBitsMax = 8192;
/** Public exponents have at most this many bits, as 65537 has, for the same reason. */
export const rsaExponentBitsMax = 17;

/** What is wrong with the public key, as a clause; undefined when it is accepted. */
export function rsaProblem(publicKey: PublicKeyInfo): string | undefined {
  if (Buffer.from(publicKey.parameters).toString('hex') !== '0500') {
    return 'its RSA key has parameters, and should have none';
  }
  try {
    const { modulus, exponent } = readRsaKey(publicKey.key);
    const bits = bitLength(modulus);
    if (bits < rsaBitsMin || bits > rsaBitsMax) {
      return `its RSA key has ${bits} bits; accepted are ${rsaBitsMin} to ${rsaBitsMax}`;
    }
    if (!isOdd(modulus) || !isOdd(exponent)) return 'its RSA key is even';
    if (bitLength(exponent) < 2 || bitLength(exponent) > rsaExponentBitsMax) {
      return `its RSA key has an exponent that is below 3 or longer than ${rsaExponentBitsMax} bits`;
    }
    return undefined;
  } catch (error) {
    if (error instanceof DerError) return error.message;
    throw error;
  }
}

/** RFC 8017 appendix A.1.1. */
function readRsaKey(key: Uint8Array): {
  readonly modulus: Uint8Array;
  readonly exponent: Uint8Array;
} {
  const what = 'RSA key';
  const reader = new DerReader(readWhole(key, derTags.sequence, what).content);
  const modulus = readUnsigned(reader.read(derTags.integer, what).content, what);
  const exponent = readUnsigned(reader.read(derTags.integer, what).content, what);
  reader.end(what);
  return { modulus, exponent };
}

/** @param magnitude big-endian without leading zeros */
function bitLength(magnitude: Uint8Array): number {
  const first = magnitude[0] ?? 0;
  return magnitude.length * 8 - (first === 0 ? 8 : Math.clz32(first) - 24);
}

function isOdd(magnitude: Uint8Array): boolean {
  return ((magnitude.at(-1) ?? 0) & 1) === 1;
}
