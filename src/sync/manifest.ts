/** Reads `PULP_MANIFEST`: a line for each file with its name, SHA-256 and size, between commas. */

import { readDigest } from './digest.ts';
import { SyncFailure } from './failure.ts';
import type { RemoteFile } from './remote-item.ts';
import { checkRemotePath, wholeNumberOf } from './remote-path.ts';
import { decodeUtf8 } from './utf8.ts';

/** @throws SyncFailure */
export function readManifest(bytes: Uint8Array): readonly RemoteFile[] {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const lines = decodeUtf8('PULP_MANIFEST', () => decoder.decode(bytes)).split(/\r?\n/);
  const files = lines.filter((line) => line !== '').map(readLine);
  const names = new Set(files.map(({ path }) => path));
  if (names.size !== files.length) {
    throw new SyncFailure('Cannot read PULP_MANIFEST: it has two lines of one name');
  }
  return files;
}

/** A name may have commas itself. */
function readLine(line: string, index: number): RemoteFile {
  const [, name, hex, length] = /^(.+),([0-9A-Fa-f]{64}),(\d+)$/.exec(line) ?? [];
  const size = wholeNumberOf(length);
  if (name === undefined || size === undefined) {
    throw new SyncFailure(
      `Cannot read PULP_MANIFEST: expected NAME,SHA256,SIZE in line ${index + 1}`,
    );
  }
  const what = `the file of line ${index + 1} of PULP_MANIFEST`;
  const path = checkRemotePath(what, unquote(name));
  if (path.includes('/')) {
    throw new SyncFailure(`Cannot take ${what}: it is in a directory, and files lie in none`);
  }
  const digest = readDigest(what, 'sha256', hex, false);
  const unitKey = { name: path, checksum: digest.hex, size };
  return { kind: 'file', type: 'iso', what, path, size, digest, unitKey };
}

/** As RFC 4180 has it, which Pulp writes for names with commas or quotes. */
function unquote(name: string): string {
  return /^".*"$/s.test(name) ? name.slice(1, -1).replaceAll('""', '"') : name;
}
