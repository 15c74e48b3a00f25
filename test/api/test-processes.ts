/** The last super-user, while two processes do their worst at the same moment. */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { it } from 'node:test';
import type { StoreSettings } from '../../src/stores/open.ts';
import type { GivenApi } from './contract.ts';
import { type PeopleAction, peopleActions } from './people-actions.ts';
import { admin } from './running-api.ts';

const program = path.join(import.meta.dirname, 'people-process.ts');
const ends = ['delete', 'demote', 'disable'] as const;

export function testProcesses(given: () => GivenApi): void {
  it('T94 api keeps the last super-user from two processes at once, whatever they do', async () => {
    const { api } = given();
    const { people } = api.parts;
    await using one = await PeopleProcess.start(api.settings);
    await using other = await PeopleProcess.start(api.settings);
    for (const first of ends) {
      for (const second of ends) {
        await makeSuperUsers('s0', 's1');
        // Each ends one of the two; one of the ends is refused.
        await peopleActions.demote(people, admin.login);
        const outcomes = await Promise.all([one.do(first, 's0'), other.do(second, 's1')]);
        assert.deepEqual(outcomes.toSorted(), ['done', 'last'], `${first} ${second}`);
        const left = outcomes[0] === 'last' ? 's0' : 's1';
        await checkLeft(left);
        // Both end the same one, who is the last.
        const same = await Promise.all([one.do(first, left), other.do(second, left)]);
        assert.deepEqual(same, ['last', 'last'], `${first} ${second} of the same`);
        await checkLeft(left);
        await peopleActions.promote(people, admin.login);
      }
    }
  });

  async function makeSuperUsers(...logins: readonly string[]): Promise<void> {
    const { people } = given().api.parts;
    for (const login of logins) {
      for (const action of ['create', 'enable', 'promote'] as const) {
        await peopleActions[action](people, login);
      }
    }
  }

  async function checkLeft(login: string): Promise<void> {
    const { users, superUsers } = given().api.parts.people;
    const user = await users.byLogin(login);
    assert.ok(user !== undefined && !user.isDisabled);
    assert.deepEqual(await superUsers.active(), new Set([user._id]));
  }
}

class PeopleProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(child: ChildProcess & { readonly stdout: NodeJS.ReadableStream }) {
    this.#child = child;
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  static async start(settings: StoreSettings): Promise<PeopleProcess> {
    const child = spawn(process.execPath, [program, JSON.stringify(settings)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const started = new PeopleProcess(child);
    assert.equal(await started.#next(), 'ready');
    return started;
  }

  /** What became of it. */
  do(action: PeopleAction, login: string): Promise<string | undefined> {
    this.#child.stdin?.write(`${action} ${login}\n`);
    return this.#next();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#child, 'close');
    this.#child.stdin?.end();
    await closed;
  }

  async #next(): Promise<string | undefined> {
    return (await this.#lines.next()).value;
  }
}
