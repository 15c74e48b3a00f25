/**
 * Who the super-users are, in one document, so that there is always one left whoever changes what at
 * the same time: every change is made on the result of the one before.
 *
 * Members who are disabled or being deleted are `inactive` as well, and do not count. A user is put
 * there before the user's own document is changed, and becomes a member only while nothing else has
 * happened to the role since the user was looked at. So whoever counts is there.
 */

import { superUsersRole } from '../../people/super-users.ts';
import type { Document } from '../../stores/document.ts';
import type { Store } from '../../stores/store.ts';

/** Fixed, so that several who begin with an empty store make one. */
const documentId = '000000000000000000000001';

/** How often a member is added anew because the role changed meanwhile. */
const triesMax = 50;

interface Members extends Document {
  readonly members: readonly string[];
  readonly inactive: readonly string[];
}

export class SuperUsers {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** The `_id` of each user who is one and is not disabled. */
  async active(): Promise<ReadonlySet<string>> {
    const role = await this.#store.get('roles', documentId);
    return role === undefined ? new Set() : activeOf(role as unknown as Members);
  }

  /** Makes the role when there is none yet. */
  async ensure(): Promise<void> {
    const role = { _id: documentId, id: superUsersRole, display_name: 'Super Users' };
    const rest = { description: 'They may do everything.', grants: [], members: [], inactive: [] };
    await this.#store.insert('roles', { ...role, ...rest });
  }

  /**
   * @param isThere whether the user is in the store and not disabled
   * @returns whether the user is a member now
   */
  async add(userId: string, isThere: () => Promise<boolean>): Promise<boolean> {
    for (let tries = 0; tries < triesMax; tries += 1) {
      let role = await this.#store.get('roles', documentId);
      if (role === undefined) {
        await this.ensure();
        role = await this.#store.get('roles', documentId);
      }
      const { members = [], inactive = [] } = (role ?? {}) as unknown as Partial<Members>;
      if (inactive.includes(userId) || !(await isThere())) return false;
      if (members.includes(userId)) return true;
      const change = { $addToSet: { members: userId } };
      const result = await this.#store.update('roles', documentId, change, role?._version);
      if (result.outcome === 'updated') return true;
    }
    return false;
  }

  /** Takes a member out, unless it is the last one. */
  remove(userId: string): Promise<'done' | 'last'> {
    return this.#change(userId, (role) =>
      role.members.includes(userId)
        ? { ...role, members: role.members.filter((member) => member !== userId) }
        : undefined,
    );
  }

  /** To be called before a user is disabled or deleted. */
  suspend(userId: string): Promise<'done' | 'last'> {
    return this.#change(userId, (role) => ({
      ...role,
      inactive: [...role.inactive.filter((member) => member !== userId), userId],
    }));
  }

  /** To be called after a user was enabled again. */
  async resume(userId: string): Promise<void> {
    await this.#store.update('roles', documentId, { $pull: { inactive: userId } });
  }

  /** To be called after a user was deleted. */
  async forget(userId: string): Promise<void> {
    const change = { $pull: { inactive: userId, members: userId } };
    await this.#store.update('roles', documentId, change);
  }

  async #change(
    userId: string,
    change: (role: Members) => Members | undefined,
  ): Promise<'done' | 'last'> {
    let isLast = false;
    await this.#store.update('roles', documentId, (document) => {
      const role = document as Members;
      const before = activeOf(role);
      const changed = change(role);
      isLast = changed !== undefined && before.has(userId) && activeOf(changed).size === 0;
      return isLast ? undefined : changed;
    });
    return isLast ? 'last' : 'done';
  }
}

function activeOf({ members, inactive }: Members): ReadonlySet<string> {
  return new Set(members).difference(new Set(inactive));
}
