/** `portcullis-admin server …`: which types the server knows. */

import type { Command } from '../command.ts';
import { Failure } from '../failure.ts';
import { field, listField, type ResourceColumn, showResources } from '../present/resources.ts';
import { detailsOption, fieldsOption } from './names.ts';

const named: readonly ResourceColumn[] = [
  { title: 'ID', cell: field('id') },
  { title: 'NAME', cell: field('display_name') },
];
const plugin = [...named, { title: 'UNITS', cell: listField('types') }];

function listCommand(
  what: 'types' | 'importers' | 'distributors',
  title: string,
  summary: string,
  columns: readonly ResourceColumn[],
): Command {
  return {
    path: ['server', what],
    summary,
    options: { details: detailsOption, fields: fieldsOption },
    run: async ({ call, output }, given) => {
      const answer = await call({ method: 'GET', path: ['plugins', what] });
      if (answer instanceof Failure) return answer;
      output.show(showResources(title, answer.body, columns, given), answer.body);
      return undefined;
    },
  };
}

export const serverTypeCommands: readonly Command[] = [
  listCommand('types', 'Unit Types', 'lists the types of units', [
    ...named,
    { title: 'KEY', cell: listField('unit_key') },
  ]),
  listCommand('importers', 'Importers', 'lists the types of importers', plugin),
  listCommand('distributors', 'Distributors', 'lists the types of distributors', plugin),
];
