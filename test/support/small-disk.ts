/** A small disk for a storage, which can be filled to the last byte and name. Needs root. */

import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { openStorage } from '../../src/storage/open-storage.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { run, runOk } from './processes.ts';
import { temporaryDirectory } from './temporary.ts';

export interface Disk {
  /** Of the storage. */
  readonly directory: string;
  /** Takes all space and all names. */
  fill(): void;
  free(): void;
}

/** Skips the test where nothing can be mounted. */
export async function onSmallDisk(
  context: TestContext,
  test: (storage: Storage, disk: Disk) => Promise<void>,
): Promise<void> {
  using parent = temporaryDirectory();
  const mount = parent.file('disk');
  mkdirSync(mount);
  const options = ['-t', 'tmpfs', '-o', 'size=3m,nr_inodes=2000,mode=755', 'tmpfs', mount];
  const { code } = await run('mount', options);
  if (code !== 0) return context.skip('nothing can be mounted here');
  try {
    const directory = `${mount}/storage`;
    const storage = await openStorage({ directory, uploadBytesMax: 1024 ** 3 });
    await test(storage, diskOf(directory, mount));
  } finally {
    await runOk('umount', [mount]);
  }
}

function diskOf(directory: string, mount: string): Disk {
  const filler = `${mount}/filler`;
  return {
    directory,
    fill: () => {
      mkdirSync(filler);
      const { bavail, bsize } = statfsSync(mount);
      writeFileSync(`${filler}/bytes`, Buffer.alloc(bavail * bsize));
      for (let name = 0; statfsSync(mount).ffree > 0; name += 1) {
        writeFileSync(`${filler}/${name}`, '');
      }
    },
    free: () => rmSync(filler, { recursive: true }),
  };
}
