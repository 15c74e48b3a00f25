/** The files of one publication, against its manifest. */

import { lstat, opendir, stat } from 'node:fs/promises';
import path from 'node:path';
import { digestOfFile } from '../../storage/digest.ts';
import { unless } from '../../storage/faults.ts';
import { type ManifestEntry, openManifest } from '../../storage/manifest.ts';
import type { Verification } from './verification.ts';

export async function verifyFiles(id: string, verification: Verification): Promise<void> {
  const { storage } = verification;
  const manifest = await openManifest(storage.directory, id);
  if (manifest === undefined) return reportUnlisted(id, verification);
  const listed = new Set<string>();
  for await (const entry of manifest) {
    verification.count('files');
    listed.add(entry.path);
    const problem = await problemOf(id, entry, verification);
    if (problem !== undefined) {
      verification.wrongFiles.push({ publication: id, ...entry, kind: problem });
    }
  }
  for await (const name of filesBelow(storage.publications.directoryOf(id), '')) {
    if (listed.has(name)) continue;
    const message = `publication ${id}: ${name} does not belong there; publish anew`;
    await verification.found({ kind: 'file-unexpected', id, path: name, message });
  }
}

async function problemOf(
  id: string,
  { path: name, sha256 }: ManifestEntry,
  { storage, wanted, signal }: Verification,
): Promise<'file-missing' | 'file-changed' | undefined> {
  const file = path.join(storage.publications.directoryOf(id), name);
  const stats = await unless(['ENOENT', 'ENOTDIR'], lstat(file));
  if (stats === undefined) return 'file-missing';
  if (!stats.isFile()) return 'file-changed';
  const lacking = wanted.get(sha256);
  if (lacking?.inode === stats.ino) return 'file-changed';
  const artifact = await unless(['ENOENT'], stat(storage.artifacts.pathOf(sha256)));
  // Its bytes were read as those of the artifact.
  if (lacking === undefined && artifact?.ino === stats.ino) return undefined;
  const digest = await unless(['ENOENT'], digestOfFile(file, signal));
  if (digest?.sha256 !== sha256) return 'file-changed';
  if (lacking !== undefined) lacking.source = { path: file, size: digest.size };
  return undefined;
}

/** Paths relative to `root`, of whatever is no directory. */
async function* filesBelow(root: string, within: string): AsyncIterable<string> {
  const entries = await unless(['ENOENT'], opendir(path.join(root, within)));
  if (entries === undefined) return;
  for await (const entry of entries) {
    const name = within === '' ? entry.name : `${within}/${entry.name}`;
    if (entry.isDirectory()) yield* filesBelow(root, name);
    else yield name;
  }
}

function reportUnlisted(id: string, verification: Verification): Promise<void> {
  const message = `publication ${id}: its manifest is not there, so that its files cannot be told; publish anew`;
  return verification.found({ kind: 'publication-unlisted', id, message });
}
