/**
 * An upload in chunks, sealed and kept: by a process of its own, whose memory is that of the upload.
 *
 * Arguments: the directory of the storage, and how many mebibytes. Writes what it took, as JSON.
 */

import { openStorage } from '../src/storage/open-storage.ts';

export interface UploadFigures {
  readonly writeSeconds: number;
  readonly sealSeconds: number;
  readonly keepSeconds: number;
  /** The most at any time, of the whole process. */
  readonly residentMebibytes: number;
}

const [, , directory = '', mebibytesText = '1'] = process.argv;
const mebibyte = 1024 ** 2;
const size = Number(mebibytesText) * mebibyte;
/** As the command line sends them, each in pieces as a socket gives them. */
const chunkBytes = 8 * mebibyte;
const pieceBytes = 64 * 1024;

const { uploads, artifacts } = await openStorage({ directory, uploadBytesMax: size });
const id = '0'.repeat(32);

async function* chunkAt(offset: number): AsyncIterable<Uint8Array> {
  const end = Math.min(size, offset + chunkBytes);
  for (let at = offset; at < end; at += pieceBytes) {
    yield Buffer.alloc(Math.min(pieceBytes, end - at), at % 251);
  }
}

async function secondsOf<T>(work: () => Promise<T>): Promise<readonly [seconds: number, T]> {
  const start = performance.now();
  const result = await work();
  return [(performance.now() - start) / 1000, result];
}

const [writeSeconds] = await secondsOf(async () => {
  await uploads.create(id);
  for (let offset = 0; offset < size; offset += chunkBytes) {
    const result = await uploads.write(id, offset, chunkAt(offset));
    if (result.outcome !== 'written') throw new Error(`the chunk was refused: ${result.outcome}`);
  }
});
const [sealSeconds, file] = await secondsOf(() => uploads.seal(id, new AbortController().signal));
if (file?.size !== size) throw new Error('the upload has another size');
const [keepSeconds] = await secondsOf(() => artifacts.keep(file));
const residentMebibytes = process.resourceUsage().maxRSS / 1024;
const figures: UploadFigures = { writeSeconds, sealSeconds, keepSeconds, residentMebibytes };
console.log(JSON.stringify(figures));
