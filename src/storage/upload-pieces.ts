/**
 * What an upload is made of: one file for each chunk, named by where it begins, and linked into the
 * directory of the upload once it is whole and on the disk. Of two who write at one place, one links; so
 * nobody holds a lock, and nobody who died holds one. An empty piece behind the last seals the upload.
 */

import { open, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { unless } from './faults.ts';

export interface Piece {
  readonly path: string;
  /** In bytes, from the beginning of the upload. */
  readonly start: number;
  readonly end: number;
}

export interface UploadState {
  /** How many bytes the upload has. */
  readonly size: number;
  readonly isSealed: boolean;
}

/** The name of the piece that begins there. */
export function pieceName(start: number): string {
  return String(start).padStart(16, '0');
}

/** The pieces in order, without the seal; undefined when there is no such upload. */
export async function readPieces(directory: string): Promise<readonly Piece[] | undefined> {
  const starts = await startsIn(directory);
  if (starts === undefined) return undefined;
  const last = starts.at(-1);
  const size = last === undefined ? undefined : await sizeOfPiece(directory, last);
  const pieces = starts.map((start, index) => ({
    path: path.join(directory, pieceName(start)),
    start,
    end: starts[index + 1] ?? start + (size ?? 0),
  }));
  return pieces.filter(({ start, end }) => end > start);
}

/**
 * How far the upload is.
 *
 * @param known a place where a piece began, and how many bytes there were when it was written: from there
 *   on the pieces are followed, and not listed
 */
export async function readState(
  directory: string,
  known: number | undefined,
): Promise<UploadState | undefined> {
  const followed = known === undefined ? undefined : await follow(directory, known);
  if (followed !== undefined) return followed;
  const starts = await startsIn(directory);
  if (starts === undefined) return undefined;
  return (await follow(directory, starts.at(-1) ?? 0)) ?? { size: 0, isSealed: false };
}

/** Undefined when no piece begins there. */
async function follow(directory: string, from: number): Promise<UploadState | undefined> {
  for (let start = from; ; ) {
    const size = await sizeOfPiece(directory, start);
    if (size === undefined) return start === from ? undefined : { size: start, isSealed: false };
    if (size === 0) return { size: start, isSealed: true };
    start += size;
  }
}

async function startsIn(directory: string): Promise<readonly number[] | undefined> {
  const names = await unless(['ENOENT'], readdir(directory));
  return names
    ?.filter((name) => /^\d{16}$/.test(name))
    .sort()
    .map(Number);
}

async function sizeOfPiece(directory: string, start: number): Promise<number | undefined> {
  return (await unless(['ENOENT'], stat(path.join(directory, pieceName(start)))))?.size;
}

/** Whether the upload has these very bytes there. */
export async function hasBytes(
  pieces: readonly Piece[],
  start: number,
  bytes: Uint8Array,
): Promise<boolean> {
  const end = start + bytes.length;
  for (const piece of pieces) {
    if (piece.end <= start || piece.start >= end) continue;
    const [from, to] = [Math.max(start, piece.start), Math.min(end, piece.end)];
    const present = await readPart(piece.path, from - piece.start, to - from);
    if (present === undefined || !present.equals(bytes.subarray(from - start, to - start))) {
      return false;
    }
  }
  return true;
}

async function readPart(
  file: string,
  position: number,
  length: number,
): Promise<Buffer | undefined> {
  await using handle = await unless(['ENOENT'], open(file));
  if (handle === undefined) return undefined;
  const buffer = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(buffer, done, length - done, position + done);
    if (bytesRead === 0) return undefined;
    done += bytesRead;
  }
  return buffer;
}
