/** The storage below a directory, made where it is missing. */

import { chmod, mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { FileArtifacts } from './artifacts.ts';
import { syncDirectory } from './durable.ts';
import { isDone, onStorage } from './faults.ts';
import { artifactPrefixes, modes, storageFolders } from './layout.ts';
import { tryLinks } from './probe.ts';
import { FilePublications } from './publications.ts';
import type { Storage } from './storage.ts';
import { sweepStorage } from './sweep.ts';
import { Temporary } from './temporary.ts';
import { FileUploads } from './uploads.ts';

export interface StorageOptions {
  /** Absolute; its parent has to be there. */
  readonly directory: string;
  /** Of one upload. */
  readonly uploadBytesMax: number;
}

/**
 * For who writes. Who serves publications needs {@link publicationsBelow} alone.
 *
 * @throws PortcullisError STORAGE_UNAVAILABLE, also for folders that are on several file systems or on
 *   one without hard links; STORAGE_FULL
 */
export async function openStorage({ directory, uploadBytesMax }: StorageOptions): Promise<Storage> {
  const temporary = new Temporary(directory);
  const act = `open the storage ${directory}`;
  await onStorage(act, () => makeFolders(directory));
  await tryLinks(act, directory, temporary);
  return {
    directory,
    artifacts: new FileArtifacts(directory, temporary),
    uploads: new FileUploads(directory, uploadBytesMax, temporary),
    publications: new FilePublications(directory),
    workDirectory: () => onStorage('make a directory for work', () => temporary.directory()),
    sweep: (isReferred) =>
      onStorage('sweep the storage', () => sweepStorage(directory, isReferred)),
  };
}

async function makeFolders(directory: string): Promise<void> {
  await makeFolder(directory, modes.storage);
  for (const folder of storageFolders) {
    const mode = folder === 'publications' ? modes.publications : modes.private;
    await makeFolder(path.join(directory, folder), mode);
  }
  const artifacts = path.join(directory, 'artifacts');
  const present = await readdir(artifacts);
  const missing = artifactPrefixes.filter((prefix) => !present.includes(prefix));
  await Promise.all(
    missing.map((prefix) => makeFolder(path.join(artifacts, prefix), modes.private)),
  );
  await syncDirectory(artifacts);
  await syncDirectory(directory);
}

/** One that is there keeps its mode, which an operator may have chosen. */
async function makeFolder(directory: string, mode: number): Promise<void> {
  // The umask takes away what the group needs, unless it is said anew.
  if (await isDone(['EEXIST'], mkdir(directory, { mode }))) await chmod(directory, mode);
}
