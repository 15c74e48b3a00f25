/**
 * Makes one file of the pieces of a sealed upload. Several may do it at once, and it goes on after a stop:
 * everybody writes the same bytes to the same places, and a piece goes once its bytes are on the disk.
 */

import { type FileHandle, open, unlink } from 'node:fs/promises';
import path from 'node:path';
import { finishFile, syncDirectory, writeAll } from './durable.ts';
import { unless } from './faults.ts';
import { modes } from './layout.ts';
import { type Piece, readPieces } from './upload-pieces.ts';

/** So much is there twice at most, besides a piece that is larger itself. */
const batchBytes = 64 * 1024 * 1024;
const copyBytes = 1024 * 1024;

export function sealedFile(directory: string): string {
  return path.join(directory, 'sealed');
}

/** @throws ENOENT when the upload is removed meanwhile, the reason of `signal` */
export async function joinPieces(directory: string, signal: AbortSignal): Promise<void> {
  const file = sealedFile(directory);
  // Before the pieces are read: the file is read-only once they are all in it.
  const target = await unless(['EACCES'], openTarget(file));
  if (target === undefined) return;
  {
    await using handle = target;
    const buffer = Buffer.allocUnsafe(copyBytes);
    for (const batch of batchesOf((await readPieces(directory)) ?? [])) {
      for (const piece of batch) await copyPiece(piece, handle, buffer, signal);
      await handle.datasync();
      for (const piece of batch) await unless(['ENOENT'], unlink(piece.path));
    }
  }
  await finishFile(file, modes.finishedFile);
  await syncDirectory(directory);
}

async function openTarget(file: string): Promise<FileHandle> {
  const created = await unless(['EEXIST'], open(file, 'wx+', modes.newFile));
  return created ?? open(file, 'r+');
}

function* batchesOf(pieces: readonly Piece[]): Iterable<readonly Piece[]> {
  let batch: Piece[] = [];
  let bytes = 0;
  for (const piece of pieces) {
    batch.push(piece);
    bytes += piece.end - piece.start;
    if (bytes < batchBytes) continue;
    yield batch;
    [batch, bytes] = [[], 0];
  }
  if (batch.length > 0) yield batch;
}

/** A piece that is gone has its bytes in the file. */
async function copyPiece(
  piece: Piece,
  target: FileHandle,
  buffer: Buffer,
  signal: AbortSignal,
): Promise<void> {
  await using source = await unless(['ENOENT'], open(piece.path));
  if (source === undefined) return;
  for (let position = piece.start; position < piece.end; ) {
    signal.throwIfAborted();
    const { bytesRead } = await source.read(buffer, 0, copyBytes, position - piece.start);
    // Where the next piece begins is not where this one ends when those between them are gone.
    if (bytesRead === 0) return;
    await writeAll(target, buffer.subarray(0, bytesRead), position);
    position += bytesRead;
  }
}
