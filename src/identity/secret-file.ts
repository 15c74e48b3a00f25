/** Reading files that nobody else may exchange: of secrets, which nobody else may read either (T93), and of trust. */

import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { systemReason } from '../errors.ts';
import { readTextFile, unreadable } from './read-file.ts';

/**
 * The text of a file that belongs to this user or to root, that others can neither read nor write
 * and its group cannot write, in a directory where not everybody may put another in its place.
 *
 * @param act as of {@link readTextFile}, which says what else is refused
 * @throws PortcullisError FILE_UNREADABLE
 */
export async function readSecretFile(file: string, bytesMax: number, act: string): Promise<string> {
  const problem = directoryProblem(await directoryOf(file, act));
  if (problem !== undefined) throw unreadable(file, act, problem);
  return readTextFile(file, bytesMax, act, secretProblem);
}

/**
 * The text of a file that everybody may read and its owner alone may write, in a directory where not
 * everybody may put another in its place: whoever could add a CA to it would be anybody.
 *
 * @param act as of {@link readTextFile}, which says what else is refused
 * @throws PortcullisError FILE_UNREADABLE
 */
export async function readTrustedFile(
  file: string,
  bytesMax: number,
  act: string,
): Promise<string> {
  const problem = directoryProblem(await directoryOf(file, act));
  if (problem !== undefined) throw unreadable(file, act, problem);
  return readTextFile(file, bytesMax, act, writersProblem);
}

function writersProblem({ mode }: Stats): string | undefined {
  if ((mode & 0o022) === 0) return undefined;
  return `its mode is ${permissionsOf(mode)}, by which others may change it; 0644 is right`;
}

/** A group may read the file, because an operator can mean that; it is never made so. */
function secretProblem({ mode, uid }: Stats): string | undefined {
  if ((mode & 0o027) !== 0) {
    return `its mode is ${permissionsOf(mode)}, by which others may read or change it; 0600 is right`;
  }
  return uid === 0 || uid === process.geteuid?.()
    ? undefined
    : 'it belongs to another user, who could exchange it; it should belong to this one';
}

function permissionsOf(mode: number): string {
  return (mode & 0o777).toString(8).padStart(4, '0');
}

/** In a directory where everybody may write, everybody may put other files in place of these. */
function directoryProblem({ mode }: Stats): string | undefined {
  const isOpen = (mode & 0o002) !== 0 && (mode & 0o1000) === 0;
  return isOpen ? 'everybody may write in its directory; take that away from others' : undefined;
}

async function directoryOf(file: string, act: string): Promise<Stats> {
  try {
    return await stat(path.dirname(file));
  } catch (error) {
    throw unreadable(file, act, systemReason(error));
  }
}
