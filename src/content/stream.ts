/** Sending bytes from an open file, at the pace of the client. */

import type { FileHandle } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { messageOf } from '../errors.ts';
import type { Body } from './body.ts';

/** How much of a file is in memory for one download, in bytes. */
const streamChunkBytes = 65_536;

export interface Sent {
  /** Bytes of the body that were given to the connection. */
  readonly bytes: number;
  /** `aborted`: the client went away. `failed`: we broke the connection, and `detail` says why. */
  readonly outcome: 'complete' | 'aborted' | 'failed';
  readonly detail?: string;
}

/**
 * Sends `body`, whose head is written, and returns when the connection has taken it or is gone. The
 * length is promised already, so a file that became shorter or cannot be read breaks the connection:
 * a client must not take a part for the whole.
 *
 * Nothing reads from `handle` any more after the return: it may be closed.
 */
export async function streamBody(
  handle: FileHandle,
  body: Body,
  response: ServerResponse,
): Promise<Sent> {
  let bytes = 0;
  try {
    for await (const chunk of chunksOf(handle, body)) {
      if (response.destroyed) return { bytes, outcome: 'aborted' };
      bytes += chunk.length;
      if (!response.write(chunk)) await eventOrClose(response, 'drain');
    }
  } catch (error) {
    response.destroy();
    return { bytes, outcome: 'failed', detail: messageOf(error) };
  }
  if (!response.destroyed) await endResponse(response);
  return { bytes, outcome: response.writableFinished ? 'complete' : 'aborted' };
}

/** Ends a response and waits until the connection has taken all of it or is gone. */
export async function endResponse(response: ServerResponse, body?: string | Buffer): Promise<void> {
  const ended = eventOrClose(response, 'finish');
  response.end(body);
  await ended;
}

async function* chunksOf(handle: FileHandle, body: Body): AsyncGenerator<Buffer> {
  for (const part of body.parts) {
    if (part.before !== '') yield Buffer.from(part.before, 'latin1');
    for (let at = part.first; at <= part.last; ) {
      const wanted = Math.min(streamChunkBytes, part.last - at + 1);
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(wanted), 0, wanted, at);
      if (bytesRead === 0) {
        throw new Error(`Cannot send the file to its end: it was cut at byte ${at}`);
      }
      at += bytesRead;
      yield bytesRead === wanted ? buffer : buffer.subarray(0, bytesRead);
    }
  }
  if (body.after !== '') yield Buffer.from(body.after, 'latin1');
}

function eventOrClose(response: ServerResponse, event: 'drain' | 'finish'): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off(event, done);
      response.off('close', done);
      resolve();
    };
    response.on(event, done);
    response.on('close', done);
    if (response.destroyed) done();
  });
}
