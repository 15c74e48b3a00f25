/** `… group members …`: who is in a group, whoever they are. */

import type { Command, CommandOption, Context, Given } from '../command.ts';
import { filterOf, filterOptions } from '../criteria.ts';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { showResources } from '../present/resources.ts';
import { usage } from '../read-options.ts';
import { fieldsOf, listOf, textOf } from '../untrusted.ts';
import { type GroupFamily, type GroupMembers, groupOption } from './group-family.ts';
import { detailsOption, fieldsOption } from './names.ts';

/** Ids of one search: what a filter may be long does for so many of the longest. */
export const searchedIds = 200;

export function createMemberCommands(family: GroupFamily): readonly Command[] {
  const { members } = family;
  return [
    listCommand(family),
    changeCommand(family, {
      verb: 'add',
      action: 'associate',
      summary: `puts ${members.what} into a group`,
      isDone: (there, id) => there.has(id),
      done: 'successfully added to',
    }),
    changeCommand(family, {
      verb: 'remove',
      action: 'unassociate',
      summary: `takes ${members.what} out of a group`,
      isDone: () => true,
      done: 'successfully removed from',
    }),
  ];
}

function listCommand({ path: words, resource, members }: GroupFamily): Command {
  const path = [...words, 'members', 'list'];
  return {
    path,
    summary: `lists the ${members.what} of a group, or those of them that the criteria mean`,
    options: {
      'group-id': groupOption,
      ...filterOptions,
      details: detailsOption,
      fields: fieldsOption,
    },
    run: async ({ call, output }, given) => {
      const filter = filterOf(given, path);
      const group = await call({ method: 'GET', path: [resource, given.required('group-id')] });
      if (group instanceof Failure) return group;
      const ids = listOf(fieldsOf(group.body)[members.field]).map(textOf);
      const found = await searchMembers(call, members, ids, filter);
      if (found instanceof Failure) return found;
      output.show(showResources(members.title, found, members.columns, given), found);
      return undefined;
    },
  };
}

async function searchMembers(
  call: Context['call'],
  { resource }: GroupMembers,
  ids: readonly string[],
  filter: unknown,
): Promise<readonly unknown[] | Failure> {
  const found: unknown[] = [];
  for (let from = 0; from < ids.length; from += searchedIds) {
    const named = { id: { $in: ids.slice(from, from + searchedIds) } };
    const filters = filter === undefined ? named : { $and: [named, filter] };
    const body = { criteria: { filters } };
    const answer = await call({ method: 'POST', path: [resource, 'search'], body });
    if (answer instanceof Failure) return answer;
    found.push(...listOf(answer.body));
  }
  return found;
}

interface Change {
  readonly verb: 'add' | 'remove';
  readonly action: 'associate' | 'unassociate';
  readonly summary: string;
  /** Whether what was asked for of the member `id` is so, by who is in the group now. */
  readonly isDone: (there: ReadonlySet<string>, id: string) => boolean;
  readonly done: string;
}

function changeCommand(
  { path: words, title, resource, members }: GroupFamily,
  { verb, action, summary, isDone, done }: Change,
): Command {
  const path = [...words, 'members', verb];
  return {
    path,
    summary,
    description: [
      `Without --all it means the ${members.what} that --${members.option} names, or those that the criteria mean, or where both are given those that are meant by both.`,
    ],
    options: { 'group-id': groupOption, ...meaningOptions(members), ...filterOptions },
    run: async ({ call, output }, given) => {
      const id = given.required('group-id');
      const filters = meantBy(given, members, path);
      const body = { criteria: filters === undefined ? {} : { filters } };
      const answer = await call({ method: 'POST', path: [resource, id, 'actions', action], body });
      if (answer instanceof Failure) return answer;
      const there = new Set(listOf(answer.body).map(textOf));
      const isNamedAlone = filterOf(given, path) === undefined;
      const missing = given.all(members.option).filter((each) => !isDone(there, each));
      if (isNamedAlone && missing.length > 0) return unknownMembers(members, missing);
      output.done(`${members.title} ${done} ${title} [${id}]`, answer.body);
      return undefined;
    },
  };
}

function meaningOptions({
  what,
  one,
  option,
}: GroupMembers): Readonly<Record<string, CommandOption>> {
  return {
    [option]: {
      value: 'ID',
      text: `The id of a ${one}; can be given more than once.`,
      isRepeatable: true,
    },
    all: { short: 'a', text: `Means all ${what}.` },
  };
}

/** Undefined for all; who names nobody has not said that they mean everybody. */
function meantBy(given: Given, { what, option }: GroupMembers, path: readonly string[]): unknown {
  const filter = filterOf(given, path);
  const ids = given.all(option);
  const isNarrowed = filter !== undefined || ids.length > 0;
  if (given.has('all') === isNarrowed) {
    throw usage(path, `Cannot tell which ${what}: give either --all, or --${option} or criteria`);
  }
  const named = { id: { $in: ids } };
  if (ids.length === 0) return filter;
  return filter === undefined ? named : { $and: [named, filter] };
}

/** The server takes ids by a filter, to which one that is nobody's means nobody. */
function unknownMembers({ one }: GroupMembers, ids: readonly string[]): Failure {
  return new Failure({
    title: 'Not Found',
    lines: [
      'The following resource(s) could not be found:',
      ...ids.map((id) => `  ${id} (${one})`),
    ],
    exitCode: exitCodes.data,
    kind: 'missing',
  });
}
