/** Writing so that it outlives a loss of power. */

import { type FileHandle, open } from 'node:fs/promises';

/** The entries of a directory: what was linked, renamed or removed in it. */
export async function syncDirectory(directory: string): Promise<void> {
  await using handle = await open(directory, 'r');
  await handle.sync();
}

/** The bytes of a file, which gets the mode that it has from then on. */
export async function finishFile(file: string, mode: number): Promise<void> {
  await using handle = await open(file, 'r');
  await handle.chmod(mode);
  await handle.sync();
}

/** The system may take less at a time. */
export async function writeAll(
  handle: FileHandle,
  bytes: Uint8Array,
  position: number,
): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}
