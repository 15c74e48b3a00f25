/** Artifacts as files named by their SHA-256. */

import { createHash } from 'node:crypto';
import { link, opendir, rename, stat, unlink } from 'node:fs/promises';
import path from 'node:path';
import { PortcullisError } from '../errors.ts';
import { finishFile, syncDirectory, writeAll } from './durable.ts';
import { isDone, onStorage, unless } from './faults.ts';
import { artifactPath, artifactPrefixes, digestPattern, modes } from './layout.ts';
import type { Artifacts, ReceivedFile } from './storage.ts';
import type { Temporary } from './temporary.ts';
import { awayName, putBack } from './trash.ts';

export class FileArtifacts implements Artifacts {
  readonly #directory: string;
  readonly #temporary: Temporary;

  /** @param directory of the storage */
  constructor(directory: string, temporary: Temporary) {
    this.#directory = directory;
    this.#temporary = temporary;
  }

  pathOf(sha256: string): string {
    return artifactPath(this.#directory, sha256);
  }

  async sizeOf(sha256: string): Promise<number | undefined> {
    const file = this.pathOf(sha256);
    return onStorage('look for an artifact', async () => {
      return (await unless(['ENOENT'], stat(file)))?.size;
    });
  }

  async receive(
    bytes: AsyncIterable<Uint8Array>,
    { bytesMax, signal }: { readonly bytesMax: number; readonly signal: AbortSignal },
  ): Promise<ReceivedFile & AsyncDisposable> {
    const act = 'receive a file';
    await using undo = new AsyncDisposableStack();
    const file = undo.use(await onStorage(act, () => this.#temporary.file()));
    const hash = createHash('sha256');
    let size = 0;
    for await (const chunk of untilAborted(bytes, signal)) {
      if (size + chunk.length > bytesMax) throw tooLarge(bytesMax);
      hash.update(chunk);
      const position = size;
      await onStorage(act, () => writeAll(file.handle, chunk, position));
      size += chunk.length;
    }
    await onStorage(act, () => file.handle.close());
    const kept = undo.move();
    return {
      path: file.path,
      sha256: hash.digest('hex'),
      size,
      [Symbol.asyncDispose]: () => kept.disposeAsync(),
    };
  }

  async keep({ path: received, sha256, size }: ReceivedFile): Promise<void> {
    const file = this.pathOf(sha256);
    await onStorage('keep an artifact', async () => {
      await finishFile(received, modes.finishedFile);
      if (!(await isDone(['EEXIST'], link(received, file))))
        await this.#replaceCut(file, received, size);
      // Also where it was there already: whoever linked it may not have come as far.
      await syncDirectory(path.dirname(file));
    });
  }

  /** Of a file of another size nothing can be believed; one of the same size is left to verify. */
  async #replaceCut(file: string, received: string, size: number): Promise<void> {
    const present = await unless(['ENOENT'], stat(file));
    if (present?.size === size) return;
    const name = await this.#temporary.newName();
    await link(received, name);
    await rename(name, file);
  }

  async removeUnless(sha256: string, isReferred: () => Promise<boolean>): Promise<number> {
    const file = this.pathOf(sha256);
    const away = path.join(this.#directory, 'trash', awayName(sha256));
    const act = 'remove an artifact';
    // So what has been referred to all along is never away, not even for a moment.
    if (await isReferred()) return 0;
    if (!(await onStorage(act, () => isDone(['ENOENT'], rename(file, away))))) return 0;
    let mayGo = false;
    try {
      mayGo = !(await isReferred());
    } finally {
      if (!mayGo) await onStorage(act, () => putBack(away, file));
    }
    if (!mayGo) return 0;
    return onStorage(act, async () => {
      const present = await unless(['ENOENT'], stat(away));
      await unless(['ENOENT'], unlink(away));
      // A publication may have it still.
      return present?.nlink === 1 ? present.size : 0;
    });
  }

  async *list(): AsyncIterable<string> {
    for (const prefix of artifactPrefixes) {
      const directory = path.join(this.#directory, 'artifacts', prefix);
      const entries = await onStorage('list artifacts', () => opendir(directory));
      for await (const { name } of entries) {
        if (digestPattern.test(prefix + name)) yield prefix + name;
      }
    }
  }
}

/** Ends with the reason of `signal`, however long the next bytes take. */
async function* untilAborted(
  bytes: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  const iterator = bytes[Symbol.asyncIterator]();
  try {
    for (;;) {
      const { done, value } = await nextUnlessAborted(iterator, signal);
      if (done) return;
      yield value;
    }
  } finally {
    // Not awaited: a stream that stalls would hold up the end as well.
    iterator.return?.().catch(() => {});
  }
}

async function nextUnlessAborted<T>(
  iterator: AsyncIterator<T>,
  signal: AbortSignal,
): Promise<IteratorResult<T>> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([iterator.next(), aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function tooLarge(bytesMax: number): PortcullisError {
  return new PortcullisError(
    'CONTENT_TOO_LARGE',
    `Cannot receive a file: it has more than ${bytesMax} bytes, which it may have at most`,
  );
}
