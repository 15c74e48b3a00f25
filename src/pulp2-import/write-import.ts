/** Puts an import in place: the configuration file, and the CA files beside it. */

import { randomBytes } from 'node:crypto';
import { link, lstat, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PortcullisError, systemCodeOf, systemReason } from '../errors.ts';
import { authorityDirectory } from './render.ts';

export interface WrittenImport {
  readonly text: string;
  /** PEM by the name of the file. */
  readonly authorities: ReadonlyMap<string, string>;
}

/** @throws PortcullisError FILE_UNWRITABLE when something is at the place already */
export async function refuseOverwriting(file: string): Promise<void> {
  for (const each of [file, path.join(path.dirname(file), authorityDirectory)]) {
    const isThere = await lstat(each).then(
      () => true,
      () => false,
    );
    if (isThere) throw unwritable(each, 'it is there already; --force replaces it');
  }
}

/**
 * Writes all of it beside its place first, so that what was there stays whole until the end.
 *
 * @param force replaces what is there
 * @throws PortcullisError FILE_UNWRITABLE, with everything as it was
 */
export async function writeImport(
  file: string,
  { text, authorities }: WrittenImport,
  force: boolean,
): Promise<void> {
  if (!force) await refuseOverwriting(file);
  const directory = path.join(path.dirname(file), authorityDirectory);
  const suffix = `.${randomBytes(8).toString('hex')}`;
  const [newFile, newDirectory, old] = [file, directory, `${directory}.old`].map(
    (name) => name + suffix,
  ) as [string, string, string];
  await using undo = new AsyncDisposableStack();
  try {
    undo.defer(() => rm(newDirectory, { force: true, recursive: true }));
    await mkdir(newDirectory, { mode: 0o755 });
    for (const [name, pem] of authorities) {
      await writeFile(path.join(newDirectory, name), pem, { flag: 'wx', mode: 0o644, flush: true });
    }
    undo.defer(() => rm(newFile, { force: true }));
    await writeFile(newFile, text, { flag: 'wx', mode: 0o644, flush: true });
    if (force && (await moveAway(directory, old))) undo.defer(() => rename(old, directory));
    // Without --force a directory with something in it stops here.
    await rename(newDirectory, directory);
    undo.defer(() => rm(directory, { recursive: true }));
    await (force ? rename(newFile, file) : link(newFile, file));
  } catch (error) {
    throw unwritable(file, reasonOf(error));
  }
  undo.move();
  await rm(newFile, { force: true });
  await rm(old, { force: true, recursive: true });
}

/** @returns false when there is nothing to move */
async function moveAway(directory: string, to: string): Promise<boolean> {
  try {
    await rename(directory, to);
    return true;
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

function reasonOf(error: unknown): string {
  const code = systemCodeOf(error);
  if (code === 'ENOENT') return 'there is no such directory';
  return code === 'EEXIST' || code === 'ENOTEMPTY' ? 'it is there already' : systemReason(error);
}

function unwritable(file: string, reason: string): PortcullisError {
  return new PortcullisError('FILE_UNWRITABLE', `Cannot write ${file}: ${reason}`);
}
