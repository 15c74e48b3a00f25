/** Which of the programs that types of repositories need are there. */

import { access, constants } from 'node:fs/promises';
import path from 'node:path';
import { PortcullisError } from '../errors.ts';
import type { ProgramNeed } from './repository-type.ts';
import { programPath } from './run-program.ts';

/** Those of `needs` that are on no directory of the PATH. */
export async function missingPrograms(
  needs: readonly ProgramNeed[],
): Promise<readonly ProgramNeed[]> {
  const directories = programPath()
    .split(path.delimiter)
    .filter((directory) => directory !== '');
  const missing: ProgramNeed[] = [];
  for (const need of needs) {
    const isThere = await Promise.any(
      directories.map((directory) => access(path.join(directory, need.program), constants.X_OK)),
    ).then(
      () => true,
      () => false,
    );
    if (!isThere) missing.push(need);
  }
  return missing;
}

/** One sentence for the operator. */
export function missingProgramText({ program, packages }: ProgramNeed): string {
  return `${program} is not installed: on Debian the package ${packages.debian} brings it, on Fedora ${packages.fedora}`;
}

/** @throws PortcullisError PROGRAM_MISSING naming each that is not there, and its package */
export async function requirePrograms(needs: readonly ProgramNeed[]): Promise<void> {
  const missing = await missingPrograms(needs);
  if (missing.length === 0) return;
  const texts = missing.map(missingProgramText).join('; ');
  throw new PortcullisError('PROGRAM_MISSING', `Cannot do without programs: ${texts}`);
}
