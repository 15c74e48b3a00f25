/** Sends the bytes of a file to an upload, chunk by chunk, from where the server has them on. */

import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemReason } from '../../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import type { CallApi } from '../server/call.ts';
import { fieldsOf } from '../untrusted.ts';
import type { Tracker } from './trackers.ts';

/** Between two tries after a call broke off, in milliseconds: time enough for a server that starts anew. */
export const sendPausesMs: readonly number[] = [100, 500, 2000, 5000, 10_000];

export interface SendOptions {
  /** Of one call. */
  readonly chunkBytes: number;
  /** Told how many bytes the server has. */
  readonly onSent: (bytes: number) => void;
  readonly pausesMs?: readonly number[];
}

/**
 * Whole once it gives undefined. A call that broke off is made again, from where the server then is; the pauses
 * begin anew with each chunk that arrives.
 */
export async function sendFile(
  call: CallApi,
  tracker: Tracker,
  { chunkBytes, onSent, pausesMs = sendPausesMs }: SendOptions,
): Promise<Failure | undefined> {
  const opened = await openUnchanged(tracker);
  if (opened instanceof Failure) return opened;
  await using handle = opened;
  let sentMost = 0;
  const pauses = [...pausesMs];
  const arrived = (bytes: number): void => {
    if (bytes > sentMost) pauses.splice(0, pauses.length, ...pausesMs);
    sentMost = Math.max(sentMost, bytes);
    onSent(bytes);
  };
  for (;;) {
    const there = await sizeOf(call, tracker);
    const failure =
      there instanceof Failure
        ? there
        : await sendFrom(there, { call, tracker, chunkBytes, arrived, handle });
    if (failure === undefined || !isPassing(failure)) return failure;
    const pause = pauses.shift();
    if (pause === undefined) return failure;
    await sleep(pause);
  }
}

/** The call before may still be written, and a server that starts anew is there again in a moment. */
function isPassing({ exitCode, kind }: Failure): boolean {
  const isConnection = exitCode === exitCodes.connection || exitCode === exitCodes.unreachable;
  return isConnection || kind === 'conflict' || kind === 'away';
}

interface Sending {
  readonly call: CallApi;
  readonly tracker: Tracker;
  readonly chunkBytes: number;
  readonly arrived: (bytes: number) => void;
  readonly handle: FileHandle;
}

async function sendFrom(
  there: number,
  { call, tracker, chunkBytes, arrived, handle }: Sending,
): Promise<Failure | undefined> {
  const { file, size, upload_id: upload } = tracker;
  const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, Math.max(1, size)));
  arrived(there);
  for (let offset = there; offset < size; ) {
    const wanted = Math.min(buffer.length, size - offset);
    const { bytesRead } = await handle.read(buffer, 0, wanted, offset);
    if (bytesRead === 0) return changed(file);
    const path = ['content', 'uploads', upload, String(offset)];
    const answer = await call({ method: 'PUT', path, bytes: buffer.subarray(0, bytesRead) });
    if (answer instanceof Failure) return answer;
    offset += bytesRead;
    arrived(offset);
  }
  return (await isUnchanged(handle, tracker)) ? undefined : changed(file);
}

/** Where to go on. */
async function sizeOf(call: CallApi, tracker: Tracker): Promise<number | Failure> {
  const answer = await call({ method: 'GET', path: ['content', 'uploads', tracker.upload_id] });
  if (answer instanceof Failure) return answer;
  const { size } = fieldsOf(answer.body);
  const isSize = typeof size === 'number' && Number.isSafeInteger(size) && size >= 0;
  if (isSize && size <= tracker.size) return size;
  const have = isSize ? `${size} bytes` : 'no size';
  return new Failure({
    title: 'Upload',
    lines: [
      `Cannot go on with the upload of ${tracker.file}: the server has ${have} of its ${tracker.size} bytes.`,
      'Give it up with `uploads cancel`, and upload the file anew.',
    ],
    exitCode: exitCodes.software,
  });
}

async function openUnchanged(tracker: Tracker): Promise<FileHandle | Failure> {
  const { file } = tracker;
  let handle: FileHandle;
  try {
    // Without O_NONBLOCK a FIFO that took its place would be waited for.
    handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    return unreadable(file, systemReason(error));
  }
  if (await isUnchanged(handle, tracker)) return handle;
  await handle.close();
  return changed(file);
}

async function isUnchanged(handle: FileHandle, { size, modified }: Tracker): Promise<boolean> {
  const stats = await handle.stat();
  return stats.isFile() && stats.size === size && stats.mtimeMs === modified;
}

function changed(file: string): Failure {
  return unreadable(file, 'it is not the file any more that the upload began with');
}

function unreadable(file: string, reason: string): Failure {
  return new Failure({
    title: 'File',
    lines: [`Cannot upload ${file}: ${reason}.`],
    exitCode: exitCodes.noInput,
  });
}
