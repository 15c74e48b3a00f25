/** What ids may be. Each function gives a clause, or undefined when all is well. */

import { repositoryLimits } from './limits.ts';

/** As in Pulp 2, but for the two names that no path can have. */
export function repositoryIdProblem(id: string): string | undefined {
  if (id === '.' || id === '..') return 'it would be no segment of a path';
  const { repositoryIdCharactersMax } = repositoryLimits;
  return idProblem(id, repositoryIdCharactersMax, /^[.\-_A-Za-z0-9]+$/, '".", "-" and "_"');
}

/** Of repository groups as well they are as those of repositories. */
export function distributorIdProblem(id: string): string | undefined {
  const { distributorIdCharactersMax } = repositoryLimits;
  return idProblem(id, distributorIdCharactersMax, /^[-_A-Za-z0-9]+$/, '"-" and "_"');
}

function idProblem(
  id: string,
  charactersMax: number,
  pattern: RegExp,
  others: string,
): string | undefined {
  if (id === '') return 'it is empty';
  if (id.length > charactersMax) return `it is longer than ${charactersMax} characters`;
  if (pattern.test(id)) return undefined;
  return `it has other characters than letters, digits, ${others}`;
}
