/** Makes the sample's directory: whole, or not at all. */

import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';

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
  if (existsSync(path.join(directory, configurationFile))) return false;
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
