/** Boxes, documents and tables, as lines of plain text. */

import { printable } from '../../terminal/output.ts';
import { fieldsOf } from '../untrusted.ts';

/** Columns of a title: nine tenths of pulp-admin's 80. */
const boxWidth = 72;

/** The longest cell of a table, in characters; what is over it is cut. */
export const cellCharactersMax = 120;

/** A title between two lines, with a blank line before and after what follows. */
export function titleLines(title: string): readonly string[] {
  const rule = `+${'-'.repeat(boxWidth - 2)}+`;
  const left = Math.max(0, Math.floor((boxWidth - title.length) / 2));
  return [rule, `${' '.repeat(left)}${title}`, rule, ''];
}

export interface Column {
  readonly title: string;
  readonly cells: readonly string[];
}

/** Aligned columns below their titles. */
export function tableLines(columns: readonly Column[]): readonly string[] {
  const rows = Math.max(0, ...columns.map(({ cells }) => cells.length));
  const shown = columns.map(({ title, cells }) => [title, ...cells.map(cellOf)]);
  const widths = shown.map((cells) => Math.max(...cells.map((cell) => cell.length)));
  return Array.from({ length: rows + 1 }, (_, row) =>
    shown
      .map((cells, column) => (cells[row] ?? '').padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function cellOf(text: string): string {
  const line = oneLine(text);
  if (line === '') return '-';
  const characters = Array.from(line);
  if (characters.length <= cellCharactersMax) return line;
  return `${characters.slice(0, cellCharactersMax - 1).join('')}…`;
}

/** A value of several lines, of which each stands below its name as it is. */
export class Lines {
  readonly lines: readonly string[];

  constructor(lines: readonly string[]) {
    this.lines = lines;
  }
}

export type DocumentFields = readonly (readonly [name: string, value: unknown])[];

/** `Key:  value`, aligned; nested ones are indented. */
export function documentLines(fields: DocumentFields): readonly string[] {
  const named = fields.map(([name, value]) => [`${labelOf(name)}:`, value] as const);
  const width = Math.max(0, ...named.map(([label]) => label.length)) + 2;
  return named.flatMap(([label, value]) => {
    const inner = nestedLines(value);
    if (inner !== undefined) return [label, ...inner.map((line) => `  ${line}`.trimEnd())];
    return [`${label.padEnd(width)}${scalarOf(value)}`.trimEnd()];
  });
}

/** All fields of an object but those that begin with `_`, which are not for people. */
export function shownFields(value: unknown): DocumentFields {
  return Object.entries(fieldsOf(value)).filter(([name]) => !name.startsWith('_'));
}

function nestedLines(value: unknown): readonly string[] | undefined {
  if (value instanceof Lines)
    return value.lines.length === 0 ? undefined : value.lines.map(oneLine);
  if (Array.isArray(value)) {
    if (!value.some((item) => typeof item === 'object' && item !== null)) return undefined;
    return value
      .flatMap((item) => [...documentLines(Object.entries(fieldsOf(item))), ''])
      .slice(0, -1);
  }
  const entries = Object.entries(fieldsOf(value));
  return entries.length === 0 ? undefined : documentLines(entries);
}

function scalarOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(scalarOf).join(', ');
  if (value === null || value === undefined) return '';
  return oneLine(typeof value === 'object' ? '' : String(value));
}

/** `display_name` is `Display Name`, `ca_url` is `CA URL`. */
function labelOf(name: string): string {
  return oneLine(name)
    .split(/[_\s]+/)
    .filter((word) => word !== '')
    .map((word) => (/^(?:ca|ssl|url)$/i.test(word) ? word.toUpperCase() : capitalise(word)))
    .join(' ');
}

function capitalise(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** What a server sent, on one line, and without power over the terminal (T87). */
export function oneLine(text: string): string {
  return printable(text.replaceAll('\n', ' '));
}
