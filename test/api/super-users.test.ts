/** The super-users while several change them at once, each with a connection of its own. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { peopleCollections } from '../../src/api/people/documents.ts';
import { openPeople, type People, setUpPeople } from '../../src/api/people/people.ts';
import { sessionCollections } from '../../src/api/people/sessions.ts';
import { openStore, type StoreSettings } from '../../src/stores/open.ts';
import type { Store } from '../../src/stores/store.ts';
import { sqliteHost } from '../stores/sqlite/host.ts';
import { type PeopleAction, peopleActions } from './people-actions.ts';

const logins = ['u0', 'u1', 'u2'];
const names = Object.keys(peopleActions) as PeopleAction[];
const action = fc.tuple(fc.constantFrom(...names), fc.constantFrom(...logins));

describe('super-users', () => {
  it('T94 super-users are never without one who is there and enabled, whoever does what at once', async () => {
    await using host = await sqliteHost();
    const rounds = fc.array(fc.array(fc.tuple(action, fc.nat({ max: 1 })), { maxLength: 6 }), {
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(rounds, async (all) => {
        const settings = host.settings();
        await using one = await open(settings);
        await using other = await open(settings);
        await setUpPeople(one.people, { login: 'u0', name: 'u0', password: null });
        for (const round of all) {
          const done = round.map(([[name, login], at]) =>
            peopleActions[name]((at === 0 ? one : other).people, login),
          );
          await Promise.all(done);
          await checkSuperUsers(one.people);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('super-users and all other users are deleted once by several at once', async () => {
    await using host = await sqliteHost();
    const settings = host.settings();
    await using one = await open(settings);
    await using other = await open(settings);
    await setUpPeople(one.people, { login: 'u0', name: 'u0', password: null });
    for (let round = 0; round < 10; round += 1) {
      await peopleActions.create(one.people, 'u1');
      if (round % 2 === 0) await peopleActions.promote(one.people, 'u1');
      const user = await one.people.users.byLogin('u1');
      assert.ok(user);
      const all = [one, other, one, other];
      const deletions = all.map(({ people }) => people.users.delete(user, people.sessions));
      const outcomes = await Promise.all(deletions);
      assert.deepEqual(outcomes.toSorted(), ['done', 'missing', 'missing', 'missing']);
    }
    await checkSuperUsers(one.people);
  });

  it('T94 super-users stay whatever is done between two steps of something else', async () => {
    await using host = await sqliteHost();
    const between = fc.array(action, { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(action, fc.nat({ max: 8 }), between, async ([name, login], step, others) => {
        const settings = host.settings();
        await using other = await open(settings);
        const interrupt = async (): Promise<void> => {
          for (const [what, whom] of others) await peopleActions[what](other.people, whom);
        };
        await using one = await open(settings, (store) => interrupted(store, step, interrupt));
        await setUpPeople(other.people, { login: 'u0', name: 'u0', password: null });
        await peopleActions.create(other.people, 'u1');
        await peopleActions.promote(other.people, 'u1');
        await peopleActions[name](one.people, login);
        await checkSuperUsers(other.people);
      }),
      { numRuns: 80 },
    );
  });
});

/** Somebody can do everything, and who counts by the role is there and enabled by the own document. */
async function checkSuperUsers({ users, superUsers }: People): Promise<void> {
  const active = await superUsers.active();
  assert.ok(active.size > 0);
  for (const id of active) assert.ok(await users.isEnabled(id), id);
}

/** A store that does something else before its call number `step`. */
function interrupted(store: Store, step: number, interrupt: () => Promise<void>): Store {
  let calls = 0;
  return new Proxy(store, {
    get: (target, name: keyof Store) => {
      const member = target[name];
      if (typeof member !== 'function') return member;
      return async (...values: readonly never[]) => {
        calls += 1;
        if (calls === step + 1) await interrupt();
        return Reflect.apply(member, target, values);
      };
    },
  });
}

async function open(settings: StoreSettings, wrap = (store: Store): Store => store) {
  const collections = [...peopleCollections, ...sessionCollections];
  const store = await openStore({ settings, access: 'write', collections });
  const people = openPeople(wrap(store), () => new Date());
  return { people, [Symbol.asyncDispose]: () => store.close() };
}
