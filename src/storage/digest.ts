/** The SHA-256 of files, in bounded memory. */

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

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
  let size = 0;
  for await (const bytes of createReadStream(file, { highWaterMark: readBytes })) {
    signal?.throwIfAborted();
    hash.update(bytes);
    size += bytes.length;
  }
  return { sha256: hash.digest('hex'), size };
}
