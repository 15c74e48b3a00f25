/** What the `rpm` program says of a header: a format that no header can break out of. */

import { cleanText } from '../refuse-unit.ts';

/** By our names. A value is written as XML, in which no `<` of a header stays as it is. */
const scalarTags = {
  name: 'NAME',
  epoch: 'EPOCHNUM',
  version: 'VERSION',
  release: 'RELEASE',
  arch: 'ARCH',
  summary: 'SUMMARY',
  description: 'DESCRIPTION',
  license: 'LICENSE',
  vendor: 'VENDOR',
  packager: 'PACKAGER',
  url: 'URL',
  group: 'GROUP',
  buildhost: 'BUILDHOST',
  sourcerpm: 'SOURCERPM',
  buildtime: 'BUILDTIME',
  installedsize: 'LONGSIZE',
} as const;

const relationTags = {
  requires: 'REQUIRE',
  provides: 'PROVIDE',
  conflicts: 'CONFLICT',
  obsoletes: 'OBSOLETE',
} as const;

export type ScalarName = keyof typeof scalarTags;
export type RelationName = keyof typeof relationTags;

export interface PackageHeader {
  readonly scalars: Readonly<Record<ScalarName, string | null>>;
  readonly relations: Readonly<Record<RelationName, readonly Relation[]>>;
  /** Those that other packages may require by their paths, as primary metadata has them. */
  readonly primaryFiles: readonly string[];
}

/** The rule of createrepo_c. */
const primaryFile = /^\/(?:etc\/|.*bin\/|usr\/lib\/sendmail$)/s;

export interface Relation {
  readonly name: string;
  /** As `GE`; null where any version will do. */
  readonly flags: string | null;
  readonly epoch: string | null;
  readonly version: string | null;
  readonly release: string | null;
}

/** For `--queryformat`. */
export const headerFormat: string = [
  ...Object.entries(scalarTags).map(([name, tag]) => `<=${name}>%{${tag}:xml}`),
  ...Object.entries(relationTags).map(
    ([name, tag]) => `<=${name}>[%{${tag}NAME:xml}%{${tag}FLAGS:xml}%{${tag}VERSION:xml}]`,
  ),
  '<=files>[%{FILENAMES:xml}]',
].join('');

/** Undefined for what was not written by {@link headerFormat}. */
export function parseHeader(text: string): PackageHeader | undefined {
  const parts = new Map(
    text.split('<=').map((part): [string, string] => {
      const end = part.indexOf('>');
      return [part.slice(0, end), part.slice(end + 1)];
    }),
  );
  const names = [...Object.keys(scalarTags), ...Object.keys(relationTags), 'files'];
  if (names.some((name) => !parts.has(name))) return undefined;
  const valuesOf = (name: string): readonly string[] => readValues(parts.get(name) ?? '');
  const scalars = mapNames(scalarTags, (name) => valuesOf(name)[0] ?? null);
  const relations = mapNames(relationTags, (name) => relationsOf(valuesOf(name)));
  const primaryFiles = valuesOf('files').filter((file) => primaryFile.test(file));
  return { scalars, relations, primaryFiles };
}

function readValues(text: string): readonly string[] {
  const values = text.matchAll(/<(string|integer)(?:\/>|>([^<]*)<\/\1>)/g);
  return Array.from(values, ([, , value = '']) => cleanText(unescapeXml(value)));
}

function unescapeXml(text: string): string {
  return text.replace(/&(lt|gt|amp);/g, (_, name: string) =>
    name === 'lt' ? '<' : name === 'gt' ? '>' : '&',
  );
}

function relationsOf(values: readonly string[]): readonly Relation[] {
  const relations: Relation[] = [];
  for (let at = 0; at + 2 < values.length; at += 3) {
    relations.push(relationOf(values[at] ?? '', Number(values[at + 1]), values[at + 2] ?? ''));
  }
  return relations;
}

function relationOf(name: string, flags: number, evr: string): Relation {
  const compared = comparisons[(flags >> 1) & 7] ?? null;
  if (compared === null || evr === '') {
    return { name, flags: null, epoch: null, version: null, release: null };
  }
  const [, epoch = '0', version = '', release] = /^(?:(\d+):)?([^-]*)(?:-(.*))?$/s.exec(evr) ?? [];
  return { name, flags: compared, epoch, version, release: release ?? null };
}

/** By the three bits RPMSENSE_LESS, RPMSENSE_GREATER and RPMSENSE_EQUAL. */
const comparisons: readonly (string | null)[] = [null, 'LT', 'GT', null, 'EQ', 'LE', 'GE', null];

function mapNames<Name extends string, T>(
  tags: Readonly<Record<Name, string>>,
  value: (name: Name) => T,
): Readonly<Record<Name, T>> {
  const names = Object.keys(tags) as Name[];
  return Object.fromEntries(names.map((name) => [name, value(name)])) as Record<Name, T>;
}
