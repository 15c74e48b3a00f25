/**
 * What seemed wrong, looked at once more: a running server changes things while all of it is read. What
 * is wrong still is told, and mended where that is asked for and safe.
 */

import { lstat } from 'node:fs/promises';
import path from 'node:path';
import { digestOfFile } from '../../storage/digest.ts';
import { unless } from '../../storage/faults.ts';
import { quarantine, relink } from '../../storage/repair.ts';
import type { Verification, Wanted } from './verification.ts';

export async function settle(verification: Verification): Promise<void> {
  for (const [sha256, wanted] of verification.wanted) {
    verification.signal.throwIfAborted();
    await settleArtifact(sha256, wanted, verification);
  }
  for (const file of verification.wrongFiles) {
    verification.signal.throwIfAborted();
    await settleFile(file, verification);
  }
  for (const sha256 of verification.unreferenced) {
    verification.signal.throwIfAborted();
    await settleUnreferenced(sha256, verification);
  }
}

async function settleArtifact(
  sha256: string,
  wanted: Wanted,
  verification: Verification,
): Promise<void> {
  const { storage, units, signal } = verification;
  if (!(await units.isArtifactReferred(sha256))) return;
  const file = storage.artifacts.pathOf(sha256);
  const present = await unless(['ENOENT'], digestOfFile(file, signal));
  if (present?.sha256 === sha256) return;
  const help = 'upload it again, or sync its repository';
  const [kind, what] =
    present === undefined
      ? (['artifact-missing', 'it is not there'] as const)
      : (['artifact-damaged', 'its bytes are not those of its digest'] as const);
  const rest = verification.isRepairing
    ? `; damaged bytes are in damaged/; ${help}`
    : `; --repair takes them from a publication that has them, or ${help}`;
  const message = `artifact ${sha256}: ${what}${wanted.source ? '' : rest}`;
  await verification.found({ kind, id: sha256, message }, async () => {
    if (wanted.inode !== undefined) await quarantine(storage.directory, sha256, wanted.inode);
    if (wanted.source === undefined) return false;
    await storage.artifacts.keep({ sha256, ...wanted.source });
    return true;
  });
}

async function settleFile(
  { publication, path: name, sha256, kind }: Verification['wrongFiles'][number],
  verification: Verification,
): Promise<void> {
  const { storage, publications } = verification;
  if ((await publications.byId(publication))?.state !== 'complete') return;
  const what = kind === 'file-missing' ? 'is not there' : 'has other bytes than it was given';
  const message = `publication ${publication}: ${name} ${what}; publish anew`;
  await verification.found({ kind, id: publication, path: name, message }, async () => {
    if ((await storage.artifacts.sizeOf(sha256)) === undefined) return false;
    if (!(await relink(storage.directory, publication, name, sha256))) return false;
    const file = path.join(storage.publications.directoryOf(publication), name);
    return (await lstat(file)).isFile() && (await digestOfFile(file)).sha256 === sha256;
  });
}

async function settleUnreferenced(sha256: string, verification: Verification): Promise<void> {
  const { storage, units } = verification;
  if (await units.isArtifactReferred(sha256)) return;
  if ((await storage.artifacts.sizeOf(sha256)) === undefined) return;
  const message = `artifact ${sha256}: no unit refers to it`;
  await verification.found({ kind: 'artifact-unreferenced', id: sha256, message }, async () => {
    await storage.artifacts.removeUnless(sha256, () => units.isArtifactReferred(sha256));
    return true;
  });
}
