/** Which units of a repository a client means: Pulp's criteria of associations, checked and read. */

import { z } from 'zod';
import type { Filter } from '../stores/filter.ts';
import { invalidFilter } from '../stores/filter-shape.ts';
import { parseFilter, where } from '../stores/parse-filter.ts';
import { renameFields } from '../stores/rename-fields.ts';
import type { Unit } from './documents.ts';

/** Conditions and names that are sent at most; the store bounds them once more. */
const listedMax = 1000;

const direction = z.union(
  [z.enum(['ascending', 'descending']), z.union([z.literal(1), z.literal(-1)])],
  'it should be "ascending" or "descending"',
);
const order = z.array(z.tuple([z.string(), direction])).max(listedMax);
const names = z.array(z.string()).max(listedMax);
const filter = z.record(z.string(), z.unknown());

/** `null` stands for what is not given: pulp-admin sends every option. */
export const associationCriteriaSchema = z.strictObject({
  type_ids: z.union([z.string(), names], 'it should be a text or a list of texts').nullish(),
  filters: z.strictObject({ unit: filter.nullish(), association: filter.nullish() }).nullish(),
  sort: z.strictObject({ unit: order.nullish(), association: order.nullish() }).nullish(),
  fields: z.strictObject({ unit: names.nullish(), association: names.nullish() }).nullish(),
  limit: z.int().min(1).nullish(),
  skip: z.int().min(0).nullish(),
  // A repository has a unit once.
  remove_duplicates: z.boolean().nullish(),
});

export type RawAssociationCriteria = z.output<typeof associationCriteriaSchema>;

export interface AssociationCriteria {
  /** Of units, in any repository. */
  readonly unitFilter: Filter;
  /** Of the membership in the repository; undefined for any. */
  readonly association: ((repositoryId: string) => Filter) | undefined;
  /** Paths in the store; by `_id` where it is empty. */
  readonly sort: readonly (readonly [path: string, direction: 1 | -1])[];
  /** Before `sort`, by when the unit came into the repository. */
  readonly associationSort: readonly (readonly [field: MembershipDate, direction: 1 | -1])[];
  readonly skip: number;
  readonly limit: number | undefined;
}

export type MembershipDate = 'created' | 'updated';

/** @throws PortcullisError FILTER_INVALID */
export function readAssociationCriteria(raw: RawAssociationCriteria): AssociationCriteria {
  const { type_ids: types, filters, sort, skip, limit } = raw;
  const ofTypes = types == null ? [] : [ofType(typeof types === 'string' ? [types] : types)];
  const unit = parseFilter(renameFields(filters?.unit ?? {}, unitPath));
  const association = readAssociationFilter(filters?.association ?? {});
  return {
    unitFilter: { kind: 'and', parts: [...ofTypes, unit] },
    association,
    sort: (sort?.unit ?? []).map(([path, way]) => [unitPath(path), wayOf(way)]),
    associationSort: (sort?.association ?? []).map(([field, way]) => [
      membershipDate(field),
      wayOf(way),
    ]),
    skip: skip ?? 0,
    limit: limit ?? undefined,
  };
}

/** Names of what is known of a unit besides its fields, to paths in the store's documents. */
export const unitPaths: ReadonlyMap<string, string> = new Map([
  ['_id', '_id'],
  ['id', 'fields.id'],
  ['_content_type_id', 'type'],
  ['_created', 'created'],
  ['_last_updated', 'last_updated'],
  ['pulp_user_metadata', 'user_metadata'],
]);

/** The object of a unit in the store that has all its other fields. */
export const unitFieldsPath = 'fields' satisfies keyof Unit;

function unitPath(path: string): string {
  const [root = ''] = path.split('.', 1);
  return (unitPaths.get(root) ?? `${unitFieldsPath}.${root}`) + path.slice(root.length);
}

function ofType(types: readonly string[]): Filter {
  return parseFilter({ type: { $in: [...types] } });
}

/** All of it has to hold of one membership, the one in the repository that is asked about. */
function readAssociationFilter(raw: object): AssociationCriteria['association'] {
  if (Object.keys(raw).length === 0) return undefined;
  const conditions = withDates(renameFields(raw, membershipDate));
  const read = (repository: string): Filter =>
    parseFilter({ memberships: { $elemMatch: { $and: [{ repository }, conditions] } } });
  // What is wrong with it is found before it is used.
  read('any');
  return read;
}

/** Pulp kept these dates as texts, so that clients compare them with texts. */
function withDates(raw: unknown): unknown {
  if (typeof raw === 'string') return { $date: raw };
  if (Array.isArray(raw)) return raw.map(withDates);
  if (typeof raw !== 'object' || raw === null || Object.hasOwn(raw, '$date')) return raw;
  return Object.fromEntries(Object.entries(raw).map(([name, value]) => [name, withDates(value)]));
}

function membershipDate(name: string): MembershipDate {
  if (name === 'created' || name === 'updated') return name;
  throw invalidFilter('an association has the fields created and updated, and no other');
}

function wayOf(way: 'ascending' | 'descending' | 1 | -1): 1 | -1 {
  return way === 1 || way === 'ascending' ? 1 : -1;
}

/** The units of one repository, as far as a filter can say it. */
export function associatedWith(repositoryId: string, criteria: AssociationCriteria): Filter {
  const { unitFilter, association } = criteria;
  const ofMembership = association === undefined ? [] : [association(repositoryId)];
  const parts = [where({ repositories: repositoryId }), unitFilter, ...ofMembership];
  return { kind: 'and', parts };
}
