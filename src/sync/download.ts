/** The bytes of one file of a feed, whatever becomes of connections in between. */

import type { SyncConfiguration } from '../config/configuration.ts';
import { Attempts } from './attempts.ts';
import { SyncFailure } from './failure.ts';
import type { Remote, RemoteBody } from './remote.ts';
import type { Throttle } from './throttle.ts';

export interface Downloads {
  readonly remote: Remote;
  readonly limits: SyncConfiguration;
  readonly throttle: Throttle | undefined;
  /** Bytes that arrived, for the progress. */
  readonly received?: (bytes: number) => void;
}

export interface DownloadOptions {
  readonly bytesMax: number;
  readonly signal: AbortSignal;
}

/**
 * Goes on where a connection broke. What is put together so is to be verified by its digest; without one,
 * use {@link downloadSmall}.
 *
 * @throws SyncFailure when it cannot be had, or is over `bytesMax`
 */
export async function* download(
  downloads: Downloads,
  path: string,
  { bytesMax, signal }: DownloadOptions,
): AsyncGenerator<Uint8Array> {
  const { limits, throttle, received } = downloads;
  const attempts = new Attempts(limits, path, signal);
  let offset = 0;
  let etag: string | undefined;
  for (;;) {
    const before = offset;
    try {
      const body = await downloads.remote.get(path, { offset, etag }, attempts.signal);
      etag ??= body.etag;
      for await (const chunk of afterOffset(body, offset)) {
        offset += chunk.length;
        if (offset > bytesMax) throw tooLarge(path, bytesMax);
        await throttle?.pass(chunk.length, attempts.signal);
        received?.(chunk.length);
        yield chunk;
      }
      return;
    } catch (error) {
      await attempts.next(error, offset > before);
    }
  }
}

/**
 * A file of which no digest is known: it is of one answer, or asked for anew.
 *
 * @throws SyncFailure when it cannot be had, or is over `bytesMax`
 */
export async function downloadSmall(
  { remote, limits }: Downloads,
  path: string,
  { bytesMax, signal }: DownloadOptions,
): Promise<Buffer> {
  const attempts = new Attempts(limits, path, signal);
  for (;;) {
    try {
      const body = await remote.get(path, { offset: 0, etag: undefined }, attempts.signal);
      return await gather(body.bytes, path, bytesMax);
    } catch (error) {
      await attempts.next(error);
    }
  }
}

async function gather(
  bytes: AsyncIterable<Uint8Array>,
  path: string,
  bytesMax: number,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of bytes) {
    length += chunk.length;
    if (length > bytesMax) throw tooLarge(path, bytesMax);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** A server that knows no ranges begins anew: what is there already is passed over. */
async function* afterOffset(body: RemoteBody, offset: number): AsyncGenerator<Uint8Array> {
  let toSkip = offset - body.offset;
  for await (const chunk of body.bytes) {
    const rest = chunk.subarray(Math.min(toSkip, chunk.length));
    toSkip -= chunk.length - rest.length;
    if (rest.length > 0) yield rest;
  }
}

function tooLarge(path: string, bytesMax: number): SyncFailure {
  return new SyncFailure(`Cannot fetch ${path}: it is over ${bytesMax} bytes`);
}
