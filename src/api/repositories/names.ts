/** What new repositories, groups and distributors may be called. */

import { distributorIdProblem, repositoryIdProblem } from '../../repositories/names.ts';

/** Whose paths would be those of other calls. */
const segments = ['search', 'actions'];

const reserved = 'it is a reserved name';

/**
 * Why `text` can be the id of no new repository or group, as a clause. Names of what every object has are
 * none: answers have objects with ids as their keys.
 */
export function newRepositoryIdProblem(text: string): string | undefined {
  const isTaken = segments.includes(text) || text in Object.prototype;
  return repositoryIdProblem(text) ?? (isTaken ? reserved : undefined);
}

/** Why `text` can be the id of no new distributor. It names a field of what is sent to change it. */
export function newDistributorIdProblem(text: string): string | undefined {
  return distributorIdProblem(text) ?? (text in Object.prototype ? reserved : undefined);
}
