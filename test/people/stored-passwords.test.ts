import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AttemptLimiter } from '../../src/identity/attempt-limiter.ts';
import { PasswordHasher } from '../../src/identity/password-hasher.ts';
import { VerifiedPasswords } from '../../src/identity/verified-passwords.ts';
import { WorkQueue } from '../../src/identity/work-queue.ts';
import { createLogger } from '../../src/log.ts';
import { Directory, directoryCollections } from '../../src/people/directory.ts';
import { StoreMemory } from '../../src/people/store-memory.ts';
import { createStoredPasswords } from '../../src/people/stored-passwords.ts';
import { sqliteHost } from '../stores/sqlite/host.ts';
import { until } from '../support/processes.ts';
import { openStoredPeople, type StoredPeople } from '../support/stored-people.ts';

const never = new AbortController().signal;
const address = '192.0.2.1';

/** Counts the verifications that hash, each of which takes as long as any other. */
class CountingQueue extends WorkQueue {
  count = 0;

  override run<Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
    this.count += 1;
    return super.run(work, signal);
  }
}

interface Given extends AsyncDisposable {
  readonly stored: StoredPeople;
  readonly memory: StoreMemory;
  /** What is said of an attempt, and how many were hashed for it. */
  attempt(user: string, password: string): Promise<readonly [said: string, hashed: number]>;
}

async function start(): Promise<Given> {
  const stack = new AsyncDisposableStack();
  const host = stack.use(await sqliteHost());
  const stored = stack.use(await openStoredPeople(host.settings()));
  const queue = new CountingQueue({ runningMax: 2, pendingMax: 100 });
  const memory = stack.use(
    new StoreMemory({
      store: stored.store,
      collections: Object.values(directoryCollections).flat(),
      ...{ outageSeconds: 60, entriesMax: 100 },
      log: createLogger({ level: 'error', write: () => {} }),
    }),
  );
  await until('it is current', () => memory.version(['users']) !== undefined);
  const users = createStoredPasswords({
    directory: new Directory(memory),
    passwords: new PasswordHasher({ queue, cost: { logN: 10, p: 1 } }),
    attempts: new AttemptLimiter(),
    verified: new VerifiedPasswords({ secondsMax: 60, entriesMax: 100 }),
  })({ users: ['ann', 'bob', 'first'], roles: [] });
  return {
    stored,
    memory,
    attempt: async (user, password) => {
      const before = queue.count;
      const verdict = await users.verify({ user, password, address }, never);
      const said = 'reason' in verdict ? verdict.reason : verdict.outcome;
      return [said, queue.count - before];
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

describe('createStoredPasswords', () => {
  it('T47 createStoredPasswords hashes once for each refusal, whoever the user is', async () => {
    await using given = await start();
    const { stored, attempt } = given;
    await stored.addUser('ann', 'one');
    const bob = await stored.addUser('bob', 'one');
    await stored.addUser('eve', 'one');
    await stored.people.users.disable(bob, stored.people.sessions);
    assert.deepEqual(await attempt('ann', 'two'), ['the password of "ann" is wrong', 1]);
    assert.deepEqual(await attempt('zoe', 'two'), ['the store has no user "zoe"', 1]);
    assert.deepEqual(await attempt('first', 'two'), ['the user "first" has no password', 1]);
    assert.deepEqual(await attempt('bob', 'one'), ['the user "bob" is disabled', 1]);
    assert.deepEqual(await attempt('eve', 'one'), ['the rule does not name the user "eve"', 1]);
    assert.deepEqual(await attempt('no login', 'one'), ['the store has no user "no login"', 1]);
  });

  it('createStoredPasswords hashes nothing anew because another account has changed', async () => {
    await using given = await start();
    const { stored, memory, attempt } = given;
    const ann = await stored.addUser('ann', 'one');
    assert.deepEqual(await attempt('ann', 'one'), ['admitted', 1]);
    assert.deepEqual(await attempt('ann', 'one'), ['admitted', 0]);
    const before = memory.version(['users']);
    const { password } = await stored.addUser('bob', 'two');
    await until('the change is seen', () => memory.version(['users']) !== before);
    assert.deepEqual(await attempt('ann', 'one'), ['admitted', 0]);
    // Another hash of the same password counts as another password.
    const between = memory.version(['users']);
    await stored.people.users.update(ann, { password });
    await until('the change is seen', () => memory.version(['users']) !== between);
    assert.deepEqual(await attempt('ann', 'one'), ['the password of "ann" is wrong', 1]);
    assert.deepEqual(await attempt('ann', 'two'), ['admitted', 1]);
  });
});
