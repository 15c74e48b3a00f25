/** Text of remote metadata, which has to be UTF-8. */

import { SyncFailure } from './failure.ts';

/**
 * @param document what is read, for messages
 * @param decode with a decoder that throws for anything else
 * @throws SyncFailure
 */
export function decodeUtf8(document: string, decode: () => string): string {
  try {
    return decode();
  } catch {
    throw new SyncFailure(`Cannot read ${document}: it is not in UTF-8`);
  }
}
