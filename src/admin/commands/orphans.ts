/** `portcullis-admin orphan …`: units that no repository has. */

import { backgroundOption, finishTasks } from '../background.ts';
import type { Command, CommandOption, Context, Given } from '../command.ts';
import { Failure } from '../failure.ts';
import { field, showResources } from '../present/resources.ts';
import { usage } from '../read-options.ts';
import { type Fields, fieldsOf, listOf, textOf } from '../untrusted.ts';
import { detailsOption } from './names.ts';

const typeOption: CommandOption = { value: 'TYPE', text: 'The type of the units, as rpm.' };

const countColumns = [
  { title: 'TYPE', cell: field('type') },
  { title: 'UNITS', cell: field('count') },
];

const unitColumns = [
  { title: 'ID', cell: field('id') },
  { title: 'TYPE', cell: field('type') },
  { title: 'UNIT', cell: keyOf },
];

const list: Command = {
  path: ['orphan', 'list'],
  summary: 'counts the units that no repository has, or lists those of a type',
  options: {
    type: { ...typeOption, text: 'Lists the units of this type, as rpm.' },
    details: detailsOption,
  },
  run: async ({ call, output }, given) => {
    const type = given.one('type');
    if (type === undefined && !given.has('details')) {
      const counted = await call({ method: 'GET', path: ['content', 'orphans'] });
      if (counted instanceof Failure) return counted;
      const rows = Object.entries(fieldsOf(counted.body)).map(([name, one]) => ({
        type: name,
        count: fieldsOf(one).count,
      }));
      output.show(showResources('Orphaned Units', rows, countColumns, given), counted.body);
      return undefined;
    }
    const found = await orphansOf(call, type);
    if (found instanceof Failure) return found;
    const shown = found.map(fieldsOf).map(named);
    output.show(showResources('Orphaned Units', shown, unitColumns, given), found);
    return undefined;
  },
};

/** Of one type, or of each that has any. */
async function orphansOf(
  call: Context['call'],
  type: string | undefined,
): Promise<readonly unknown[] | Failure> {
  const counted =
    type === undefined ? await call({ method: 'GET', path: ['content', 'orphans'] }) : undefined;
  if (counted instanceof Failure) return counted;
  const types = type === undefined ? Object.keys(fieldsOf(counted?.body)) : [type];
  const found: unknown[] = [];
  for (const each of types) {
    const answer = await call({ method: 'GET', path: ['content', 'orphans', each] });
    if (answer instanceof Failure) return answer;
    found.push(...listOf(answer.body));
  }
  return found;
}

/** The id and the type by names that are shown to people. */
function named(unit: Fields): Fields {
  return { id: unit._id, type: unit._content_type_id, ...unit };
}

/** What tells the unit from others of its type, as `name=a, version=1`. */
function keyOf(unit: Fields): string {
  return Object.entries(unit)
    .filter(([name]) => !name.startsWith('_') && name !== 'id' && name !== 'type')
    .map(([name, value]) => `${name}=${textOf(value)}`)
    .join(', ');
}

const remove: Command = {
  path: ['orphan', 'remove'],
  summary: 'removes units that no repository has, with their bytes',
  description: [
    'Uploads and publishes go on meanwhile: a unit that a repository takes in before it is its turn stays.',
  ],
  options: {
    all: { short: 'a', text: 'Removes the units of every type.' },
    type: typeOption,
    'unit-id': { value: 'ID', text: 'Removes this unit of the type alone.' },
    bg: backgroundOption,
  },
  run: async (context, given) => {
    const path = ['content', 'orphans', ...whichOf(given)];
    const answer = await context.call({ method: 'DELETE', path });
    if (answer instanceof Failure) return answer;
    return finishTasks(context, given, answer.body, ([task]) => {
      const result = task?.result;
      const counts = typeof result === 'number' ? [result] : Object.values(fieldsOf(result));
      const sum = counts.reduce<number>((total, count) => total + (Number(count) || 0), 0);
      return `Orphaned units that were removed: ${sum}`;
    });
  },
};

/** @throws PortcullisError USAGE */
function whichOf(given: Given): readonly string[] {
  const [type, unit] = [given.one('type'), given.one('unit-id')];
  if (given.has('all') === (type !== undefined) || (unit !== undefined && type === undefined)) {
    throw usage(remove.path, 'Cannot remove orphans: give --all, --type, or --type with --unit-id');
  }
  return [type, unit].filter((segment) => segment !== undefined);
}

export const orphanCommands: readonly Command[] = [list, remove];
