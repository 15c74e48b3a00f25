/** `X repo list` and `X repo search`. */

import type { Command } from '../../command.ts';
import { detailsOption, fieldsOption } from '../../commands/names.ts';
import { criteriaOf, criteriaOptions } from '../../criteria.ts';
import { Failure } from '../../failure.ts';
import { field, showResources } from '../../present/resources.ts';
import { type Fields, fieldsOf, listOf, textOf } from '../../untrusted.ts';
import type { RepositoryFamily } from '../family.ts';
import { pathOf } from './common.ts';

export function listCommand(family: RepositoryFamily): Command {
  return {
    path: pathOf(family, 'list'),
    summary: 'lists the repositories of this type',
    options: {
      'repo-id': { value: 'ID', text: 'Lists this one alone.' },
      details: {
        text: 'Shows all fields of each, one below the other, with its importer and its distributors.',
      },
      fields: fieldsOption,
    },
    run: async ({ call, output }, given) => {
      const id = given.one('repo-id');
      const query = ['details', 'importers', 'distributors'].map((name) => [name, 'true'] as const);
      const path = ['repositories', ...(id === undefined ? [] : [id])];
      const answer = await call({ method: 'GET', path, query });
      if (answer instanceof Failure) return answer;
      const own = [answer.body].flat().filter((one) => isOf(family, fieldsOf(one)));
      output.show(showResources(family.title, own, columnsOf(family), given), own);
      return undefined;
    },
  };
}

export function searchCommand(family: RepositoryFamily): Command {
  const path = pathOf(family, 'search');
  return {
    path,
    summary: 'lists the repositories of this type that the criteria mean',
    options: { ...criteriaOptions, details: detailsOption },
    run: async ({ call, output }, given) => {
      const criteria = ofFamily(family, criteriaOf(given, path));
      const body = { criteria, importers: true, distributors: true };
      const answer = await call({ method: 'POST', path: ['repositories', 'search'], body });
      if (answer instanceof Failure) return answer;
      const columns = columnsOf(family);
      output.show(showResources(family.title, answer.body, columns, given), answer.body);
      return undefined;
    },
  };
}

/** What was made by another client may have no such note, and is known by what fills or publishes it. */
function isOf({ note, importer, distributor }: RepositoryFamily, repository: Fields): boolean {
  const type = fieldsOf(repository.notes)['_repo-type'];
  if (type !== undefined && type !== null) return type === note;
  const types = [
    ...listOf(repository.importers).map((one) => textOf(fieldsOf(one).importer_type_id)),
    ...listOf(repository.distributors).map((one) => textOf(fieldsOf(one).distributor_type_id)),
  ];
  return types.some((id) => id === importer?.id || id === distributor.id);
}

function ofFamily({ note }: RepositoryFamily, criteria: Fields): Fields {
  const own = { 'notes._repo-type': note };
  const { filters } = criteria;
  return { ...criteria, filters: filters === undefined ? own : { $and: [own, filters] } };
}

function columnsOf({ distributor }: RepositoryFamily) {
  const own = (repository: Fields): Fields =>
    listOf(repository.distributors)
      .map(fieldsOf)
      .find((one) => one.id === distributor.id) ?? {};
  return [
    { title: 'ID', cell: field('id') },
    { title: 'NAME', cell: field('display_name') },
    { title: 'UNITS', cell: unitsText },
    {
      title: 'RELATIVE URL',
      cell: (repository: Fields) => textOf(fieldsOf(own(repository).config).relative_url),
    },
    {
      title: 'PUBLISHED',
      cell: (repository: Fields) => textOf(own(repository).last_publish),
    },
  ];
}

/** `rpm: 3, srpm: 1`. */
function unitsText(repository: Fields): string {
  return Object.entries(fieldsOf(repository.content_unit_counts))
    .map(([type, count]) => `${type}: ${textOf(count)}`)
    .join(', ');
}
