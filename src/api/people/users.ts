/** The users in the store. */

import { grantsOfNewUser } from '../../people/automatic-grants.ts';
import type { Operation } from '../../people/operation.ts';
import type { Resource } from '../../people/resource.ts';
import { superUsersRole } from '../../people/super-users.ts';
import { newId } from '../../stores/document.ts';
import { where } from '../../stores/parse-filter.ts';
import type { Query, Store } from '../../stores/store.ts';
import type { HeldGrant, User } from './documents.ts';
import { addGrant, removeGrant } from './grants.ts';
import type { Sessions } from './sessions.ts';
import type { SuperUsers } from './super-users.ts';

export interface NewUser {
  readonly login: string;
  readonly name: string;
  readonly password: string | null;
}

export interface UserDelta {
  readonly name?: string;
  readonly password?: string | null;
  /** All of them; each is known to be there. */
  readonly roles?: readonly string[];
}

export class Users {
  readonly #store: Store;
  readonly #superUsers: SuperUsers;

  constructor(store: Store, supers: SuperUsers) {
    this.#store = store;
    this.#superUsers = supers;
  }

  async byLogin(login: string): Promise<User | undefined> {
    const [user] = await this.find({ filter: where({ login }), limit: 1 });
    return user;
  }

  async find(query: Query): Promise<readonly User[]> {
    return (await this.#store.find('users', query)) as unknown as readonly User[];
  }

  /** Undefined when the login is taken. The user may log in and change what is the user's own. */
  async create({ login, name, password }: NewUser): Promise<User | undefined> {
    const id = newId();
    const grants = grantsOfNewUser({ id, login }).map(({ holder: _, ...grant }) => grant);
    const user = { _id: id, login, name, password, roles: [], grants, isDisabled: false };
    const result = await this.#store.insert('users', user);
    return result.outcome === 'inserted' ? (result.document as unknown as User) : undefined;
  }

  /** The last super-user stays one. What a stop in between leaves undone, the next call does. */
  async update(user: User, delta: UserDelta): Promise<User | 'last' | 'missing'> {
    const { roles, ...fields } = delta;
    if (roles !== undefined) {
      const outcome = roles.includes(superUsersRole)
        ? await this.#promote(user)
        : await this.#superUsers.remove(user._id);
      if (outcome !== 'done') return outcome;
    }
    const set = { ...fields, ...(roles !== undefined && { roles }) };
    const result = await this.#store.update('users', user._id, { $set: set });
    return result.outcome === 'updated' ? (result.document as unknown as User) : 'missing';
  }

  /** Sets a new hash of the same password, unless another was set meanwhile. */
  async rehash({ _id, password: before }: User, password: string): Promise<void> {
    await this.#store.update('users', _id, (document) => {
      const { password: present } = document;
      return present === before ? { ...document, password } : undefined;
    });
  }

  async addRole(user: User, role: string): Promise<'done' | 'missing'> {
    if (role === superUsersRole && (await this.#promote(user)) === 'missing') return 'missing';
    const result = await this.#store.update('users', user._id, { $addToSet: { roles: role } });
    return result.outcome === 'missing' ? 'missing' : 'done';
  }

  async removeRole(user: User, role: string): Promise<'done' | 'last'> {
    if (role === superUsersRole && (await this.#superUsers.remove(user._id)) === 'last')
      return 'last';
    await this.#store.update('users', user._id, { $pull: { roles: role } });
    return 'done';
  }

  /** From the first step on nobody comes in as the user; the document goes last. */
  async delete(user: User, sessions: Sessions): Promise<'done' | 'last' | 'missing'> {
    if ((await this.#superUsers.suspend(user._id)) === 'last') return 'last';
    await this.#store.update('users', user._id, { $set: { isDisabled: true } });
    await sessions.closeAll(user._id);
    const outcome = await this.#store.remove('users', user._id);
    await this.#superUsers.forget(user._id);
    return outcome === 'missing' ? 'missing' : 'done';
  }

  async grant(
    user: User,
    resource: Resource,
    added: readonly Operation[],
  ): Promise<'done' | 'full' | 'missing'> {
    return changeGrants(this.#store, 'users', user._id, (grants) =>
      addGrant(grants, resource, added),
    );
  }

  async revoke(
    user: User,
    resource: Resource,
    removed: readonly Operation[],
  ): Promise<'done' | 'full' | 'missing'> {
    return changeGrants(this.#store, 'users', user._id, (grants) =>
      removeGrant(grants, resource, removed),
    );
  }

  async #promote({ _id }: User): Promise<'done' | 'missing'> {
    const isThere = async (): Promise<boolean> => {
      const user = (await this.#store.get('users', _id)) as unknown as User | undefined;
      return user !== undefined && !user.isDisabled;
    };
    return (await this.#superUsers.add(_id, isThere)) ? 'done' : 'missing';
  }
}

/** One document is changed, so that of two at the same time none is lost. */
export async function changeGrants(
  store: Store,
  collection: 'users' | 'roles',
  id: string,
  change: (grants: readonly HeldGrant[]) => readonly HeldGrant[] | undefined,
): Promise<'done' | 'full' | 'missing'> {
  const result = await store.update(collection, id, (document) => {
    const grants = change(document.grants as readonly HeldGrant[]);
    return grants === undefined ? undefined : { ...document, grants };
  });
  if (result.outcome === 'updated') return 'done';
  return result.outcome === 'left' ? 'full' : 'missing';
}
