/** Lists of resources: a table, or with --details or --fields a document for each. */

import type { Given } from '../command.ts';
import { fieldsOf, listOf, textOf } from '../untrusted.ts';
import type { Shown } from './output.ts';
import { type Column, type DocumentFields, shownFields } from './text.ts';

export interface ResourceColumn {
  readonly title: string;
  readonly cell: (resource: Readonly<Record<string, unknown>>) => string;
}

/** @param body a list, as the server sent it */
export function showResources(
  title: string,
  body: unknown,
  columns: readonly ResourceColumn[],
  given: Given,
): Shown {
  const resources = listOf(body).map(fieldsOf);
  const fields = given
    .all('fields')
    .flatMap((names) => names.split(',').map((name) => name.trim()));
  const none = 'None.';
  if (fields.length > 0) {
    const documents = resources.map(
      (resource): DocumentFields =>
        fields.map((name) => [name, Object.hasOwn(resource, name) ? resource[name] : undefined]),
    );
    return { title, none, content: { documents } };
  }
  if (given.has('details')) {
    return { title, none, content: { documents: resources.map(shownFields) } };
  }
  const table = columns.map(
    (column): Column => ({ title: column.title, cells: resources.map(column.cell) }),
  );
  return { title, none, content: { table } };
}

/** The text of a field. */
export function field(name: string): ResourceColumn['cell'] {
  return (resource) => textOf(resource[name]);
}

/** The texts of a field that is a list. */
export function listField(name: string): ResourceColumn['cell'] {
  return (resource) => listOf(resource[name]).map(textOf).join(', ');
}
