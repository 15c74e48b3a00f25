/** What advisories, groups and modules are of, as their fields say it. */

import type { JsonObject, Unit } from '../../repositories/documents.ts';

export interface Referred {
  /** Packages of exactly these versions, each as {@link packageLabel}. */
  readonly packages: readonly PackageName[];
  /** Packages of whichever version. */
  readonly names: readonly string[];
  /** The ids of groups of packages. */
  readonly groups: readonly string[];
}

export interface PackageName {
  readonly name: string;
  readonly epoch: string;
  readonly version: string;
  readonly release: string;
  readonly arch: string;
}

const nothing: Referred = { packages: [], names: [], groups: [] };

export function referredBy({ type, fields }: Pick<Unit, 'type' | 'fields'>): Referred {
  return readers[type]?.(fields) ?? nothing;
}

export function packageLabel({ name, epoch, version, release, arch }: PackageName): string {
  return `${name}-${epoch}:${version}-${release}.${arch}`;
}

const readers: Readonly<Record<string, (fields: JsonObject) => Referred>> = {
  erratum: ({ pkglist }) => ({
    ...nothing,
    packages: objectsOf(pkglist).flatMap(({ packages }) =>
      objectsOf(packages).map((each) => ({
        name: textOf(each.name),
        epoch: textOf(each.epoch) || '0',
        version: textOf(each.version),
        release: textOf(each.release),
        arch: textOf(each.arch),
      })),
    ),
  }),
  package_group: (fields) => ({
    ...nothing,
    names: [
      ...textsOf(fields.mandatory_package_names),
      ...textsOf(fields.default_package_names),
      ...textsOf(fields.optional_package_names),
      ...listOf(fields.conditional_package_names).flatMap((pair) => textsOf(pair).slice(0, 1)),
    ],
  }),
  package_category: ({ packagegroupids: ids }) => ({ ...nothing, groups: textsOf(ids) }),
  package_environment: ({ group_ids: ids, options }) => ({
    ...nothing,
    groups: [...textsOf(ids), ...objectsOf(options).map(({ group }) => textOf(group))],
  }),
  modulemd: ({ artifacts }) => ({
    ...nothing,
    packages: textsOf(artifacts).flatMap((label) => readLabel(label) ?? []),
  }),
};

/** As modules have it: `name-epoch:version-release.arch`. */
function readLabel(label: string): PackageName | undefined {
  const read = /^(.+)-(\d+):([^-]+)-([^-]+)\.([^.]+)$/.exec(label);
  if (read === null) return undefined;
  const [, name = '', epoch = '0', version = '', release = '', arch = ''] = read;
  return { name, epoch, version, release, arch };
}

function listOf(raw: unknown): readonly unknown[] {
  return Array.isArray(raw) ? raw : [];
}

function objectsOf(raw: unknown): readonly JsonObject[] {
  return listOf(raw).filter((each) => typeof each === 'object' && each !== null) as JsonObject[];
}

function textsOf(raw: unknown): readonly string[] {
  return listOf(raw).filter((each) => typeof each === 'string');
}

function textOf(raw: unknown): string {
  return typeof raw === 'string' || typeof raw === 'number' ? String(raw) : '';
}
