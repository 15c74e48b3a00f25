/** Commands with the real API: each test runs directly, and again through nginx. */

import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import { admin } from '../api/running-api.ts';
import { needs } from '../support/needs.ts';
import { type Ran, runCommand } from './program.ts';
import { type RealApi, startRealApi, type Way } from './real-api.ts';

export const asAdmin = ['-u', admin.login, '-p', admin.password] as const;

export interface RealCommands {
  readonly real: RealApi;
  readonly run: (line: readonly string[]) => Promise<Ran>;
  /** Runs a command that succeeds; gives what it wrote. */
  readonly ok: (...line: readonly string[]) => Promise<string>;
  /** Runs a command that waits for tasks and succeeds; gives what it wrote besides its progress. */
  readonly waited: (...line: readonly string[]) => Promise<string>;
  /** Runs a command with --json that succeeds. */
  // biome-ignore lint/suspicious/noExplicitAny: what JSON gives, which each test looks at.
  readonly json: (...line: readonly string[]) => Promise<any>;
  /** Runs a command that ends with `code` and tells `text`. */
  readonly refused: (code: number, text: RegExp, ...line: readonly string[]) => Promise<void>;
}

const ways: readonly (readonly [way: Way, skip: string | false])[] = [
  ['directly', needs('openssl')],
  ['through nginx', needs('nginx', 'openssl')],
];

export function testWithRealApi(what: string, tests: (given: () => RealCommands) => void): void {
  for (const [way, skip] of ways) {
    describe(`portcullis-admin with the real API, ${what}, ${way}`, { skip }, () => {
      let commands: RealCommands;
      before(async () => {
        commands = commandsOf(await startRealApi(way));
      });
      after(() => commands?.real[Symbol.asyncDispose]());
      tests(() => commands);
    });
  }
}

function commandsOf(real: RealApi): RealCommands {
  const run = (line: readonly string[]): Promise<Ran> => runCommand(line, real.settings);
  const ok = async (...line: readonly string[]): Promise<string> => {
    const ran = await run(line);
    assert.deepEqual([ran.code, ran.err], [0, ''], ran.out);
    return ran.out;
  };
  return {
    real,
    run,
    ok,
    waited: async (...line) => {
      const ran = await run(line);
      assert.equal(ran.code, 0, ran.err);
      assert.match(ran.err, /^This command may be exited via ctrl\+c without affecting /);
      return ran.out;
    },
    json: async (...line) => JSON.parse(await ok('--json', ...line)),
    refused: async (code, text, ...line) => {
      const ran = await run(line);
      assert.deepEqual([ran.code, ran.out], [code, ''], ran.err);
      assert.match(ran.err, text);
    },
  };
}
