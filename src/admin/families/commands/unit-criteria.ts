/** The criteria of units in a repository: by their fields, and by when they came in. */

import type { CommandOption, Given } from '../../command.ts';
import { criteriaOf, filterOf } from '../../criteria.ts';
import type { Fields } from '../../untrusted.ts';
import type { FamilyUnits } from '../family.ts';

export const dateOptions: Readonly<Record<string, CommandOption>> = {
  after: {
    value: 'TIME',
    text: 'Those that came into the repository then or later, as 2026-01-31T12:00:00Z.',
  },
  before: { value: 'TIME', text: 'Those that came into the repository then or before.' },
};

/** Which units are meant. @throws PortcullisError USAGE */
export function unitsMeant(
  { typeIds }: FamilyUnits,
  given: Given,
  path: readonly string[],
): Fields {
  const unit = filterOf(given, path);
  const dates = { $gte: given.one('after'), $lte: given.one('before') };
  const created = Object.entries(dates).filter(([, time]) => time !== undefined);
  return {
    type_ids: typeIds,
    filters: {
      ...(unit !== undefined && { unit }),
      ...(created.length > 0 && { association: { created: Object.fromEntries(created) } }),
    },
  };
}

/** Which of them, in which order, and what of each. @throws PortcullisError USAGE */
export function unitsListed(units: FamilyUnits, given: Given, path: readonly string[]): Fields {
  const { sort, fields, limit, skip } = criteriaOf(given, path);
  return {
    ...unitsMeant(units, given, path),
    ...(sort !== undefined && { sort: { unit: sort } }),
    ...(fields !== undefined && { fields: { unit: fields } }),
    ...(limit !== undefined && { limit }),
    ...(skip !== undefined && { skip }),
  };
}
