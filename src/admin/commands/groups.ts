/** The commands of groups, whoever their members are: repositories or consumers. */

import type { Command } from '../command.ts';
import { criteriaOf, criteriaOptions } from '../criteria.ts';
import { describingOptions, descriptionOf } from '../describing.ts';
import { Failure } from '../failure.ts';
import { field, type ResourceColumn, showResources } from '../present/resources.ts';
import { usage } from '../read-options.ts';
import { type Fields, listOf } from '../untrusted.ts';
import { type GroupFamily, type GroupMembers, groupOption } from './group-family.ts';
import { createMemberCommands } from './group-members.ts';
import { detailsOption, fieldsOption } from './names.ts';

export function createGroupCommands(family: GroupFamily): readonly Command[] {
  return [
    createCommand(family),
    updateCommand(family),
    deleteCommand(family),
    listCommand(family),
    searchCommand(family),
    ...createMemberCommands(family),
  ];
}

function createCommand({ path: words, title, what, resource, members }: GroupFamily): Command {
  const path = [...words, 'create'];
  return {
    path,
    summary: `makes a ${what}`,
    options: {
      'group-id': {
        ...groupOption,
        text: 'The id of the group: letters, digits, and the characters - _ .',
      },
      ...describingOptions,
      [members.option]: {
        value: 'ID',
        text: `A ${members.one} that is in it from the beginning; can be given more than once.`,
        isRepeatable: true,
      },
    },
    run: async ({ call, output }, given) => {
      const id = given.required('group-id');
      const body = {
        id,
        ...descriptionOf(given, path),
        [members.field]: given.all(members.option),
      };
      const answer = await call({ method: 'POST', path: [resource], body });
      if (answer instanceof Failure) return answer;
      output.done(`${title} [${id}] successfully created`, answer.body);
      return undefined;
    },
  };
}

function updateCommand({ path: words, title, what, resource }: GroupFamily): Command {
  const path = [...words, 'update'];
  return {
    path,
    summary: `changes the display name, the description or the notes of a ${what}`,
    options: { 'group-id': groupOption, ...describingOptions },
    run: async ({ call, output }, given) => {
      const id = given.required('group-id');
      const body = descriptionOf(given, path);
      if (Object.keys(body).length === 0) {
        const right = 'give --display-name, --description or --note';
        throw usage(path, `Cannot update the group: ${right}`);
      }
      const answer = await call({ method: 'PUT', path: [resource, id], body });
      if (answer instanceof Failure) return answer;
      output.done(`${title} [${id}] successfully updated`, answer.body);
      return undefined;
    },
  };
}

function deleteCommand({ path: words, title, what, resource, members }: GroupFamily): Command {
  return {
    path: [...words, 'delete'],
    summary: `deletes a ${what}; the ${members.what} stay`,
    options: { 'group-id': groupOption },
    run: async ({ call, output }, given) => {
      const id = given.required('group-id');
      const answer = await call({ method: 'DELETE', path: [resource, id] });
      if (answer instanceof Failure) return answer;
      output.done(`${title} [${id}] successfully deleted`, answer.body);
      return undefined;
    },
  };
}

function listCommand({ path: words, title, what, resource, members }: GroupFamily): Command {
  return {
    path: [...words, 'list'],
    summary: `lists each ${what}`,
    options: { details: detailsOption, fields: fieldsOption },
    run: async ({ call, output }, given) => {
      const answer = await call({ method: 'GET', path: [resource] });
      if (answer instanceof Failure) return answer;
      output.show(showResources(`${title}s`, answer.body, columnsOf(members), given), answer.body);
      return undefined;
    },
  };
}

function searchCommand({ path: words, title, what, resource, members }: GroupFamily): Command {
  const path = [...words, 'search'];
  return {
    path,
    summary: `lists each ${what} that the criteria mean`,
    options: { ...criteriaOptions, details: detailsOption },
    run: async ({ call, output }, given) => {
      const body = { criteria: criteriaOf(given, path) };
      const answer = await call({ method: 'POST', path: [resource, 'search'], body });
      if (answer instanceof Failure) return answer;
      output.show(showResources(`${title}s`, answer.body, columnsOf(members), given), answer.body);
      return undefined;
    },
  };
}

function columnsOf({ field: name, title }: GroupMembers): readonly ResourceColumn[] {
  return [
    { title: 'ID', cell: field('id') },
    { title: 'DISPLAY NAME', cell: field('display_name') },
    { title: title.toUpperCase(), cell: (group: Fields) => String(listOf(group[name]).length) },
    { title: 'DESCRIPTION', cell: field('description') },
  ];
}
