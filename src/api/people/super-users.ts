/**
 * The state of `src/people/super-users.ts` in the store, in the document of the role. That module says
 * what becomes of it and in which order; here it is read and written.
 */

import { PortcullisError } from '../../errors.ts';
import {
  activeSuperUsers,
  addSuperUser,
  forgetUser,
  removeSuperUser,
  resumeUser,
  type SuperUsers as State,
  type SuperUsersChange,
  settleSuspension,
  superUsersRole,
  suspendUser,
} from '../../people/super-users.ts';
import type { Document } from '../../stores/document.ts';
import type { Store } from '../../stores/store.ts';

/** Fixed, so that several who begin with an empty store make one. */
const documentId = '000000000000000000000001';

/** How often a member is added anew because the role changed meanwhile. */
const triesMax = 50;

export class SuperUsers {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** The `_id` of each user who is one and is not disabled. */
  async active(): Promise<ReadonlySet<string>> {
    const role = await this.#store.get('roles', documentId);
    return role === undefined ? new Set() : activeSuperUsers(stateOf(role));
  }

  /** Whether the user is one, disabled or not. */
  async has(user: string): Promise<boolean> {
    const role = await this.#store.get('roles', documentId);
    return role !== undefined && stateOf(role).members.includes(user);
  }

  /** Makes the role when there is none yet. */
  async ensure(): Promise<void> {
    const role = { _id: documentId, id: superUsersRole, display_name: 'Super Users' };
    const rest = { description: 'They may do everything.', grants: [], members: [], inactive: {} };
    await this.#store.insert('roles', { ...role, ...rest });
  }

  /**
   * @param isEnabled whether the user is in the store and not disabled
   * @returns `inactive` also when the user is not there
   */
  async add(user: string, isEnabled: () => Promise<boolean>): Promise<'done' | 'inactive'> {
    for (let tries = 0; tries < triesMax; tries += 1) {
      const role = await this.#store.get('roles', documentId);
      if (role === undefined) {
        await this.ensure();
        continue;
      }
      const present = stateOf(role);
      const change = addSuperUser(present, user);
      if ('refusal' in change) return 'inactive';
      if (change.superUsers === present) return 'done';
      if (!(await isEnabled())) return 'inactive';
      const set = { $set: { members: change.superUsers.members } };
      const result = await this.#store.update('roles', documentId, set, role._version);
      if (result.outcome === 'updated') return 'done';
    }
    throw new PortcullisError(
      'STORE_UNAVAILABLE',
      'Cannot add a super-user: others change the role for too long',
    );
  }

  /** Takes a member out, unless it is the last one. */
  async remove(user: string): Promise<'done' | 'last'> {
    return lastOrDone(await this.#change((present) => removeSuperUser(present, user)));
  }

  /** @param version of the user's own document, before it is changed to be disabled */
  async suspend(user: string, version: number): Promise<'done' | 'last'> {
    return lastOrDone(await this.#change((present) => suspendUser(present, user, version)));
  }

  async settle(user: string): Promise<void> {
    await this.#change((present) => ({ superUsers: settleSuspension(present, user) }));
  }

  /** @param version of the user's own document, which says that the user is enabled */
  async resume(user: string, version: number): Promise<void> {
    await this.#change((present) => ({ superUsers: resumeUser(present, user, version) }));
  }

  async forget(user: string): Promise<void> {
    await this.#change((present) => ({ superUsers: forgetUser(present, user) }));
  }

  /** Of a state that is given back as it was, nothing is written. */
  async #change(change: (present: State) => SuperUsersChange): Promise<SuperUsersChange> {
    const made: SuperUsersChange[] = [];
    const result = await this.#store.update('roles', documentId, (document) => {
      const present = stateOf(document);
      const next = change(present);
      made.push(next);
      const isChange = 'superUsers' in next && next.superUsers !== present;
      return isChange ? { ...document, ...next.superUsers } : undefined;
    });
    const last = made.at(-1);
    if (last !== undefined && result.outcome !== 'missing') return last;
    await this.ensure();
    return this.#change(change);
  }
}

function lastOrDone(change: SuperUsersChange): 'done' | 'last' {
  return 'refusal' in change ? 'last' : 'done';
}

function stateOf(role: Document): State {
  const { members, inactive } = role as unknown as State;
  return { members, inactive };
}
