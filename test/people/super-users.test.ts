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
  suspendUser,
} from '../../src/people/super-users.ts';

const state = (members: string, inactive = ''): SuperUsers => ({
  members: [...members],
  inactive: [...inactive],
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
    assert.deepEqual(suspendUser(state('a'), 'a'), last);
    assert.deepEqual(suspendUser(state('ab', 'b'), 'a'), last);
    assert.deepEqual(suspendUser(state('ab'), 'a'), { superUsers: state('ab', 'a') });
    assert.deepEqual(suspendUser(state('a'), 'x'), { superUsers: state('a', 'x') });
    assert.deepEqual(suspendUser(state('ab', 'b'), 'b'), { superUsers: state('ab', 'b') });
    assert.deepEqual(suspendUser(state(''), 'x'), { superUsers: state('', 'x') });
  });
});

describe('addSuperUser', () => {
  it('adds a member once, and nobody who is disabled or being deleted', () => {
    assert.deepEqual(addSuperUser(state('a'), 'b'), { superUsers: state('ab') });
    assert.deepEqual(addSuperUser(state('ab'), 'a'), { superUsers: state('ab') });
    assert.deepEqual(addSuperUser(state('a', 'b'), 'b'), { refusal: 'inactive' });
  });
});

describe('resumeUser', () => {
  it('gives a member the role back, and nobody else', () => {
    assert.deepEqual([...activeSuperUsers(resumeUser(state('ab', 'b'), 'b'))], ['a', 'b']);
    assert.deepEqual([...activeSuperUsers(resumeUser(state('a', 'x'), 'x'))], ['a']);
  });
});

describe('forgetUser', () => {
  it('leaves nothing of a user', () => {
    assert.deepEqual(forgetUser(state('ab', 'bx'), 'b'), state('a', 'x'));
  });
});

/** A store with its compare-and-set, and administrators whose steps come in any order. */
class Model {
  superUsers = state('abc');
  version = 1;
  readonly users = new Set('abcde');

  get canAnybodyLogIn(): boolean {
    return [...activeSuperUsers(this.superUsers)].some((user) => this.users.has(user));
  }

  *remove(user: string): Generator<void> {
    yield;
    this.#write(removeSuperUser(this.superUsers, user));
  }

  /** To disable is the same without its end. */
  *delete(user: string): Generator<void> {
    yield;
    if (!this.#write(suspendUser(this.superUsers, user))) return;
    yield;
    this.users.delete(user);
    yield;
    this.#write({ superUsers: forgetUser(this.superUsers, user) });
  }

  *add(user: string): Generator<void> {
    for (;;) {
      const { superUsers, version } = this;
      yield;
      if (!this.users.has(user)) return;
      yield;
      if (this.version !== version) continue;
      this.#write(addSuperUser(superUsers, user));
      return;
    }
  }

  #write(change: SuperUsersChange): boolean {
    if ('refusal' in change) return false;
    this.superUsers = change.superUsers;
    this.version += 1;
    return true;
  }
}

describe('the last super-user', () => {
  it('T94 stays, however many are added, deleted and demoted at once', () => {
    const user = fc.constantFrom(...'abcde');
    const act = fc.constantFrom('remove', 'delete', 'add');
    const actors = fc.array(fc.tuple(act, user), { minLength: 2, maxLength: 9 });
    const turns = fc.array(fc.nat(), { maxLength: 80 });
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
});
