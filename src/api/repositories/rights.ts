/** What a caller may do with repositories that a call is about without having them in its path. */

import type { Operation } from '../../people/operation.ts';
import { readResource } from '../../people/resource.ts';
import { rightsOf } from '../authorize.ts';
import type { Caller } from '../caller.ts';
import type { People } from '../people/people.ts';

/**
 * @param below the path of what is asked for, below that of the repository, as `actions/publish/`
 * @returns tells of the id of a repository whether the caller may
 */
export async function rightsToRepositories(
  caller: Caller,
  people: Pick<People, 'superUsers' | 'roles'>,
  operation: Operation,
  below = '',
): Promise<(repository: string) => boolean> {
  const refuse = await rightsOf(caller, people);
  return (repository) => {
    const read = readResource(`/v2/repositories/${repository}/${below}`);
    return 'resource' in read && refuse(operation, read.resource) === undefined;
  };
}

/** Who publishes a group publishes all that is in it: so each is added by those alone who may publish it. */
export function rightsToGroup(
  caller: Caller,
  people: Pick<People, 'superUsers' | 'roles'>,
): Promise<(repository: string) => boolean> {
  return rightsToRepositories(caller, people, 'EXECUTE', 'actions/publish/');
}
