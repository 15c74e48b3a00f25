/** Whether a root can be served, asked before anybody requests it. */

import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { messageOf } from '../errors.ts';

/** @returns what is wrong with it and what would be right; undefined when nothing is */
export function rootProblem(root: string): string | undefined {
  try {
    const stats = statSync(root, { throwIfNoEntry: false });
    if (stats === undefined)
      return `Cannot serve ${root}: it does not exist; create it or correct the path`;
    if (!stats.isDirectory()) return `Cannot serve ${root}: it is not a directory`;
    accessSync(root, constants.R_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return `Cannot serve ${root}: ${messageOf(error)}`;
  }
}

/** As {@link rootProblem} of a root below which trees lie that are served with no link in their paths. */
export function directoryRootProblem(root: string): string | undefined {
  const problem = rootProblem(root);
  if (problem !== undefined) return problem;
  const real = realpathSync(root);
  if (real === root) return undefined;
  return `Cannot serve what is below ${root}: it has a symbolic link in its path; name ${real}`;
}
