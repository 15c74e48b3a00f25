import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { loadPlugins } from '../../src/access/plugins.ts';
import { run } from '../support/processes.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const root = path.join(import.meta.dirname, '../..');

/** The code blocks of the guide that have a file name. */
function filesOf(markdown: string): readonly { readonly name: string; readonly text: string }[] {
  const blocks = markdown.matchAll(/^```ts file=(\S+)\n(.*?)^```$/gms);
  return [...blocks].map(([, name = '', text = '']) => ({ name, text }));
}

describe('docs/plugins.md', () => {
  const directory = temporaryDirectory();
  const environment = { PATH: process.env.PATH, HOME: directory.path };

  before(() => {
    const guide = readFileSync(path.join(root, 'docs/plugins.md'), 'utf8');
    const files = filesOf(guide);
    assert.deepEqual(files.map(({ name }) => name).sort(), ['staff.test.ts', 'staff.ts']);
    for (const { name, text } of files) {
      writeFileSync(directory.file(name), text.replaceAll('/opt/portcullis', root));
    }
    // What `npm install /opt/portcullis` makes.
    mkdirSync(directory.file('node_modules/@types'), { recursive: true });
    symlinkSync(root, directory.file('node_modules/portcullis'));
    symlinkSync(
      path.join(root, 'node_modules/@types/node'),
      directory.file('node_modules/@types/node'),
    );
    writeFileSync(directory.file('package.json'), '{ "type": "module", "private": true }');
    const base = path.join(root, 'tsconfig.json');
    const settings = { extends: base, include: ['*.ts'], compilerOptions: { rootDir: '/' } };
    writeFileSync(directory.file('tsconfig.json'), JSON.stringify(settings));
  });
  after(() => directory[Symbol.dispose]());

  it('shows a plugin that keeps the contract and passes its own tests', async () => {
    const options = { cwd: directory.path, env: environment };
    const { code, stdout, stderr } = await run(
      process.execPath,
      ['--test', '--test-reporter=tap', 'staff.test.ts'],
      options,
    );
    assert.equal(code, 0, `${stdout}${stderr}`);
    const passed = /^# pass (\d+)$/m.exec(stdout.toString())?.[1];
    assert.ok(Number(passed) >= 7, `${stdout}`);
  });

  it('shows types that fit', async () => {
    const compiler = path.join(root, 'node_modules/typescript/bin/tsc');
    const { code, stdout } = await run(process.execPath, [compiler, '--noEmit'], {
      cwd: directory.path,
      env: environment,
    });
    assert.equal(code, 0, stdout.toString());
  });

  it('shows a module that the loader takes', async () => {
    const { plugins, problems } = await loadPlugins(new Set(), ['./staff.ts'], directory.path);
    assert.deepEqual(problems, []);
    assert.deepEqual([...plugins.keys()], ['staff']);
  });
});
