import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type SuperUsers, withoutSuperUser, withSuperUser } from '../../src/people/super-users.ts';

const last = { refusal: 'last-super-user' };

describe('withoutSuperUser', () => {
  for (const { name, members, user, live, expected } of [
    { name: 'lets one of two go', members: ['a', 'b'], user: 'a', live: 'ab', expected: ['b'] },
    { name: 'keeps the last', members: ['a'], user: 'a', live: 'a', expected: last },
    {
      name: 'keeps the last who can log in',
      members: ['a', 'b', 'c'],
      user: 'a',
      live: 'a',
      expected: last,
    },
    {
      name: 'lets go who cannot log in',
      members: ['a', 'b'],
      user: 'b',
      live: 'a',
      expected: ['a'],
    },
    { name: 'heeds who is no member', members: ['a'], user: 'b', live: 'ab', expected: ['a'] },
    { name: 'heeds nobody in an empty role', members: [], user: 'a', live: 'a', expected: [] },
    {
      name: 'counts nobody who is live and no member',
      members: ['a'],
      user: 'a',
      live: 'abc',
      expected: last,
    },
  ] as const) {
    it(name, () => {
      const change = withoutSuperUser(members, user, new Set(live));
      assert.deepEqual(change, Array.isArray(expected) ? { members: expected } : expected);
    });
  }
});

describe('withSuperUser', () => {
  it('adds a member once', () => {
    assert.deepEqual(withSuperUser(['a'], 'b'), ['a', 'b']);
    assert.deepEqual(withSuperUser(['a', 'b'], 'a'), ['a', 'b']);
  });
});

/** A store with its compare-and-set, and administrators whose steps come in any order. */
class Model {
  members: SuperUsers = ['a', 'b', 'c'];
  version = 1;
  readonly live = new Set(['a', 'b', 'c', 'd']);

  /** The steps of taking the role away from `user`, and of deleting the user if `deletes`. */
  *take(user: string, deletes: boolean): Generator<void> {
    for (;;) {
      const { members, version } = this;
      yield;
      const live = new Set(members.filter((member) => this.live.has(member)));
      yield;
      if (this.version !== version) continue;
      const change = withoutSuperUser(members, user, live);
      if ('refusal' in change) return;
      this.#write(change.members);
      yield;
      if (deletes) this.live.delete(user);
      return;
    }
  }

  *give(user: string): Generator<void> {
    if (!this.live.has(user)) return;
    yield;
    this.#write(withSuperUser(this.members, user));
  }

  get canAnybodyLogIn(): boolean {
    return this.members.some((member) => this.live.has(member));
  }

  #write(members: SuperUsers): void {
    this.members = members;
    this.version += 1;
  }
}

describe('the last super-user', () => {
  it('T94 stays, however many are deleted and demoted at once', () => {
    const user = fc.constantFrom('a', 'b', 'c');
    const actor = fc.record({ user, deletes: fc.boolean() });
    const turns = fc.array(fc.nat(), { maxLength: 60 });
    fc.assert(
      fc.property(fc.array(actor, { minLength: 2, maxLength: 6 }), turns, (actors, order) => {
        const model = new Model();
        const running = actors.map((one) => model.take(one.user, one.deletes));
        running.push(model.give('d'));
        for (const turn of order) {
          running[turn % running.length]?.next();
          assert.ok(model.canAnybodyLogIn, JSON.stringify(model.members));
        }
        for (const one of running) for (const _ of one) assert.ok(model.canAnybodyLogIn);
        assert.ok(model.canAnybodyLogIn);
      }),
      { numRuns: 1000 },
    );
  });
});
