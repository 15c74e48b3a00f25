/** The SHA-256 of files, in bounded memory. */

import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

export interface Digest {
  /** 64 lower-case hexadecimal digits. */
  readonly sha256: string;
  /** In bytes. */
  readonly size: number;
}

const readBytes = 1024 * 1024;

/** @throws the reason of `signal`, or the error of the system */
export async function digestOfFile(file: string, signal?: AbortSignal): Promise<Digest> {
  const hash = createHash('sha256');
  // One for all of the file: new ones would wait for the collector, a gigabyte of them.
  const buffer = Buffer.allocUnsafe(readBytes);
  await using handle = await open(file);
  for (let size = 0; ; ) {
    signal?.throwIfAborted();
    const { bytesRead } = await handle.read(buffer, 0, readBytes, size);
    if (bytesRead === 0) return { sha256: hash.digest('hex'), size };
    hash.update(buffer.subarray(0, bytesRead));
    size += bytesRead;
  }
}
