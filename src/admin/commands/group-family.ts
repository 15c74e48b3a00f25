/** What tells the commands of groups of repositories from those of groups of consumers. */

import type { CommandOption } from '../command.ts';
import type { ResourceColumn } from '../present/resources.ts';

export interface GroupFamily {
  /** The words before those of each command, as `repo group`. */
  readonly path: readonly string[];
  /** For titles, as `Repository Group`. */
  readonly title: string;
  /** For sentences, as `group of repositories`. */
  readonly what: string;
  /** The segment of the API. */
  readonly resource: string;
  readonly members: GroupMembers;
}

export interface GroupMembers {
  /** For titles, as `Repositories`. */
  readonly title: string;
  /** For sentences, as `repositories`. */
  readonly what: string;
  /** Of one, as `repository`. */
  readonly one: string;
  /** The segment of the API. */
  readonly resource: string;
  /** Of a group, with the ids of its members. */
  readonly field: string;
  /** The option that names members, as `repo-id`. */
  readonly option: string;
  readonly columns: readonly ResourceColumn[];
}

export const groupOption: CommandOption = {
  value: 'ID',
  text: 'The id of the group.',
  isRequired: true,
};
