/**
 * The storage, opened when somebody asks for bytes: one that is away, or has no room, refuses no start. Each
 * call tries again until it is open, so nothing has to be restarted.
 */

import type { StorageConfiguration } from '../config/configuration.ts';
import { artifactPath, publicationIdPattern, publicationsBelow } from '../storage/layout.ts';
import { openStorage } from '../storage/open-storage.ts';
import type { Artifacts, Publications, Storage, Uploads } from '../storage/storage.ts';

type Open = () => Promise<Storage>;

/** Of its calls each may throw what {@link openStorage} throws. */
export function createLateStorage({
  directory,
  uploadBytesMax,
}: Pick<StorageConfiguration, 'directory' | 'uploadBytesMax'>): Storage {
  let opening: Promise<Storage> | undefined;
  const open: Open = () => {
    opening ??= openStorage({ directory, uploadBytesMax }).catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  };
  return {
    directory,
    artifacts: lateArtifacts(directory, open),
    uploads: lateUploads(open),
    publications: latePublications(directory, open),
    workDirectory: async () => (await open()).workDirectory(),
    sweep: async (isReferred) => (await open()).sweep(isReferred),
  };
}

function lateArtifacts(directory: string, open: Open): Artifacts {
  return {
    pathOf: (sha256) => artifactPath(directory, sha256),
    sizeOf: async (sha256) => (await open()).artifacts.sizeOf(sha256),
    receive: async (bytes, options) => (await open()).artifacts.receive(bytes, options),
    keep: async (file) => (await open()).artifacts.keep(file),
    removeUnless: async (sha256, isReferred) =>
      (await open()).artifacts.removeUnless(sha256, isReferred),
    list: async function* () {
      yield* (await open()).artifacts.list();
    },
  };
}

function lateUploads(open: Open): Uploads {
  return {
    create: async (id) => (await open()).uploads.create(id),
    sizeOf: async (id) => (await open()).uploads.sizeOf(id),
    write: async (id, offset, chunk) => (await open()).uploads.write(id, offset, chunk),
    seal: async (id, signal) => (await open()).uploads.seal(id, signal),
    remove: async (id) => (await open()).uploads.remove(id),
    list: async function* () {
      yield* (await open()).uploads.list();
    },
  };
}

function latePublications(storage: string, open: Open): Publications {
  const directory = publicationsBelow(storage);
  return {
    directory,
    directoryOf: (id) => {
      if (publicationIdPattern.test(id)) return `${directory}/${id}`;
      throw new TypeError('Cannot name a publication: no 24 digits');
    },
    begin: async (id) => (await open()).publications.begin(id),
    remove: async (id) => (await open()).publications.remove(id),
    list: async function* () {
      yield* (await open()).publications.list();
    },
  };
}
