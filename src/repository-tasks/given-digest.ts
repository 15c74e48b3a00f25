/** Whether a file is what its sender says that it is. */

import type { JsonObject } from '../repositories/documents.ts';
import { digestAlgorithm, hexDigest } from '../storage/digest.ts';
import type { ReceivedFile } from '../storage/storage.ts';
import { TaskFailure } from '../tasks/kind.ts';

/** The bytes are others than those that were announced. */
export const mismatchCode = 'PLP1013';

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
  const algorithm = typeof type === 'string' ? digestAlgorithm(type) : undefined;
  if (algorithm === undefined) {
    return new TaskFailure('PLP1005', 'Cannot take the upload: its checksumtype is not known');
  }
  const digest = await hexDigest(file, algorithm, signal);
  if (typeof checksum === 'string' && checksum.toLowerCase() === digest) return undefined;
  return mismatch(`its ${algorithm} is ${digest}, and another was announced`);
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
