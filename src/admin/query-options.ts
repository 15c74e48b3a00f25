/** Options that are parameters of a query. */

import type { CommandOption, Given } from './command.ts';

const timeText = 'as 2026-01-31, or 2026-01-31T12:00:00Z';

/** Of the histories of repositories and consumers. */
export const historyOptions: Readonly<Record<string, CommandOption>> = {
  limit: { value: 'COUNT', text: 'Shows so many at most.' },
  sort: {
    value: 'DIRECTION',
    text: 'ascending for the oldest first; descending, which is the default, for the latest.',
  },
  'start-date': { value: 'TIME', text: `Not what was before, ${timeText}.` },
  'end-date': { value: 'TIME', text: `Not what was after, ${timeText}.` },
};

/** The options of these names that are given, as parameters of the same names with `_` for `-`. */
export function queryOf(
  given: Given,
  names: readonly string[],
): readonly (readonly [name: string, value: string])[] {
  return names.flatMap((name) => {
    const value = given.one(name);
    return value === undefined ? [] : [[name.replaceAll('-', '_'), value] as const];
  });
}
