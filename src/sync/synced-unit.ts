/** What a sync remembers of each unit until its end: there may be very many. */

import type { Unit } from '../repositories/documents.ts';
import type { PackageVersion } from './version-order.ts';

export interface SyncedUnit {
  readonly id: string;
  readonly type: string;
  /** Equal to that of another unit where one replaces the other; null for one that replaces none. */
  readonly replaces: string | null;
  /** Of packages. */
  readonly version: NamedVersion | undefined;
}

export interface NamedVersion extends PackageVersion {
  /** What has versions: the name and architecture of a package. */
  readonly of: string;
}

/** The types whose units have versions. */
export const packageTypes: readonly string[] = ['rpm', 'srpm'];

export function syncedUnit(
  unit: Pick<Unit, '_id' | 'type' | 'replaces_digest' | 'fields'>,
): SyncedUnit {
  const { _id: id, type, replaces_digest: replaces, fields } = unit;
  const version = packageTypes.includes(type) ? namedVersion(type, fields) : undefined;
  return { id, type, replaces, version };
}

/** @param fields of the unit, or its key */
export function namedVersion(type: string, fields: Unit['fields']): NamedVersion {
  const { name, epoch, version, release, arch } = fields;
  const of = JSON.stringify([type, name, arch]);
  return { of, epoch: String(epoch), version: String(version), release: String(release) };
}
