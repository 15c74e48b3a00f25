/** What a package asks for, and whether something that another one brings is that. */

import { compareLabels } from '../../sync/version-order.ts';

/** As the fields of a unit have it. */
export interface PackageRelation {
  readonly name: string;
  /** One of EQ, LT, LE, GT, GE; null where any version will do. */
  readonly flags: string | null;
  readonly epoch: string | null;
  readonly version: string | null;
  readonly release: string | null;
}

/** Characters of a dependency with several parts, beyond which it is left alone. */
export const richLengthMax = 4096;

const words = new Set(['and', 'or', 'if', 'else', 'unless', 'with', 'without']);
const comparisons: Readonly<Record<string, string>> = {
  ...{ '=': 'EQ', '<': 'LT', '<=': 'LE', '>': 'GT', '>=': 'GE' },
};

/**
 * What is looked for. Of a dependency with several parts, as `(a or b)`, it is all that it names: more than
 * is needed rather than less. What rpm itself brings is nothing.
 */
export function wantedBy(relation: PackageRelation): readonly PackageRelation[] {
  const { name } = relation;
  if (name.startsWith('rpmlib(')) return [];
  return name.startsWith('(') ? partsOf(name) : [relation];
}

function partsOf(rich: string): readonly PackageRelation[] {
  if (rich.length > richLengthMax) return [];
  const found: PackageRelation[] = [];
  let flags: string | undefined;
  for (const token of rich.split(/\s+/).map(withoutBrackets)) {
    const last = found.at(-1);
    if (flags !== undefined && last !== undefined) {
      found[found.length - 1] = { ...last, flags, ...readVersion(token) };
      flags = undefined;
    } else if (Object.hasOwn(comparisons, token)) flags = comparisons[token];
    else if (token !== '' && !words.has(token)) found.push(anyVersion(token));
  }
  return found;
}

/** Those around it; brackets that belong to a name come in pairs. */
function withoutBrackets(token: string): string {
  let name = token.replace(/^\(+/, '');
  while (name.endsWith(')') && name.split(')').length > name.split('(').length) {
    name = name.slice(0, -1);
  }
  return name;
}

function anyVersion(name: string): PackageRelation {
  return { name, flags: null, epoch: null, version: null, release: null };
}

function readVersion(text: string): Pick<PackageRelation, 'epoch' | 'version' | 'release'> {
  const [, epoch = '0', version = '', release] = /^(?:(\d+):)?([^-]*)(?:-(.*))?$/s.exec(text) ?? [];
  return { epoch, version, release: release ?? null };
}

/**
 * Of the same name. What says no version is none of those that a version is asked of.
 *
 * @param provided with EQ, as packages have it; of any other comparison the name counts
 */
export function satisfies(provided: PackageRelation, wanted: PackageRelation): boolean {
  if (wanted.flags === null) return true;
  if (provided.flags === null) return false;
  if (provided.flags !== 'EQ') return true;
  const difference = compare(provided, wanted);
  if (difference === 0) return ['EQ', 'LE', 'GE'].includes(wanted.flags);
  return (difference < 0 ? ['LT', 'LE'] : ['GT', 'GE']).includes(wanted.flags);
}

/** Releases count where both have one. */
function compare(one: PackageRelation, other: PackageRelation): number {
  const difference =
    Number(one.epoch ?? 0) - Number(other.epoch ?? 0) ||
    compareLabels(one.version ?? '', other.version ?? '');
  if (difference !== 0 || one.release === null || other.release === null) return difference;
  return compareLabels(one.release, other.release);
}
