/** Media types by file name: what repositories hold, then what mrmime knows. */

import { mimes } from 'mrmime';

/** Of what is not known. */
export const defaultMediaType = 'application/octet-stream';

/**
 * A compressed file is sent as the file that it is: a Content-Encoding would have clients unpack
 * what they have a checksum for, so none is ever sent (`primary.xml.gz` is a gzip file).
 */
const repositoryTypes: Readonly<Record<string, string>> = {
  asc: 'application/pgp-signature',
  bz2: 'application/x-bzip2',
  deb: 'application/vnd.debian.binary-package',
  drpm: 'application/x-rpm',
  gz: 'application/gzip',
  gpg: 'application/pgp-signature',
  img: 'application/octet-stream',
  iso: 'application/x-iso9660-image',
  key: 'application/pgp-keys',
  lz4: 'application/x-lz4',
  lzma: 'application/x-lzma',
  qcow2: 'application/x-qemu-disk',
  repo: 'text/plain',
  rpm: 'application/x-rpm',
  sha256: 'text/plain',
  tgz: 'application/gzip',
  treeinfo: 'text/plain',
  udeb: 'application/vnd.debian.binary-package',
  xz: 'application/x-xz',
  zck: 'application/x-zchunk',
  zst: 'application/zstd',
};

/** Files of repositories that have no extension. */
export const plainTextNames: ReadonlySet<string> = new Set([
  '.treeinfo',
  'Contents',
  'InRelease',
  'PULP_MANIFEST',
  'Packages',
  'Release',
  'SHA256SUMS',
  'Sources',
  'listing',
  'media',
  'mirrorlist',
  'rsa_pub.key',
]);

/** The media types by extension, for who serves files in our place. */
export function mediaTypesByExtension(): Readonly<Record<string, string>> {
  return { ...mimes, ...repositoryTypes };
}

/** The Content-Type of a file, by its last path segment. */
export function mediaTypeOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (plainTextNames.has(name)) return 'text/plain';
  const dot = name.lastIndexOf('.');
  if (dot === -1) return defaultMediaType;
  const extension = name.slice(dot + 1).toLowerCase();
  return ownValue(repositoryTypes, extension) ?? ownValue(mimes, extension) ?? defaultMediaType;
}

/** A file may end in `.constructor`, which every table inherits. */
function ownValue(table: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
