import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  activeSuperUsers,
  addSuperUser,
  forgetUser,
  removeSuperUser,
  resumeUser,
  type SuperUsers,
  type SuperUsersChange,
  settleSuspension,
  suspendUser,
} from '../../src/people/super-users.ts';

const state = (members: string, inactive = '', version = 1): SuperUsers => ({
  members: [...members],
  inactive: Object.fromEntries([...inactive].map((user) => [user, version])),
});
const last = { refusal: 'last' };

describe('removeSuperUser', () => {
  for (const { name, present, expected } of [
    { name: 'lets one of two go', present: state('ab'), expected: state('b') },
    { name: 'keeps the last', present: state('a'), expected: last },
    { name: 'keeps the last who counts', present: state('abc', 'bc'), expected: last },
    { name: 'lets go who does not count', present: state('ab', 'a'), expected: state('b', 'a') },
    { name: 'heeds who is no member', present: state('b'), expected: state('b') },
    { name: 'heeds nobody in an empty role', present: state(''), expected: state('') },
  ] as const) {
    it(name, () => {
      const change = removeSuperUser(present, 'a');
      assert.deepEqual('superUsers' in change ? change.superUsers : change, expected);
    });
  }
});

describe('suspendUser', () => {
  it('refuses the last who counts, and takes everybody else, members and others', () => {
    assert.deepEqual(suspendUser(state('a'), 'a', 1), last);
    assert.deepEqual(suspendUser(state('ab', 'b'), 'a', 1), last);
    assert.deepEqual(suspendUser(state('ab'), 'a', 1), { superUsers: state('ab', 'a') });
    assert.deepEqual(suspendUser(state('a'), 'x', 1), { superUsers: state('a', 'x') });
    assert.deepEqual(suspendUser(state('ab', 'b'), 'b', 1), { superUsers: state('ab', 'b') });
    assert.deepEqual(suspendUser(state(''), 'x', 1), { superUsers: state('', 'x') });
  });

  it('keeps the later of two versions, whoever comes first', () => {
    const later = { superUsers: state('ab', 'a', 7) };
    assert.deepEqual(suspendUser(state('ab', 'a', 5), 'a', 7), later);
    assert.deepEqual(suspendUser(state('ab', 'a', 7), 'a', 5), later);
  });
});

describe('settleSuspension', () => {
  it('remembers members, and forgets everybody else', () => {
    assert.deepEqual(settleSuspension(state('ab', 'a'), 'a'), state('ab', 'a'));
    assert.deepEqual(settleSuspension(state('ab', 'ax'), 'x'), state('ab', 'a'));
  });
});

describe('addSuperUser', () => {
  it('adds a member once, and nobody who is disabled or being deleted', () => {
    assert.deepEqual(addSuperUser(state('a'), 'b'), { superUsers: state('ab') });
    assert.deepEqual(addSuperUser(state('ab'), 'a'), { superUsers: state('ab') });
    assert.deepEqual(addSuperUser(state('a', 'b'), 'b'), { refusal: 'inactive' });
    assert.deepEqual(addSuperUser(state('ab', 'b'), 'b'), { superUsers: state('ab', 'b') });
  });
});

describe('resumeUser', () => {
  it('gives a member the role back, and nobody else', () => {
    assert.deepEqual(resumeUser(state('ab', 'b'), 'b', 2), state('ab'));
    assert.deepEqual([...activeSuperUsers(resumeUser(state('a', 'x'), 'x', 2))], ['a']);
    assert.deepEqual(resumeUser(state('ab'), 'b', 2), state('ab'));
  });

  it('leaves out who is about to be suspended by somebody who saw them enabled', () => {
    assert.deepEqual(resumeUser(state('ab', 'b', 7), 'b', 7), state('ab', 'b', 7));
    assert.deepEqual(resumeUser(state('ab', 'b', 7), 'b', 8), state('ab'));
  });
});

describe('forgetUser', () => {
  it('leaves nothing of a user', () => {
    assert.deepEqual(forgetUser(state('ab', 'bx'), 'b'), state('a', 'x'));
  });
});

interface ModelUser {
  readonly version: number;
  readonly isDisabled: boolean;
}

/** A store with its compare-and-set, and administrators whose steps come in any order. */
class Model {
  superUsers = state('abc');
  version = 1;
  readonly users = new Map<string, ModelUser>(
    [...'abcde'].map((user) => [user, { version: 1, isDisabled: false }]),
  );

  get canAnybodyLogIn(): boolean {
    const active = activeSuperUsers(this.superUsers);
    return [...active].some((user) => this.users.get(user)?.isDisabled === false);
  }

  *remove(user: string): Generator<void> {
    yield;
    this.#write(removeSuperUser(this.superUsers, user));
  }

  *disable(user: string): Generator<void, ModelUser | undefined> {
    for (;;) {
      const seen = this.users.get(user);
      if (seen === undefined) return undefined;
      yield;
      if (!this.#write(suspendUser(this.superUsers, user, seen.version))) return undefined;
      yield;
      if (this.users.get(user) !== seen) continue;
      const disabled = seen.isDisabled ? seen : this.#set(user, true);
      yield;
      this.#write({ superUsers: settleSuspension(this.superUsers, user) });
      return disabled;
    }
  }

  *enable(user: string): Generator<void> {
    yield;
    if (!this.users.has(user)) return;
    const { version } = this.#set(user, false);
    yield;
    this.#write({ superUsers: resumeUser(this.superUsers, user, version) });
  }

  *delete(user: string): Generator<void> {
    for (;;) {
      const disabled = yield* this.disable(user);
      if (disabled === undefined) return;
      yield;
      if (this.users.get(user) !== disabled) continue;
      this.users.delete(user);
      yield;
      this.#write({ superUsers: forgetUser(this.superUsers, user) });
      return;
    }
  }

  *add(user: string): Generator<void> {
    for (;;) {
      const { superUsers, version } = this;
      yield;
      if (this.users.get(user)?.isDisabled !== false) return;
      yield;
      if (this.version !== version) continue;
      this.#write(addSuperUser(superUsers, user));
      return;
    }
  }

  #set(user: string, isDisabled: boolean): ModelUser {
    const changed = { version: (this.users.get(user)?.version ?? 0) + 1, isDisabled };
    this.users.set(user, changed);
    return changed;
  }

  #write(change: SuperUsersChange): boolean {
    if ('refusal' in change) return false;
    this.superUsers = change.superUsers;
    this.version += 1;
    return true;
  }
}

describe('the last super-user', () => {
  const user = fc.constantFrom(...'abcde');
  const act = fc.constantFrom('remove', 'delete', 'add', 'disable', 'enable');
  const actors = fc.array(fc.tuple(act, user), { minLength: 2, maxLength: 9 });
  const turns = fc.array(fc.nat(), { maxLength: 80 });

  it('T94 stays, however many are added, deleted, disabled, enabled and demoted at once', () => {
    fc.assert(
      fc.property(actors, turns, (acts, order) => {
        const model = new Model();
        const running = acts.map(([name, whom]) => model[name](whom));
        const check = (): void =>
          assert.ok(model.canAnybodyLogIn, JSON.stringify([model.superUsers, [...model.users]]));
        for (const turn of order) {
          running[turn % running.length]?.next();
          check();
        }
        for (const one of running) for (const _ of one) check();
        check();
      }),
      { numRuns: 3000 },
    );
  });

  it('T94 counts when all has ended exactly if the own document says so', () => {
    fc.assert(
      fc.property(actors, turns, (acts, order) => {
        const model = new Model();
        const running = acts.map(([name, whom]) => model[name](whom));
        for (const turn of order) running[turn % running.length]?.next();
        for (const one of running) for (const _ of one);
        const { members, inactive } = model.superUsers;
        for (const member of members) {
          const isDisabled = model.users.get(member)?.isDisabled;
          assert.equal(isDisabled, Object.hasOwn(inactive, member), member);
        }
      }),
      { numRuns: 3000 },
    );
  });
});
