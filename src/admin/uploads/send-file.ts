/** Sends the bytes of a file to an upload, chunk by chunk, from where the server has them on. */

import { type FileHandle, open } from 'node:fs/promises';
import { systemReason } from '../../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import type { CallApi } from '../server/call.ts';
import { fieldsOf } from '../untrusted.ts';
import type { Tracker } from './trackers.ts';

/** A call that broke off is tried again this often, from where the server then is. */
export const sendTriesMax = 5;

/**
 * @param chunkBytes of one call
 * @param onSent told how many bytes the server has
 */
export async function sendFile(
  call: CallApi,
  tracker: Tracker,
  chunkBytes: number,
  onSent: (bytes: number) => void,
): Promise<Failure | undefined> {
  const opened = await openUnchanged(tracker);
  if (opened instanceof Failure) return opened;
  await using handle = opened;
  let failure: Failure | undefined;
  for (let tries = 0; tries < sendTriesMax; tries += 1) {
    const there = await sizeOf(call, tracker.upload_id);
    if (there instanceof Failure) failure = there;
    else failure = await sendFrom(there, { call, tracker, chunkBytes, onSent, handle });
    if (failure === undefined || failure.exitCode !== exitCodes.connection) return failure;
  }
  return failure;
}

async function sendFrom(
  there: number,
  {
    call,
    tracker,
    chunkBytes,
    onSent,
    handle,
  }: {
    readonly call: CallApi;
    readonly tracker: Tracker;
    readonly chunkBytes: number;
    readonly onSent: (bytes: number) => void;
    readonly handle: FileHandle;
  },
): Promise<Failure | undefined> {
  const buffer = Buffer.allocUnsafe(chunkBytes);
  onSent(there);
  for (let offset = there; offset < tracker.size; ) {
    const { bytesRead } = await handle.read(buffer, 0, chunkBytes, offset);
    if (bytesRead === 0) return changed(tracker.file);
    const path = ['content', 'uploads', tracker.upload_id, String(offset)];
    const answer = await call({ method: 'PUT', path, bytes: buffer.subarray(0, bytesRead) });
    if (answer instanceof Failure) return answer;
    offset += bytesRead;
    onSent(offset);
  }
  return undefined;
}

/** Where to go on: a server that does not tell has nothing yet that it could be told of. */
async function sizeOf(call: CallApi, upload: string): Promise<number | Failure> {
  const answer = await call({ method: 'GET', path: ['content', 'uploads', upload] });
  if (answer instanceof Failure) return answer;
  const { size } = fieldsOf(answer.body);
  return typeof size === 'number' && Number.isSafeInteger(size) && size >= 0 ? size : 0;
}

async function openUnchanged({ file, size, modified }: Tracker): Promise<FileHandle | Failure> {
  let handle: FileHandle;
  try {
    handle = await open(file);
  } catch (error) {
    return unreadable(file, systemReason(error));
  }
  const stats = await handle.stat();
  if (stats.isFile() && stats.size === size && stats.mtimeMs === modified) return handle;
  await handle.close();
  return changed(file);
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
