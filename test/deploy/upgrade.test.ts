import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { install } from '../support/installation.ts';
import { freePort, stop, until } from '../support/processes.ts';
import { temporaryDirectory } from '../support/temporary.ts';

/** What a worker of the new version writes, and none of the old one. */
const mark = 'a worker of the new version';

const names = ['package.json', 'src', 'auth-plugins'];

describe('an upgrade as docs/operations.md describes it', () => {
  it('upgrade: a reload takes up the version that was put in the place of the old one', async () => {
    using directory = temporaryDirectory();
    const place = directory.file('portcullis');
    const next = directory.file('portcullis.new');
    install(place, names);
    install(next, names);
    const worker = `${next}/src/worker.ts`;
    const newText = `process.stderr.write('${mark}\\n');\n${readFileSync(worker, 'utf8')}`;
    writeFileSync(worker, newText);
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
    const primary = spawn(process.execPath, serve, { stdio: ['ignore', 'ignore', 'pipe'] });
    stack.defer(() => stop(primary));
    let output = '';
    primary.stderr.on('data', (chunk: Buffer) => {
      output += chunk;
    });
    const count = (message: string): number =>
      readFileSync(log, { encoding: 'utf8', flag: 'a+' }).split(`"message":"${message}"`).length -
      1;
    await until('both workers serve', () => count('worker ready') === 2, 60_000);
    assert.equal(output, '');

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
    assert.equal(output, `${mark}\n`.repeat(2));
  });
});
