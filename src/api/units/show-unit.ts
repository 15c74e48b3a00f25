/** How the API shows a unit, by itself and in a repository. */

import { z } from 'zod';
import type { Artifact, Membership, Unit } from '../../repositories/documents.ts';
import { unitType } from '../../repository-types/all-types.ts';
import { isoDate, objectId, objectIdSchema } from '../criteria.ts';
import type { JsonObject } from '../outcome.ts';
import { toJson } from '../repositories/secrets.ts';
import { hrefOf } from '../route.ts';

/** What all units have; the fields of each type come to it. */
export const unitSchema = z.looseObject({
  _href: z.string(),
  _id: z.string(),
  _content_type_id: z.string(),
  _storage_path: z.string().nullable(),
  _created: z.string(),
  _last_updated: z.string(),
  children: z.record(z.string(), z.unknown()),
  pulp_user_metadata: z.record(z.string(), z.unknown()),
  repository_memberships: z.array(z.string()).optional(),
});

export const associationSchema = z.strictObject({
  _id: objectIdSchema,
  id: z.string(),
  repo_id: z.string(),
  unit_id: z.string(),
  unit_type_id: z.string(),
  created: z.string(),
  updated: z.string(),
  metadata: z.looseObject({ _id: z.string(), _content_type_id: z.string() }),
});

export const orphanSchema = z.looseObject({
  _href: z.string(),
  _id: z.string(),
  _content_type_id: z.string(),
});

/** The names that a unit has, whatever is asked for. */
export const unitNamesAlways = ['_href', '_id', '_content_type_id'] as const;

export function showUnit(unit: Unit): JsonObject {
  const { _id, type } = unit;
  return { ...unitContent(unit), _href: unitHref(type, _id), children: {} };
}

/** A unit in a repository, with those of its fields that are asked for. */
export function showAssociation(
  unit: Unit,
  membership: Membership,
  fields: ReadonlySet<string> | undefined,
): JsonObject {
  const { _id, type } = unit;
  const all = Object.entries(unitContent(unit));
  const keyed = new Set([...unitNamesAlways, ...(unitType(type)?.unitKey ?? [])]);
  const metadata = all.filter(
    ([name]) => fields === undefined || fields.has(name) || keyed.has(name),
  );
  return {
    _id: objectId(_id),
    id: _id,
    repo_id: membership.repository,
    unit_id: _id,
    unit_type_id: type,
    created: isoDate(membership.created),
    updated: isoDate(membership.updated),
    metadata: Object.fromEntries(metadata),
  };
}

/** A unit that no repository has: enough to tell it from others, and to delete it. */
export function showOrphan({ _id, type, fields }: Unit): JsonObject {
  const keys = unitType(type)?.unitKey ?? [];
  const key = keys.map((name) => [name, toJson(fields[name] ?? null)]);
  return {
    ...Object.fromEntries(key),
    _href: hrefOf('/v2/content/orphans/{type}/{unit}/', { type, unit: _id }),
    _id,
    _content_type_id: type,
  };
}

function unitContent(unit: Unit): JsonObject {
  return {
    ...(toJson(unit.fields) as JsonObject),
    _id: unit._id,
    _content_type_id: unit.type,
    _storage_path: unit.artifact && storagePath(unit.artifact),
    _created: isoDate(unit.created),
    _last_updated: isoDate(unit.last_updated),
    pulp_user_metadata: toJson(unit.user_metadata) as JsonObject,
  };
}

/** As Pulp has it below the directory of its storage: no path of a file of ours. */
function storagePath({ sha256, filename }: Artifact): string {
  return `${sha256.slice(0, 2)}/${sha256.slice(2)}/${filename}`;
}

function unitHref(type: string, unit: string): string {
  return hrefOf('/v2/content/units/{type}/{unit}/', { type, unit });
}
