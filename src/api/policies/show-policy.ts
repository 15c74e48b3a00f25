/** Policies and the access of distributions as the API shows them. */

import { z } from 'zod';
import type { AccessSource } from '../../policies/administration.ts';
import type { StoredAccess, StoredPolicy } from '../../policies/documents.ts';
import type { PolicyUsers } from '../../policies/stored-policies.ts';
import { isoDate } from '../criteria.ts';
import type { Json } from '../outcome.ts';
import { hrefOf } from '../route.ts';

export const policyPath = '/v2/policies/{policy}/';
export const accessPath = '/v2/distributions/{+distribution}/access/';

/** A tree as it is written: the name of a rule, or a mapping of one key. */
export const treeSchema = z.union([z.string(), z.record(z.string(), z.unknown())]);

/** The access of a distribution, as a body has it. What is in the paths, the reader of trees says. */
export const accessMembers = {
  access: treeSchema.nullish(),
  paths: z.array(z.unknown()).nullish(),
} as const;

/** Who says it, and so who can change it. */
const source = z.enum(['configuration', 'store']);

const authored = {
  by: z.string().nullable(),
  changed: z.string().nullable(),
};

export const policySchema = z.strictObject({
  _id: z.string(),
  id: z.string(),
  source,
  description: z.string().nullable(),
  /** Of the configuration nothing is shown: options may hold what is not for everybody. */
  access: z.unknown(),
  ...authored,
  _ns: z.literal('policies'),
  _href: z.string(),
});

/** Users of each kind that are shown. */
const shownUsersMax = 100;

export const policyWithUsersSchema = z.strictObject({
  ...policySchema.shape,
  used_by: z.strictObject({
    policies: z.array(z.string()),
    distributions: z.array(z.string()),
  }),
});

export const accessSchema = z.strictObject({
  distribution: z.string(),
  source,
  is_set: z.boolean(),
  is_served: z.boolean(),
  access: z.unknown(),
  paths: z.array(z.unknown()),
  ...authored,
  _href: z.string(),
});

export function showStoredPolicy({ _id, description, tree, by, changed }: StoredPolicy) {
  const known = { description, access: JSON.parse(tree) as Json, by, changed: isoDate(changed) };
  return { ...showConfiguredPolicy(_id), source: 'store', ...known };
}

export function showConfiguredPolicy(id: string) {
  return {
    _id: id,
    id,
    source: 'configuration',
    description: null,
    access: null as Json,
    by: null as string | null,
    changed: null as string | null,
    _ns: 'policies',
    _href: hrefOf(policyPath, { policy: id }),
  };
}

export function showUsers({ policies, distributions }: PolicyUsers) {
  return {
    used_by: {
      policies: policies.slice(0, shownUsersMax),
      distributions: distributions.slice(0, shownUsersMax),
    },
  };
}

/** As it was checked when it was saved. */
interface SavedAccess {
  readonly access?: Json;
  readonly paths?: readonly Json[] | null;
}

/** @param access undefined where the store has none */
export function showAccess(
  distribution: string,
  source: AccessSource | undefined,
  access: StoredAccess | undefined,
) {
  const isStored = source !== 'configuration' && access !== undefined;
  const { access: tree = null, paths = [] }: SavedAccess = isStored ? JSON.parse(access.tree) : {};
  return {
    distribution,
    source: source ?? 'store',
    is_set: source === 'configuration' || isStored,
    is_served: source !== undefined,
    access: tree,
    paths: paths ?? [],
    by: isStored ? access.by : null,
    changed: isStored ? isoDate(access.changed) : null,
    _href: hrefOf(accessPath, { distribution }),
  };
}
