/** Whether a file is what its sender says that it is. */

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { JsonObject } from '../repositories/documents.ts';
import type { ReceivedFile } from '../storage/storage.ts';
import { TaskFailure } from '../tasks/kind.ts';

/** The bytes are others than those that were announced. */
export const mismatchCode = 'PLP1013';

/** Names that clients give algorithms, to those of OpenSSL. */
const algorithms: Readonly<Record<string, string>> = {
  md5: 'md5',
  sha: 'sha1',
  sha1: 'sha1',
  sha224: 'sha224',
  sha256: 'sha256',
  sha384: 'sha384',
  sha512: 'sha512',
};

/**
 * Compares what the unit key, or else the metadata, says of `checksum` (of the algorithm `checksumtype`,
 * or SHA-256) and `size`. What they do not say is not compared.
 *
 * @returns why the file cannot be what was sent; undefined when it can
 */
export async function checkGivenDigest(
  file: ReceivedFile,
  given: { readonly unitKey: JsonObject; readonly unitMetadata: JsonObject },
  signal: AbortSignal,
): Promise<TaskFailure | undefined> {
  const said = (name: string) => given.unitKey[name] ?? given.unitMetadata[name] ?? undefined;
  const size = said('size');
  if (size !== undefined && Number(size) !== file.size) {
    return mismatch(`it has ${file.size} bytes, and ${shown(size)} were announced`);
  }
  const checksum = said('checksum');
  if (checksum === undefined) return undefined;
  const type = said('checksumtype') ?? 'sha256';
  const algorithm = typeof type === 'string' ? algorithms[type.toLowerCase()] : undefined;
  if (algorithm === undefined) {
    return new TaskFailure('PLP1005', 'Cannot take the upload: its checksumtype is not known');
  }
  const digest = await digestOf(file, algorithm, signal);
  if (typeof checksum === 'string' && checksum.toLowerCase() === digest) return undefined;
  return mismatch(`its ${algorithm} is ${digest}, and another was announced`);
}

async function digestOf(
  { path, sha256 }: ReceivedFile,
  algorithm: string,
  signal: AbortSignal,
): Promise<string> {
  if (algorithm === 'sha256') return sha256;
  const hash = createHash(algorithm);
  await pipeline(createReadStream(path), hash, { signal });
  return hash.digest('hex');
}

function mismatch(state: string): TaskFailure {
  return new TaskFailure(
    mismatchCode,
    `Cannot take the upload: ${state}. The upload was removed; send the file again`,
  );
}

function shown(value: JsonObject[string]): string {
  return JSON.stringify(value).slice(0, 100);
}
