/** `X repo content …`, `X repo copy …` and `X repo remove …`. */

import { backgroundOption, finishTasks } from '../../background.ts';
import type { Command, CommandOption, Context, Given } from '../../command.ts';
import { detailsOption, repositoryOption } from '../../commands/names.ts';
import { criteriaOptions, filterOptions } from '../../criteria.ts';
import { Failure } from '../../failure.ts';
import { showResources } from '../../present/resources.ts';
import { type Fields, fieldsOf, listOf } from '../../untrusted.ts';
import type { FamilyUnits, RepositoryFamily } from '../family.ts';
import { pathOf } from './common.ts';
import { dateOptions, unitsListed, unitsMeant } from './unit-criteria.ts';

export function contentCommand(family: RepositoryFamily, units: FamilyUnits): Command {
  const path = pathOf(family, ...units.words.content);
  return {
    path,
    summary: `lists the ${lower(units.title)} of a repository`,
    options: {
      'repo-id': repositoryOption,
      ...criteriaOptions,
      ...dateOptions,
      details: detailsOption,
    },
    run: async ({ call, output }, given) => {
      const criteria = unitsListed(units, given, path);
      const to = ['repositories', given.required('repo-id'), 'search', 'units'];
      const answer = await call({ method: 'POST', path: to, body: { criteria } });
      if (answer instanceof Failure) return answer;
      const shown = listOf(answer.body).map((one) => fieldsOf(fieldsOf(one).metadata));
      output.show(showResources(units.title, shown, units.columns, given), answer.body);
      return undefined;
    },
  };
}

/** By the name of the setting, which has `_` for `-`. */
const recursionOptions: Readonly<Record<string, CommandOption>> = {
  recursive: {
    text: 'Copies what they need as well, as far as the repository has it: packages that packages require, and those of errata, groups and modules.',
  },
  'recursive-conservative': {
    text: 'The same, but for what the repository that gets them has already in some version.',
  },
};

function recursionOf(given: Given): Fields {
  const names = Object.keys(recursionOptions).filter((name) => given.has(name));
  return Object.fromEntries(names.map((name) => [name.replace('-', '_'), true]));
}

export function copyCommand(family: RepositoryFamily, units: FamilyUnits): Command {
  const path = pathOf(family, ...units.words.copy);
  return {
    path,
    summary: `copies ${lower(units.title)} from one repository to another`,
    description: [
      'Without an option that says which, all of them. No bytes are copied.',
      ...(family.hasDependencies
        ? ['What they need stays behind, unless --recursive says not so.']
        : []),
    ],
    options: {
      'from-repo-id': { ...repositoryOption, text: 'The repository that has them.' },
      'to-repo-id': { ...repositoryOption, text: 'The repository that gets them.' },
      ...filterOptions,
      ...dateOptions,
      ...(family.hasDependencies ? recursionOptions : {}),
      bg: backgroundOption,
    },
    run: (context, given) => {
      const body = {
        source_repo_id: given.required('from-repo-id'),
        criteria: unitsMeant(units, given, path),
        override_config: recursionOf(given),
      };
      const to = ['repositories', given.required('to-repo-id'), 'actions', 'associate'];
      return change(context, given, { to, body, done: 'copied' });
    },
  };
}

export function removeCommand(family: RepositoryFamily, units: FamilyUnits): Command {
  const path = pathOf(family, ...units.words.remove);
  return {
    path,
    summary: `takes ${lower(units.title)} out of a repository`,
    description: [
      'Without an option that says which, all of them. Clients get those that are published until the next publish; what no repository has any more is an orphan.',
    ],
    options: {
      'repo-id': repositoryOption,
      ...filterOptions,
      ...dateOptions,
      bg: backgroundOption,
    },
    run: (context, given) => {
      const body = { criteria: unitsMeant(units, given, path) };
      const to = ['repositories', given.required('repo-id'), 'actions', 'unassociate'];
      return change(context, given, { to, body, done: 'removed' });
    },
  };
}

async function change(
  context: Context,
  given: Given,
  {
    to,
    body,
    done,
  }: { readonly to: readonly string[]; readonly body: Fields; readonly done: string },
): Promise<Failure | undefined> {
  const answer = await context.call({ method: 'POST', path: to, body });
  if (answer instanceof Failure) return answer;
  return finishTasks(context, given, answer.body, ([task]) => {
    const count = listOf(fieldsOf(task?.result).units_successful).length;
    return `Task Succeeded: ${count} ${done}`;
  });
}

/** Words in capitals stay. */
function lower(title: string): string {
  return title.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
}
