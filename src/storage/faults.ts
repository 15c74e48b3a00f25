/** What the file system refuses, as errors of the storage. */

import { PortcullisError, systemCodeOf, systemReason } from '../errors.ts';

const fullCodes = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/**
 * Runs `work` on the file system.
 *
 * @param act as `keep an artifact`
 * @throws PortcullisError STORAGE_FULL or STORAGE_UNAVAILABLE for an error of the system
 */
export async function onStorage<T>(act: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw storageFault(act, error);
  }
}

/** `error` as one of the storage, if it came from the system. */
export function storageFault(act: string, error: unknown): unknown {
  const code = systemCodeOf(error);
  // Our own errors have codes as well, and so has an abort.
  if (code === undefined || error instanceof PortcullisError || !('syscall' in Object(error))) {
    return error;
  }
  return fullCodes.has(code)
    ? new PortcullisError('STORAGE_FULL', `Cannot ${act}: no space is left for the storage`, {
        cause: error,
      })
    : new PortcullisError('STORAGE_UNAVAILABLE', `Cannot ${act}: ${systemReason(error)}`, {
        cause: error,
      });
}

/** What `work` gives; undefined when the system says one of `codes`. */
export async function unless<T>(
  codes: readonly string[],
  work: Promise<T>,
): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (codes.includes(systemCodeOf(error) ?? '')) return undefined;
    throw error;
  }
}

/** Whether `work` was done; false when the system says one of `codes`. */
export async function isDone(codes: readonly string[], work: Promise<unknown>): Promise<boolean> {
  const done = work.then(() => true);
  return (await unless(codes, done)) ?? false;
}
