/** Digests of files, in bounded memory, and the names of their algorithms. */

import { createHash, type Hash } from 'node:crypto';
import { open } from 'node:fs/promises';

export interface Digest {
  /** 64 lower-case hexadecimal digits. */
  readonly sha256: string;
  /** In bytes. */
  readonly size: number;
}

export type DigestAlgorithm = 'md5' | 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512';

/** By the names that clients and metadata give them; `sha` is what yum called SHA-1. */
export const digestAlgorithms: Readonly<Record<string, DigestAlgorithm>> = {
  md5: 'md5',
  sha: 'sha1',
  sha1: 'sha1',
  sha224: 'sha224',
  sha256: 'sha256',
  sha384: 'sha384',
  sha512: 'sha512',
};

/** In small or capital letters; undefined for a name that none has. */
export function digestAlgorithm(name: string): DigestAlgorithm | undefined {
  const known = name.toLowerCase();
  return Object.hasOwn(digestAlgorithms, known) ? digestAlgorithms[known] : undefined;
}

const readBytes = 1024 * 1024;

/** @throws the reason of `signal`, or the error of the system */
export async function digestOfFile(file: string, signal?: AbortSignal): Promise<Digest> {
  const hash = createHash('sha256');
  const size = await addFile(hash, file, signal);
  return { sha256: hash.digest('hex'), size };
}

/**
 * The digest of a file whose SHA-256 is known, in hexadecimal digits; only another algorithm reads it.
 *
 * @throws the reason of `signal`, or the error of the system
 */
export async function hexDigest(
  file: { readonly path: string; readonly sha256: string },
  algorithm: DigestAlgorithm,
  signal: AbortSignal,
): Promise<string> {
  if (algorithm === 'sha256') return file.sha256;
  const hash = createHash(algorithm);
  await addFile(hash, file.path, signal);
  return hash.digest('hex');
}

/** @returns its size in bytes */
async function addFile(hash: Hash, file: string, signal?: AbortSignal): Promise<number> {
  // One for all of the file: new ones would wait for the collector, a gigabyte of them.
  const buffer = Buffer.allocUnsafe(readBytes);
  await using handle = await open(file);
  for (let size = 0; ; ) {
    signal?.throwIfAborted();
    const { bytesRead } = await handle.read(buffer, 0, readBytes, size);
    if (bytesRead === 0) return size;
    hash.update(buffer.subarray(0, bytesRead));
    size += bytesRead;
  }
}
