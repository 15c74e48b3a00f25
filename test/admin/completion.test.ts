import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { needs } from '../support/needs.ts';
import { runOk } from '../support/processes.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { type Ran, runCommand } from './program.ts';
import { unreachable } from './settings.ts';

const script = (shell: string): Promise<Ran> => runCommand(['completion', shell], unreachable);

/** What bash offers for the last of the words. */
async function inBash(...words: readonly string[]): Promise<readonly string[]> {
  const { out } = await script('bash');
  const asked = `COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _portcullis_admin; printf '%s\\n' "\${COMPREPLY[@]}"`;
  using directory = temporaryDirectory();
  const file = directory.file('asked');
  writeFileSync(file, `${out}\n${asked}`);
  return linesOf(await runOk('bash', [file, 'portcullis-admin', ...words]));
}

/** What zsh offers: its own functions, which need an editor, are stood in for. */
async function inZsh(...words: readonly string[]): Promise<readonly string[]> {
  const { out } = await script('zsh');
  return askZsh(`${out}\n`, '_portcullis_admin', words);
}

async function askZsh(
  start: string,
  name: string,
  words: readonly string[],
): Promise<readonly string[]> {
  const stubs = `compdef() { }; _files() { print files; }; _message() { print "message $1"; }
    _describe() { local one; for one in \${(P)2}; do [[ $one == \${words[CURRENT]}* ]] && print -r -- "$one"; done; return 0; }`;
  const asked = `words=("$@"); CURRENT=$#; ${name}`;
  using directory = temporaryDirectory();
  const file = directory.file('asked');
  writeFileSync(file, `${stubs}\n${start}${asked}`);
  return linesOf(await runOk('zsh', ['-f', file, 'portcullis-admin', ...words]));
}

function linesOf(output: Buffer): readonly string[] {
  return output
    .toString()
    .split('\n')
    .filter((line) => line !== '');
}

describe('portcullis-admin completion', () => {
  it('completion in bash walks sections, and passes over options with their values', async () => {
    assert.deepEqual(await inBash('lo'), ['login', 'logout']);
    assert.deepEqual(await inBash('-u', 'login', 'auth', ''), [
      'user',
      'role',
      'permission',
      'denial',
    ]);
    assert.deepEqual(await inBash('--json', 'auth', 'role', 'user', ''), ['add', 'remove']);
    assert.deepEqual(await inBash('tasks', 'list', '--de'), ['--details']);
    assert.deepEqual(await inBash('auth', 'user', 'update', '--password', ''), []);
    assert.deepEqual(await inBash('completion', ''), ['bash', 'zsh']);
    assert.deepEqual(await inBash('hel'), ['help']);
    assert.deepEqual(await inBash('help', 'auth', 'role', 'user', ''), ['add', 'remove']);
    // -p takes a value there, and is a switch here.
    assert.deepEqual(await inBash('-p', 'auth', 'tasks', 'p'), ['purge']);
    assert.deepEqual(await inBash('auth', 'user', 'update', '-p', '--n'), ['--name']);
  });

  it('completion in bash offers files behind --config', async () => {
    using directory = temporaryDirectory();
    assert.deepEqual(await inBash('--config', directory.path), [directory.path]);
  });

  it('completion in zsh walks as well, and says what each word means', {
    skip: needs('zsh'),
  }, async () => {
    assert.deepEqual(await inZsh('sta'), ['status:shows whether the server is at work']);
    const sections = ['user', 'role', 'permission', 'denial'].map(
      (word) => `${word}:commands of auth ${word}`,
    );
    assert.deepEqual(await inZsh('-u', 'login', 'auth', ''), sections);
    assert.deepEqual(
      (await inZsh('--json', 'auth', 'role', 'user', '')).map((line) => line.split(':')[0]),
      ['add', 'remove'],
    );
    assert.deepEqual(
      (await inZsh('help', 'auth', 'role', 'user', '')).map((line) => line.split(':')[0]),
      ['add', 'remove'],
    );
    assert.deepEqual(await inZsh('auth', 'user', 'search', '--filt'), [
      "--filters:A filter in MongoDB's language, in place of the options below.",
    ]);
    assert.deepEqual(await inZsh('auth', 'user', 'update', '--password', ''), ['message value']);
    assert.deepEqual(await inZsh('--config', ''), ['files']);
    const named = await inZsh('auth', 'user', 'update', '-p', '--na');
    assert.deepEqual(named, ['--name:The new full name.']);
  });

  it('completion in zsh works from the first time on as a file of fpath', {
    skip: needs('zsh'),
  }, async () => {
    using directory = temporaryDirectory();
    writeFileSync(directory.file('_portcullis-admin'), (await script('zsh')).out);
    const start = `fpath=(${directory.path}); autoload -U _portcullis-admin; `;
    assert.deepEqual(await askZsh(start, '_portcullis-admin', ['sta']), [
      'status:shows whether the server is at work',
    ]);
  });

  it('completion refuses other shells, and names the right ones', async () => {
    const { code, out, err } = await script('fish');
    assert.deepEqual([code, out], [64, '']);
    assert.match(err, /^Cannot complete in "fish": expected bash or zsh; see /);
  });
});
