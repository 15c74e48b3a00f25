/** Commands about repositories with the real API, and a worker that does their tasks. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before } from 'node:test';
import { type RepositoryWorker, runRepositoryTasks } from '../api/repository-fixture.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';
import { asAdmin, type RealCommands, testWithRealApi } from './real-commands.ts';

export interface RepositoryCommands extends RealCommands {
  /** Runs a command that shows progress and succeeds; gives what it wrote besides. */
  readonly done: (...line: readonly string[]) => Promise<string>;
  /** How many the answer of a command is a list of. */
  readonly countOf: (...line: readonly string[]) => Promise<number>;
  readonly directory: TemporaryDirectory;
  /** Writes a file; gives its path. */
  readonly file: (name: string, bytes: string | Buffer) => string;
}

/** The words of a command of the administrator: `X repo …`. */
export function repo(type: string, ...words: readonly string[]): readonly string[] {
  return [...asAdmin, type, 'repo', ...words];
}

export function testRepositoryCommands(
  what: string,
  tests: (given: () => RepositoryCommands) => void,
): void {
  testWithRealApi(what, (given) => {
    let worker: RepositoryWorker;
    let commands: RepositoryCommands;
    before(async () => {
      worker = await runRepositoryTasks(given().real.api);
      commands = withFiles(given(), temporaryDirectory());
    });
    after(async () => {
      await worker?.[Symbol.asyncDispose]();
      commands?.directory[Symbol.dispose]();
    });
    tests(() => commands);
  });
}

function withFiles(commands: RealCommands, directory: TemporaryDirectory): RepositoryCommands {
  return {
    ...commands,
    directory,
    done: async (...line) => {
      const ran = await commands.run(line);
      assert.equal(ran.code, 0, ran.err);
      return ran.out;
    },
    countOf: async (...line) => (await commands.json(...line)).length,
    file: (name, bytes) => {
      const path = directory.file(name);
      writeFileSync(path, bytes);
      return path;
    },
  };
}
