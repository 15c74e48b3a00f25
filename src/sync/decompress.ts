/** Takes metadata out of its compression, and no more of it than it may have (T81). */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Duplex, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGunzip, createZstdDecompress } from 'node:zlib';
import { programEnvironment } from '../repository-types/run-program.ts';
import { SyncFailure } from './failure.ts';

export type Compression = 'none' | 'gzip' | 'xz' | 'zstd' | 'bzip2';

/** How many bytes may come of each compressed one, once `ratioFreeBytes` have come. */
export const decompressionRatioMax = 400;

/** Bytes that may come of however few. */
export const ratioFreeBytes = 4_194_304;

/** Bytes of memory that a decompressor may take for its dictionary or window: 2 to the power of 27. */
const windowLogMax = 27;

const suffixes: Readonly<Record<string, Compression>> = {
  gz: 'gzip',
  xz: 'xz',
  zst: 'zstd',
  bz2: 'bzip2',
};

/** By the end of the name, as all who read yum repositories do. */
export function compressionOf(name: string): Compression {
  return suffixes[/\.([a-z0-9]+)$/.exec(name)?.[1] ?? ''] ?? 'none';
}

export interface DecompressOptions {
  /** What it is, for messages. */
  readonly document: string;
  /** Of what comes out. */
  readonly bytesMax: number;
  readonly signal: AbortSignal;
}

/** @throws SyncFailure for what is damaged, or too large, or grows too much */
export async function* decompress(
  bytes: AsyncIterable<Uint8Array>,
  compression: Compression,
  options: DecompressOptions,
): AsyncGenerator<Uint8Array> {
  const { document, bytesMax, signal } = options;
  const count = { in: 0, out: 0 };
  const counted = countBytes(bytes, (length) => {
    count.in += length;
  });
  const opened = compression === 'none' ? counted : through(counted, compression, options);
  for await (const chunk of opened) {
    count.out += chunk.length;
    if (count.out > bytesMax) {
      throw new SyncFailure(`Cannot read ${document}: it is over ${bytesMax} bytes uncompressed`);
    }
    if (count.out > ratioFreeBytes && count.out > count.in * decompressionRatioMax) {
      const why = `it grows to more than ${decompressionRatioMax} times its size`;
      throw new SyncFailure(`Cannot read ${document}: ${why}`);
    }
    signal.throwIfAborted();
    yield chunk;
  }
}

async function* countBytes(
  bytes: AsyncIterable<Uint8Array>,
  count: (length: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    count(chunk.length);
    yield chunk;
  }
}

async function* through(
  bytes: AsyncIterable<Uint8Array>,
  compression: Exclude<Compression, 'none'>,
  { document, signal }: DecompressOptions,
): AsyncGenerator<Uint8Array> {
  const ended = new AbortController();
  const any = AbortSignal.any([signal, ended.signal]);
  const { stream, finished } = openDecompressor(compression, any);
  // Its failure ends the loop below.
  const pumped = pipeline(Readable.from(bytes), stream, { signal: any }).catch(() => {});
  try {
    for await (const chunk of stream) yield chunk as Uint8Array;
    await finished;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof SyncFailure) throw error;
    throw new SyncFailure(`Cannot read ${document}: it is no whole ${compression} file`);
  } finally {
    ended.abort();
    await pumped;
  }
}

interface Decompressor {
  readonly stream: Duplex;
  /** Rejects where the stream ends and should not have. */
  readonly finished: Promise<unknown>;
}

function openDecompressor(compression: string, signal: AbortSignal): Decompressor {
  const finished = Promise.resolve();
  if (compression === 'gzip') return { stream: createGunzip(), finished };
  if (compression === 'zstd') {
    const params = { [constants.ZSTD_d_windowLogMax]: windowLogMax };
    return { stream: createZstdDecompress({ params }), finished };
  }
  const limit = [`--memlimit-decompress=${2 ** windowLogMax}`];
  return openProgram(compression, compression === 'xz' ? limit : [], signal);
}

/** The program of the same name, which takes the bytes on its standard input. */
function openProgram(program: string, limit: readonly string[], signal: AbortSignal): Decompressor {
  const child = spawn(program, ['--decompress', '--stdout', '--quiet', ...limit], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: programEnvironment(),
    signal,
  });
  const finished = once(child, 'close').then(([code]) => {
    if (code !== 0) throw new Error(`${program} ended with the status ${code}`);
  });
  finished.catch(() => {});
  return { stream: Duplex.from({ writable: child.stdin, readable: child.stdout }), finished };
}
