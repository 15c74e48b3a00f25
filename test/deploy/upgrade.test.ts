import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { install } from '../support/installation.ts';
import { freePort, stop, until } from '../support/processes.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const names = ['package.json', 'src', 'auth-plugins'];

describe('an upgrade as docs/operations.md describes it', () => {
  it('upgrade: a reload takes up the version that was put in the place of the old one', async () => {
    using directory = temporaryDirectory();
    const place = directory.file('portcullis');
    const next = directory.file('portcullis.new');
    install(place, names);
    install(next, names);
    const packageFile = JSON.parse(readFileSync(`${next}/package.json`, 'utf8'));
    writeFileSync(`${next}/package.json`, JSON.stringify({ ...packageFile, version: '99.0.0' }));
    const log = directory.file('portcullis.log');
    const port = await freePort();
    mkdirSync(directory.file('repos'));
    writeFileSync(directory.file('repos/a.txt'), '0123456789');
    const configuration = {
      workers: 2,
      log: { file: log },
      listen: { http: { address: `127.0.0.1:${port}` } },
      distributions: [{ relativeUrl: 'keys', root: directory.file('repos'), access: 'public' }],
    };
    const file = directory.file('portcullis.yaml');
    writeFileSync(file, JSON.stringify(configuration));
    await using stack = new AsyncDisposableStack();
    const serve = [`${place}/src/cli/main.ts`, 'serve', '--config', file];
    const primary = spawn(process.execPath, serve, { stdio: 'inherit' });
    stack.defer(() => stop(primary));
    const lines = (): readonly Record<string, unknown>[] =>
      readFileSync(log, { encoding: 'utf8', flag: 'a+' })
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line));
    const count = (message: string): number =>
      lines().filter((line) => line.message === message).length;
    // Each worker tells its own.
    const versions = (part: readonly Record<string, unknown>[]) =>
      part.flatMap((line) => ('version' in line && 'worker' in line ? [line.version] : []));
    await until(
      'both workers serve',
      () => count('ready') === 1 && versions(lines()).length === 2,
      60_000,
    );

    renameSync(place, directory.file('portcullis.old'));
    renameSync(next, place);
    primary.kill('SIGHUP');
    let answers = 0;
    const isDone = async (): Promise<boolean> => {
      const response = await fetch(`http://127.0.0.1:${port}/pulp/repos/keys/a.txt`);
      assert.equal(`${response.status} ${await response.text()}`, '200 0123456789');
      answers += 1;
      return count('reload done') === 1;
    };
    await until('the reload is done', isDone, 60_000);
    assert.ok(answers > 3);
    const begun = lines().findIndex((line) => line.message === 'reload started');
    assert.deepEqual(new Set(versions(lines().slice(begun))), new Set(['99.0.0']));
  });
});
