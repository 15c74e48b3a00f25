/**
 * What is kept of policies in the store. A tree is one JSON text, so that no name in it is ever taken
 * for an operator or a path of the store (T56, T57).
 */

import type { OrderedCollections } from '../stores/change-order.ts';
import type { CollectionDeclaration } from '../stores/collection.ts';

export const storedPolicies = 'policies';
export const storedAccess = 'distribution_access';

/** One document, which counts the changes of both. */
export const policyOrder = 'policy_order';

export const policyOrders: OrderedCollections = {
  counter: policyOrder,
  collections: [storedPolicies, storedAccess],
};

/** To be declared where the store is opened. */
export const policyCollections: readonly CollectionDeclaration[] = [
  {
    name: storedPolicies,
    indexes: [{ fields: ['uses'], multikey: true }, { fields: ['order'] }],
  },
  {
    name: storedAccess,
    indexes: [
      { fields: ['distribution'], unique: true },
      { fields: ['uses'], multikey: true },
      { fields: ['order'] },
    ],
  },
  { name: policyOrder, indexes: [] },
];

/** One tree as JSON in UTF-8, in bytes: its inline certificates are most of it. */
export const treeBytesMax = 256 * 1024;

/** Policies with a name that the store may hold. */
export const storedPoliciesMax = 10_000;

interface Authored {
  readonly _id: string;
  readonly _version: number;
  /** As JSON. */
  readonly tree: string;
  /** The names of policies that it refers to, each once. */
  readonly uses: readonly string[];
  /** The number of its last change among those of all policies and access. */
  readonly order: number;
  /** The login of who changed it last. */
  readonly by: string;
  readonly changed: Date;
}

/** A policy with a name, which is its `_id`. */
export interface StoredPolicy extends Authored {
  /** For people; null for none. */
  readonly description: string | null;
}

/** Who may read a distribution whose configuration does not say it. */
export interface StoredAccess extends Authored {
  /** Its relative URL. */
  readonly distribution: string;
}
