/** Digests that remote metadata names: which count, and whether bytes have them (T90). */

import { type DigestAlgorithm, digestAlgorithm, hexDigest } from '../storage/digest.ts';
import { SyncFailure } from './failure.ts';

export interface Digest {
  readonly algorithm: DigestAlgorithm;
  /** Lower-case hexadecimal digits. */
  readonly hex: string;
}

const hexLengths: Readonly<Record<DigestAlgorithm, number>> = {
  md5: 32,
  sha1: 40,
  sha224: 56,
  sha256: 64,
  sha384: 96,
  sha512: 128,
};

/** Whoever can choose both of two files can give them the same. */
const weakAlgorithms: readonly DigestAlgorithm[] = ['md5', 'sha1'];

/**
 * @param what whose digest it is, for messages
 * @throws SyncFailure for a digest that is none, of an unknown kind, or weak where that is not allowed
 */
export function readDigest(
  what: string,
  type: string | undefined,
  hex: string | undefined,
  areWeakAllowed: boolean,
): Digest {
  const algorithm = digestAlgorithm(type ?? '');
  const isHex = algorithm !== undefined && /^[0-9a-f]+$/i.test(hex ?? '');
  if (!isHex || hex?.length !== hexLengths[algorithm]) {
    throw new SyncFailure(`Cannot take ${what}: its metadata has no digest of a known kind`);
  }
  if (weakAlgorithms.includes(algorithm) && !areWeakAllowed) {
    throw new SyncFailure(
      `Cannot take ${what}: only its ${algorithm} is known, which can be forged; sync.weakDigests would take it`,
    );
  }
  return { algorithm, hex: hex.toLowerCase() };
}

/** Whether the bytes of the file have that digest. */
export async function hasDigest(
  file: { readonly path: string; readonly sha256: string },
  { algorithm, hex }: Digest,
  signal: AbortSignal,
): Promise<boolean> {
  return (await hexDigest(file, algorithm, signal)) === hex;
}
