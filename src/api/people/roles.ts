/** The roles in the store. */

import type { Operation } from '../../people/operation.ts';
import { type Resource, resourceOf } from '../../people/resource.ts';
import { superUsersRole } from '../../people/super-users.ts';
import { parseFilter, where } from '../../stores/parse-filter.ts';
import type { Query, Store } from '../../stores/store.ts';
import type { Role, User } from './documents.ts';
import { addGrant, removeGrant } from './grants.ts';
import { changeGrants, forgetResources } from './kept-grants.ts';
import type { Users } from './users.ts';

export interface NewRole {
  readonly id: string;
  readonly display_name: string | null;
  readonly description: string | null;
}

/** Roles that one query names: the store's limit on lists is above it. */
const idsOfQueryMax = 1000;

export class Roles {
  readonly #store: Store;
  readonly #users: Users;

  constructor(store: Store, users: Users) {
    this.#store = store;
    this.#users = users;
  }

  async byId(id: string): Promise<Role | undefined> {
    const [role] = await this.find({ filter: where({ id }), limit: 1 });
    return role;
  }

  byIds(ids: readonly string[]): Promise<readonly Role[]> {
    return this.find({ filter: parseFilter({ id: { $in: ids } }) });
  }

  async find(query: Query): Promise<readonly Role[]> {
    return (await this.#store.find('roles', query)) as unknown as readonly Role[];
  }

  members(id: string): Promise<readonly User[]> {
    return this.#users.find({ filter: where({ roles: id }), sort: [['login', 1]] });
  }

  /** The logins of the members of each of the roles. */
  async membersOfAll(ids: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
    const logins = new Map<string, string[]>(ids.map((id) => [id, []]));
    for (let at = 0; at < ids.length; at += idsOfQueryMax) {
      const filter = parseFilter({ roles: { $in: ids.slice(at, at + idsOfQueryMax) } });
      for (const { login, roles } of await this.#users.find({ filter, sort: [['login', 1]] })) {
        for (const role of roles) {
          const of = logins.get(role);
          if (of !== undefined && of.at(-1) !== login) of.push(login);
        }
      }
    }
    return new Map([...logins].map(([id, of]) => [id, [...new Set(of)]]));
  }

  /** Undefined when the id is taken. Whoever was left with the id of a deleted role loses it first. */
  async create(role: NewRole): Promise<Role | undefined> {
    if ((await this.byId(role.id)) !== undefined) return undefined;
    await this.#removeMembers(role.id);
    const result = await this.#store.insert('roles', { ...role, grants: [] });
    return result.outcome === 'inserted' ? (result.document as unknown as Role) : undefined;
  }

  async update(
    role: Role,
    delta: { readonly display_name?: string | null; readonly description?: string | null },
  ): Promise<Role | undefined> {
    const result = await this.#store.update('roles', role._id, { $set: delta });
    return result.outcome === 'updated' ? (result.document as unknown as Role) : undefined;
  }

  /**
   * What others may do with it goes first; what it allowed ends with its document; then its members
   * lose the name of it.
   */
  async delete(role: Role): Promise<'done' | 'missing'> {
    const resources = [resourceOf('roles', role.id), resourceOf('roles', role.id, 'users')];
    await forgetResources(this.#store, resources, role._id);
    const outcome = await this.#store.remove('roles', role._id);
    if (outcome === 'missing') return 'missing';
    await this.#removeMembers(role.id);
    return 'done';
  }

  /** A role that goes in the same moment leaves nobody with its id. */
  async addMember(role: Role, user: User): Promise<'done' | 'inactive' | 'missing'> {
    const outcome = await this.#users.addRole(user, role.id);
    if (outcome !== 'done') return outcome;
    if ((await this.#store.get('roles', role._id)) !== undefined || role.id === superUsersRole) {
      return 'done';
    }
    await this.#users.removeRole(user, role.id);
    return 'missing';
  }

  grant(role: Role, resource: Resource, added: readonly Operation[]): GrantsChange {
    return changeGrants(this.#store, 'roles', role._id, (grants) =>
      addGrant(grants, resource, added),
    );
  }

  revoke(role: Role, resource: Resource, removed: readonly Operation[]): GrantsChange {
    return changeGrants(this.#store, 'roles', role._id, (grants) =>
      removeGrant(grants, resource, removed),
    );
  }

  async #removeMembers(id: string): Promise<void> {
    for (const member of await this.members(id)) await this.#users.removeRole(member, id);
  }
}

type GrantsChange = ReturnType<typeof changeGrants>;
