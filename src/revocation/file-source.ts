/** A file of lists. It may be replaced or written anew at any time, by whatever program. */

import { type BigIntStats, constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { systemReason } from '../errors.ts';
import { filePollSeconds, sourceBytesMax } from './limits.ts';
import { failed, type ListSource, type SourceAnswer } from './source.ts';

/** Seconds until a file that was of no use is read again unchanged: it may have been of the future. */
const retrySeconds = 30;

/** @param monotonicNow milliseconds of a clock that never jumps (T97) */
export function createFileSource(
  file: string,
  monotonicNow: () => number = () => performance.now(),
): ListSource {
  let seen: { readonly stamp: string; readonly at: number } | undefined;
  let isAccepted = false;
  return {
    name: file,
    read: async () => {
      try {
        const stamp = stampOf(await stat(file, { bigint: true }));
        if (stamp === seen?.stamp) {
          if (isAccepted) return { outcome: 'same' };
          if (monotonicNow() - seen.at < retrySeconds * 1000) return { outcome: 'waiting' };
        }
        isAccepted = false;
        const read = await readWhole(file);
        seen = 'stamp' in read ? { stamp: read.stamp, at: monotonicNow() } : undefined;
        return read.answer;
      } catch (error) {
        seen = undefined;
        return failed(systemReason(error));
      }
    },
    accept: () => {
      isAccepted = true;
    },
    pauseSeconds: () => filePollSeconds,
  };
}

/** What is different when a file is another or was written to. */
function stampOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}

/** With the stamp of what was read; without one when it has to be read again at once. */
async function readWhole(
  file: string,
): Promise<{ readonly answer: SourceAnswer; readonly stamp?: string }> {
  // Without O_NONBLOCK a FIFO would be waited for until somebody writes to it.
  await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  const stats = await handle.stat({ bigint: true });
  const stamp = stampOf(stats);
  if (!stats.isFile()) return { answer: failed('it is not a regular file'), stamp };
  if (stats.size > sourceBytesMax) {
    return { answer: failed(`it is longer than ${sourceBytesMax} bytes`), stamp };
  }
  const bytes = new Uint8Array(Number(stats.size));
  let length = 0;
  while (length < bytes.length) {
    const { bytesRead } = await handle.read(bytes, length, bytes.length - length, null);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  const isSame = stampOf(await handle.stat({ bigint: true })) === stamp;
  if (!isSame) return { answer: failed('it changed while it was read') };
  return { answer: { outcome: 'read', bytes }, stamp };
}
