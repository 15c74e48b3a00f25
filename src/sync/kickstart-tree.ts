/** Whether a remote yum repository is the tree of an installer as well, which is not taken over. */

import type { Downloads } from './download.ts';
import { SyncFailure } from './failure.ts';

const names = ['.treeinfo', 'treeinfo'];

/** Bytes that are read of it. */
const beginBytesMax = 65_536;

/** A section that every such file has; a server may answer anything to any name. */
const treeSection = /^\[(?:general|header|tree)\]\s*$/m;

/** Said of it in the report of a sync. */
export const treeLeftOut =
  'The feed is the tree of an installer as well: its images are not taken over, and installing from what is published here is not possible.';

/** What cannot be had is not there: nothing of the sync hangs on it, so it is asked for once. */
export async function hasKickstartTree(
  { remote }: Pick<Downloads, 'remote'>,
  signal: AbortSignal,
): Promise<boolean> {
  for (const name of names) {
    try {
      const { bytes } = await remote.get(name, { offset: 0, etag: undefined }, signal);
      if (treeSection.test(await beginOf(bytes))) return true;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof SyncFailure)) throw error;
    }
  }
  return false;
}

async function beginOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of bytes) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= beginBytesMax) break;
  }
  return Buffer.concat(chunks).toString('latin1', 0, beginBytesMax);
}
