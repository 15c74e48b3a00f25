/** What repositories can be searched by. */

import type { Searchable } from '../criteria.ts';

/** Configurations are not among them: a secret in one could be found out letter by letter. */
export const repositorySearchable: Searchable = {
  fields: new Map([
    ['_id', '_id'],
    ['id', '_id'],
    ['repo_id', '_id'],
    ...[
      'display_name',
      'description',
      'notes',
      'scratchpad',
      'content_unit_counts',
      'last_unit_added',
      'last_unit_removed',
    ].map((name) => [name, name] as const),
  ]),
  always: ['_id', 'id', '_href', 'importers', 'distributors'],
};
