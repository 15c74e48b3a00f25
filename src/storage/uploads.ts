/** Uploads under way. */

import { link, mkdir, opendir } from 'node:fs/promises';
import path from 'node:path';
import { PortcullisError } from '../errors.ts';
import { keepNewest } from '../keep-newest.ts';
import { digestOfFile } from './digest.ts';
import { syncDirectory, writeAll } from './durable.ts';
import { isDone, onStorage, unless } from './faults.ts';
import { modes, uploadIdPattern } from './layout.ts';
import { joinPieces, sealedFile } from './seal-upload.ts';
import type { ReceivedFile, Uploads, WriteResult } from './storage.ts';
import type { Temporary, TemporaryFile } from './temporary.ts';
import {
  hasBytes,
  type Piece,
  pieceName,
  readPieces,
  readState,
  type UploadState,
} from './upload-pieces.ts';

/** Of how many uploads this process remembers the last piece. */
const rememberedMax = 1000;

export class FileUploads implements Uploads {
  readonly #directory: string;
  readonly #bytesMax: number;
  readonly #temporary: Temporary;
  /** Where the last piece that was seen begins, by the id of the upload. */
  readonly #lastPieces = new Map<string, number>();

  /** @param directory of the storage @param bytesMax of one upload */
  constructor(directory: string, bytesMax: number, temporary: Temporary) {
    this.#directory = path.join(directory, 'uploads');
    this.#bytesMax = bytesMax;
    this.#temporary = temporary;
  }

  async create(id: string): Promise<void> {
    const directory = this.#directoryOf(id);
    await onStorage('begin an upload', async () => {
      await mkdir(directory, { mode: modes.private });
      await syncDirectory(this.#directory);
    });
  }

  async sizeOf(id: string): Promise<number | undefined> {
    const state = await onStorage('look for an upload', () => this.#stateOf(id));
    return state?.size;
  }

  async write(id: string, offset: number, chunk: AsyncIterable<Uint8Array>): Promise<WriteResult> {
    const act = 'write a chunk of an upload';
    const state = await onStorage(act, () => this.#stateOf(id));
    if (state === undefined) return { outcome: 'missing' };
    if (state.isSealed) return { outcome: 'closed' };
    const { size } = state;
    if (offset > size) return { outcome: 'gap', size };
    await using file = await onStorage(act, () => this.#temporary.file());
    const received = await this.#receive(id, offset, size, chunk, file);
    if (typeof received !== 'number') return received;
    if (received === size) return { outcome: 'written', size };
    // Awaited here: the file goes with the end of this function.
    return await onStorage(act, () => this.#append(id, size, received, file));
  }

  /** @returns how far the upload is with what is in `file` */
  async #receive(
    id: string,
    offset: number,
    size: number,
    chunk: AsyncIterable<Uint8Array>,
    file: TemporaryFile,
  ): Promise<number | WriteResult> {
    const act = 'write a chunk of an upload';
    const pieces: readonly Piece[] =
      (offset < size && (await onStorage(act, () => readPieces(this.#directoryOf(id))))) || [];
    let position = offset;
    for await (const bytes of chunk) {
      if (position + bytes.length > this.#bytesMax) {
        return { outcome: 'too-large', bytesMax: this.#bytesMax };
      }
      const old = bytes.subarray(0, Math.max(0, size - position));
      if (old.length > 0 && !(await onStorage(act, () => hasBytes(pieces, position, old)))) {
        return this.#refuse(id, { outcome: 'differs', size });
      }
      const fresh = bytes.subarray(old.length);
      const at = position + old.length - size;
      await onStorage(act, () => writeAll(file.handle, fresh, at));
      position += bytes.length;
    }
    return Math.max(position, size);
  }

  async #append(
    id: string,
    start: number,
    size: number,
    file: TemporaryFile,
  ): Promise<WriteResult> {
    await file.handle.sync();
    const directory = this.#directoryOf(id);
    const name = path.join(directory, pieceName(start));
    try {
      if (!(await isDone(['EEXIST'], link(file.path, name)))) {
        return await this.#refuse(id, { outcome: 'busy' });
      }
    } catch (error) {
      if ((await this.#stateOf(id)) === undefined) return { outcome: 'missing' };
      throw error;
    }
    await syncDirectory(directory);
    keepNewest(this.#lastPieces, id, start, rememberedMax);
    return { outcome: 'written', size };
  }

  /** What became of the upload meanwhile says more than that two do not agree. */
  async #refuse(id: string, result: WriteResult): Promise<WriteResult> {
    const state = await onStorage('look for an upload', () => this.#stateOf(id));
    if (state === undefined) return { outcome: 'missing' };
    return state.isSealed ? { outcome: 'closed' } : result;
  }

  async seal(id: string, signal: AbortSignal): Promise<ReceivedFile | undefined> {
    const directory = this.#directoryOf(id);
    const file = sealedFile(directory);
    return onStorage('seal an upload', async () => {
      const size = await this.#close(id);
      if (size === undefined) return undefined;
      const joined = joinPieces(directory, signal).then(() => digestOfFile(file, signal));
      const digest = await unless(['ENOENT'], joined);
      if (digest === undefined) return undefined;
      if (digest.size !== size) throw incomplete(digest.size, size);
      return { path: file, ...digest };
    });
  }

  /** @returns how many bytes the upload has for good */
  async #close(id: string): Promise<number | undefined> {
    const directory = this.#directoryOf(id);
    await using empty = await this.#temporary.file();
    for (;;) {
      const state = await this.#stateOf(id);
      if (state === undefined || state.isSealed) return state?.size;
      const name = path.join(directory, pieceName(state.size));
      await unless(['EEXIST', 'ENOENT'], link(empty.path, name));
      await unless(['ENOENT'], syncDirectory(directory));
    }
  }

  async remove(id: string): Promise<void> {
    const directory = this.#directoryOf(id);
    this.#lastPieces.delete(id);
    await onStorage('remove an upload', () => this.#temporary.discard(directory));
  }

  async *list(): AsyncIterable<string> {
    const entries = await onStorage('list uploads', () => opendir(this.#directory));
    for await (const { name } of entries) if (uploadIdPattern.test(name)) yield name;
  }

  #stateOf(id: string): Promise<UploadState | undefined> {
    return readState(this.#directoryOf(id), this.#lastPieces.get(id));
  }

  #directoryOf(id: string): string {
    if (!uploadIdPattern.test(id)) throw new TypeError('Cannot name an upload: no 32 digits');
    return path.join(this.#directory, id);
  }
}

function incomplete(present: number, size: number): PortcullisError {
  return new PortcullisError(
    'STORAGE_UNAVAILABLE',
    `Cannot seal an upload: ${present} of its ${size} bytes are left; it has to be sent again`,
  );
}
