/**
 * What is kept of users and roles. A user's own grants are in the user's document, and a role's in the
 * role's: they are there and gone as one, and nothing is copied that could be left behind.
 */

import { loginProblem, roleIdProblem } from '../../people/names.ts';
import type { Operation } from '../../people/operation.ts';
import type { Resource } from '../../people/resource.ts';
import type { CollectionDeclaration } from '../../stores/collection.ts';

/** To be declared where the store is opened. */
export const peopleCollections: readonly CollectionDeclaration[] = [
  {
    name: 'users',
    indexes: [
      { fields: ['login'], unique: true },
      { fields: ['roles'], multikey: true },
      { fields: ['grants.resource'], multikey: true },
    ],
  },
  {
    name: 'roles',
    indexes: [
      { fields: ['id'], unique: true },
      { fields: ['grants.resource'], multikey: true },
    ],
  },
];

export interface User {
  readonly _id: string;
  readonly _version: number;
  readonly login: string;
  readonly name: string;
  /** As `PasswordHasher` makes it; null for a user who comes by another way. */
  readonly password: string | null;
  /** Ids of roles. Who is a super-user is said by the role, and repeated here for searches. */
  readonly roles: readonly string[];
  readonly grants: readonly HeldGrant[];
  /** Whether nobody comes in as this user, and a deletion may be under way. */
  readonly isDisabled: boolean;
}

export interface Role {
  readonly _id: string;
  readonly id: string;
  readonly display_name: string | null;
  readonly description: string | null;
  readonly grants: readonly HeldGrant[];
}

/** What may be done with one resource and what is below it. */
export type HeldGrant = {
  readonly resource: Resource;
  /** In the order of `operations`, each once, and never none. */
  readonly operations: readonly Operation[];
};

/** Grants of one user or role. A check looks at all of them. */
export const grantsMax = 1000;

/** Of a user's or a role's name for people, and of a description, in characters. */
export const textCharactersMax = 4096;

/**
 * Whose path would be that of the search: nobody could delete them, and what they may do with
 * themselves would be the search.
 */
const searchSegment = 'search';

const reserved = 'it is a reserved name';

/**
 * Why `text` can be the login of no new user, as a clause. Names of what every object has are none:
 * answers have objects with logins as their keys.
 */
export function newLoginProblem(text: string): string | undefined {
  const isTaken = text === searchSegment || text in Object.prototype;
  return loginProblem(text) ?? (isTaken ? reserved : undefined);
}

/** Why `text` can be the id of no new role, as a clause. */
export function newRoleIdProblem(text: string): string | undefined {
  return roleIdProblem(text) ?? (text in Object.prototype ? reserved : undefined);
}
