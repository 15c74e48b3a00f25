/** What workers of tasks cannot do for want of programs. */

import type { Configuration } from '../config/configuration.ts';
import { repositoryTypes } from '../repository-types/all-types.ts';
import { signerPrograms } from '../repository-types/gpg-signer.ts';
import { missingPrograms, missingProgramText } from '../repository-types/programs.ts';

/** A sentence for each program and what needs it; none where no pool does tasks. */
export async function missingProgramSentences({
  pools,
  repositories,
}: Pick<Configuration, 'pools' | 'repositories'>): Promise<readonly string[]> {
  if (!pools.some(({ roles }) => roles.includes('tasks'))) return [];
  const needs = repositoryTypes.map(({ name, programs }) => ({
    act: `work on repositories of the type ${name}`,
    programs,
  }));
  if (repositories.gpgKeyFile !== undefined) {
    needs.push({ act: 'sign with repositories.gpgKeyFile', programs: signerPrograms });
  }
  const found = needs.map(async ({ act, programs }) =>
    (await missingPrograms(programs)).map(
      (missing) => `Cannot ${act}: ${missingProgramText(missing)}`,
    ),
  );
  return (await Promise.all(found)).flat();
}
