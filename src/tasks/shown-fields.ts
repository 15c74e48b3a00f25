/** Keeps searches to what is shown: a filter that asks for arguments would tell them bit by bit. */

import { PortcullisError } from '../errors.ts';
import type { Filter } from '../stores/filter.ts';
import type { Query } from '../stores/store.ts';
import { taskFields } from './task.ts';

/** @throws PortcullisError FILTER_INVALID */
export function checkShownFields({ filter, sort = [], fields = [] }: Query): void {
  checkFilter(filter);
  for (const path of [...sort.map(([path]) => path), ...fields]) checkName(path.split('.')[0]);
}

/** @throws PortcullisError FILTER_INVALID */
export function checkFilter(filter: Filter): void {
  // What stands inside `$elemMatch` is below the field that it is asked of.
  if (filter.kind === 'field') checkName(filter.names[0]);
  else for (const part of filter.parts) checkFilter(part);
}

function checkName(name = ''): void {
  if (taskFields.some((field) => field === name)) return;
  throw new PortcullisError(
    'FILTER_INVALID',
    `Cannot search tasks by ${JSON.stringify(name.slice(0, 100))}: no task has such a field`,
  );
}
