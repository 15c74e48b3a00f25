/** The users in the store. */

import { PortcullisError } from '../../errors.ts';
import { grantsOfNewUser } from '../../people/automatic-grants.ts';
import type { Operation } from '../../people/operation.ts';
import { type Resource, resourceOf } from '../../people/resource.ts';
import { superUsersRole } from '../../people/super-users.ts';
import { newId } from '../../stores/document.ts';
import { where } from '../../stores/parse-filter.ts';
import type { Query, Store } from '../../stores/store.ts';
import type { User } from './documents.ts';
import { addGrant, removeGrant } from './grants.ts';
import { changeGrants, forgetResources } from './kept-grants.ts';
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
  /** What `roles` means for the role of super-users, where the user is or is not by now. */
  readonly superUser?: 'joins' | 'leaves';
}

export type UpdateRefusal = 'last' | 'inactive' | 'missing' | 'conflict';

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

  /** Whether the user is there, and not disabled. */
  async isEnabled(id: string): Promise<boolean> {
    return (await this.#store.get('users', id))?.isDisabled === false;
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

  /**
   * The last super-user stays one. What a stop in between leaves undone, the next call does.
   *
   * @returns `conflict` when somebody changed `user` since it was read, and the roles would be those
   *   of before; `inactive` when a disabled user would become a super-user
   */
  async update(user: User, delta: UserDelta): Promise<User | UpdateRefusal> {
    const { superUser, ...set } = delta;
    if (superUser === 'leaves' && (await this.#superUsers.remove(user._id)) === 'last') {
      return 'last';
    }
    if (superUser === 'joins' && (await this.#promote(user)) === 'inactive') return 'inactive';
    const expected = delta.roles === undefined ? undefined : user._version;
    const result = await this.#store.update('users', user._id, { $set: set }, expected);
    if (result.outcome === 'updated') return result.document as unknown as User;
    return result.outcome === 'conflict' ? 'conflict' : 'missing';
  }

  /** Sets a new hash of the same password, unless another was set meanwhile. */
  async rehash({ _id, password: before }: User, password: string): Promise<void> {
    await this.#store.update('users', _id, (document) => {
      const { password: present } = document;
      return present === before ? { ...document, password } : undefined;
    });
  }

  /** `inactive`: a disabled user is made no super-user. */
  async addRole(user: User, role: string): Promise<'done' | 'inactive' | 'missing'> {
    if (role === superUsersRole && (await this.#promote(user)) === 'inactive') return 'inactive';
    const result = await this.#store.update('users', user._id, { $addToSet: { roles: role } });
    return result.outcome === 'missing' ? 'missing' : 'done';
  }

  async removeRole(user: User, role: string): Promise<'done' | 'last'> {
    if (role === superUsersRole && (await this.#superUsers.remove(user._id)) === 'last')
      return 'last';
    await this.#store.update('users', user._id, { $pull: { roles: role } });
    return 'done';
  }

  /** Nobody comes in as a disabled user, by whatever way; the last super-user stays enabled. */
  async disable(user: User, sessions: Sessions): Promise<User | 'last' | 'missing'> {
    const disabled = await this.#withdraw(user._id);
    if (typeof disabled === 'object') await sessions.closeAll(user._id);
    return disabled;
  }

  async enable({ _id }: User): Promise<User | 'missing'> {
    const result = await this.#store.update('users', _id, { $set: { isDisabled: false } });
    if (result.outcome !== 'updated') return 'missing';
    await this.#superUsers.resume(_id, result.document._version);
    return result.document as unknown as User;
  }

  /**
   * From the first step on nobody comes in as the user; the document goes last. What others may do with
   * the user goes with it.
   */
  async delete(user: User, sessions: Sessions): Promise<'done' | 'last' | 'missing'> {
    const { _id } = user;
    for (let tries = 0; tries < triesMax; tries += 1) {
      const disabled = await this.disable(user, sessions);
      if (typeof disabled === 'string') return disabled;
      await forgetResources(this.#store, [resourceOf('users', user.login)], _id);
      const outcome = await this.#store.remove('users', _id, disabled._version);
      if (outcome === 'conflict') continue;
      await this.#superUsers.forget(_id);
      return outcome === 'missing' ? 'missing' : 'done';
    }
    throw overtaken();
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

  async #promote({ _id }: User): Promise<'done' | 'inactive'> {
    return this.#superUsers.add(_id, () => this.isEnabled(_id));
  }

  /**
   * Left as it is when it says so already: two who delete a user would overtake each other for good.
   *
   * @returns undefined when somebody changed the user since
   */
  async #disableDocument(user: User): Promise<User | undefined> {
    if (user.isDisabled) return user;
    const change = { $set: { isDisabled: true } };
    const result = await this.#store.update('users', user._id, change, user._version);
    return result.outcome === 'updated' ? (result.document as unknown as User) : undefined;
  }

  /** In the order of src/people/super-users.ts: the last one who counts is never disabled. */
  async #withdraw(id: string): Promise<User | 'last' | 'missing'> {
    for (let tries = 0; tries < triesMax; tries += 1) {
      const before = await this.#store.get('users', id);
      if (before === undefined) {
        // Whoever deleted the user may have ended before this one began.
        if (tries > 0) await this.#superUsers.forget(id);
        return 'missing';
      }
      const { _version: version } = before;
      if ((await this.#superUsers.suspend(id, version)) === 'last') return 'last';
      const disabled = await this.#disableDocument(before as unknown as User);
      if (disabled === undefined) continue;
      await this.#superUsers.settle(id);
      return disabled;
    }
    throw overtaken();
  }
}

/** How often a user is disabled anew because somebody changed the user meanwhile. */
const triesMax = 50;

function overtaken(): PortcullisError {
  const state = 'others change the user for too long';
  return new PortcullisError('STORE_UNAVAILABLE', `Cannot disable a user: ${state}`);
}
