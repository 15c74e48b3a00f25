/** Makes the sample's directory: whole, or not at all. */

import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { systemReason } from '../../src/errors.ts';

/** The file that tells a finished directory from anything else. */
export const configurationFile = 'portcullis.yaml';

/**
 * Fills a new directory beside `directory` by `make` and renames it, so that an interrupted first
 * start, or a full disk, leaves nothing that a second start could take for whole.
 *
 * @returns false when the directory was there already
 * @throws Error with a sentence for the operator
 */
export async function makeOnce(
  directory: string,
  make: (directory: string) => Promise<void>,
): Promise<boolean> {
  if (isMade(directory)) return false;
  removeLeftovers(directory);
  const unfinished = `${directory}${unfinishedMark}${process.pid}`;
  try {
    mkdirSync(unfinished, { mode: 0o700 });
    await make(unfinished);
    renameSync(unfinished, directory);
    return true;
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    throw new Error(`Cannot make ${directory}: ${whyNot(error, directory)}`, { cause: error });
  }
}

/** What is not in the directory any more of `names`. */
export function missingFrom(directory: string, names: readonly string[]): readonly string[] {
  return names.filter((name) => !existsSync(path.join(directory, name)));
}

/** A directory of another user's, as root's after a first start as root, is no new one. */
function isMade(directory: string): boolean {
  try {
    const file = path.join(directory, configurationFile);
    return statSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    throw new Error(`Cannot look into ${directory}: ${systemReason(error)}`, { cause: error });
  }
}

const unfinishedMark = '.new-';

/** What starts that were killed left behind; another start that still runs keeps its own. */
function removeLeftovers(directory: string): void {
  const parent = path.dirname(directory);
  const prefix = `${path.basename(directory)}${unfinishedMark}`;
  for (const name of readdirSync(parent)) {
    const isLeftover = name.startsWith(prefix) && !isRunning(Number(name.slice(prefix.length)));
    if (isLeftover) rmSync(path.join(parent, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function whyNot(error: unknown, directory: string): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'ENOTDIR') {
    return `something else is there, without a ${configurationFile}; remove or rename ${directory}`;
  }
  return message;
}
