/** Fetches a file whose digest is known: what comes is that file, or nothing (T90). */

import type { Artifacts, ReceivedFile } from '../storage/storage.ts';
import { type Digest, hasDigest } from './digest.ts';
import { type Downloads, download } from './download.ts';
import { SyncFailure } from './failure.ts';

export interface WantedFile {
  /** For messages. */
  readonly what: string;
  readonly path: string;
  readonly digest: Digest;
  /** In bytes; undefined where nothing says it. */
  readonly size: number | undefined;
}

export interface FetchParts {
  readonly downloads: Downloads;
  readonly artifacts: Artifacts;
}

/** How often bytes are fetched that turn out to be others: a mirror may be in the middle of a change. */
const attemptsMax = 2;

/**
 * Disposing of the file removes it, unless it was kept meanwhile.
 *
 * @throws SyncFailure for one that is not to be had, over `bytesMax`, or not what it should be;
 *   PortcullisError STORAGE_…
 */
export async function fetchVerified(
  parts: FetchParts,
  wanted: WantedFile,
  { bytesMax, signal }: { readonly bytesMax: number; readonly signal: AbortSignal },
): Promise<ReceivedFile & AsyncDisposable> {
  const { what, size } = wanted;
  if (size !== undefined && size > bytesMax) {
    throw new SyncFailure(`Cannot take ${what}: it is over ${bytesMax} bytes`);
  }
  for (let attempt = 1; ; attempt += 1) {
    const bytes = download(parts.downloads, wanted.path, { bytesMax: size ?? bytesMax, signal });
    await using undo = new AsyncDisposableStack();
    const file = undo.use(await parts.artifacts.receive(bytes, { bytesMax, signal }));
    const problem = await problemOf(file, wanted, signal);
    if (problem === undefined) {
      const kept = undo.move();
      return { ...file, [Symbol.asyncDispose]: () => kept.disposeAsync() };
    }
    if (attempt >= attemptsMax) throw new SyncFailure(`Cannot take ${what}: ${problem}`);
  }
}

async function problemOf(
  file: ReceivedFile,
  { size, digest }: WantedFile,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (size !== undefined && file.size !== size) {
    return `it has ${file.size} bytes, and its metadata says ${size}`;
  }
  if (await hasDigest(file, digest, signal)) return undefined;
  return `its ${digest.algorithm} is another than its metadata says`;
}
