/** The names in the directory of the storage, and who may read what of it. */

import path from 'node:path';

/** All on one file system, because files are moved and linked between them. */
export const storageFolders = [
  'artifacts',
  'uploads',
  'publications',
  'manifests',
  'temporary',
  'trash',
  'damaged',
] as const;

/**
 * The front is in the group of Portcullis: it may go through the directory, read publications, and
 * nothing else. Artifacts have the mode of the files that publications show of them.
 */
export const modes = {
  /** Of the directory itself: the group goes through, and sees no names. */
  storage: 0o710,
  publications: 0o750,
  private: 0o700,
  /** While it is written. */
  newFile: 0o600,
  finishedFile: 0o440,
  newPublication: 0o750,
  finishedPublication: 0o550,
} as const;

/** Where all publications lie below `directory`, the setting `storage.directory`. */
export function publicationsBelow(directory: string): string {
  return path.join(directory, 'publications');
}

export const digestPattern = /^[0-9a-f]{64}$/;
export const publicationIdPattern = /^[0-9a-f]{24}$/;
export const uploadIdPattern = /^[0-9a-f]{32}$/;

/** Directories of artifacts: by the first two digits, so that none gets too large. */
export const artifactPrefixes: readonly string[] = Array.from({ length: 256 }, (_, index) =>
  index.toString(16).padStart(2, '0'),
);

/** The path of an artifact below `directory`. @throws TypeError for what is no digest */
export function artifactPath(directory: string, sha256: string): string {
  if (!digestPattern.test(sha256)) throw new TypeError('Cannot name an artifact: no SHA-256');
  return path.join(directory, 'artifacts', sha256.slice(0, 2), sha256.slice(2));
}
