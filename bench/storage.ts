/** An upload into the storage, beside writing and hashing the same number of bytes with dd and sha256sum. */

import { runOk } from '../test/support/processes.ts';
import { temporaryDirectory } from '../test/support/temporary.ts';
import { printRow } from './rounds.ts';
import type { UploadFigures } from './storage-upload.ts';

const program = new URL('storage-upload.ts', import.meta.url).pathname;
const widths = [34, 12];

/** @param mebibytes of the upload */
export async function measureStorage(mebibytes: number): Promise<void> {
  using directory = temporaryDirectory();
  const figures = await uploadAlone(directory.file('storage'), mebibytes);
  const toolSeconds = await toolsAlone(directory.file('file'), mebibytes);
  printRow([`upload of ${mebibytes} MiB`, 'seconds'], widths);
  printRow(['chunks of 8 MiB, each synced', figures.writeSeconds.toFixed(1)], widths);
  printRow(['sealed: joined, synced, hashed', figures.sealSeconds.toFixed(1)], widths);
  printRow(['kept as an artifact', figures.keepSeconds.toFixed(2)], widths);
  printRow(['dd conv=fsync, then sha256sum', toolSeconds.toFixed(1)], widths);
  printRow(['resident at most, MiB', figures.residentMebibytes.toFixed(0)], widths);
}

/**
 * By a process of its own, which finds its code compiled, as the units of systemd have it: to compile takes
 * 20 MiB.
 */
export async function uploadAlone(directory: string, mebibytes: number): Promise<UploadFigures> {
  const env = { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? `${directory}-compiled` };
  const uploadOf = async (size: number): Promise<UploadFigures> => {
    const args = [program, `${directory}-${size}`, String(size)];
    const out = await runOk(process.execPath, args, { env, timeoutMs: 600_000 });
    return JSON.parse(out.toString()) as UploadFigures;
  };
  await uploadOf(1);
  return uploadOf(mebibytes);
}

async function toolsAlone(file: string, mebibytes: number): Promise<number> {
  const start = performance.now();
  const script = `dd if=/dev/zero of="$1" bs=1M count=${mebibytes} conv=fsync && sha256sum "$1"`;
  await runOk('sh', ['-c', script, 'sh', file], { timeoutMs: 600_000 });
  return (performance.now() - start) / 1000;
}
