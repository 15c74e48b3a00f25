import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readCommandLine } from '../../src/admin/arguments.ts';
import { commands } from '../../src/admin/commands.ts';
import { manual, overview } from '../../src/admin/help.ts';

const read = (...line: readonly string[]) => readCommandLine(commands, line);
const user = ['auth', 'user'];
const grant = ['auth', 'permission', 'grant', '--resource', '/'];

describe('command line of portcullis-admin', () => {
  it('command line of portcullis-admin takes -u and -p before the words, and behind them where they are free', () => {
    for (const line of [
      ['-u', 'joe', '-p', 'x', 'tasks', 'list', '--json'],
      ['--json', 'tasks', 'list', '--username=joe', '--password', 'x'],
      ['-ujoe', '--json', 'tasks', 'list', '-px'],
    ]) {
      const { global, command } = read(...line);
      assert.deepEqual(command?.path, ['tasks', 'list']);
      assert.deepEqual([global.one('username'), global.one('password')], ['joe', 'x']);
      assert.equal(global.has('json'), true);
    }
  });

  it("command line of portcullis-admin tells the caller's password from that of another", () => {
    const update = [
      '-p',
      'mine',
      ...user,
      'update',
      '--login',
      'joe',
      '--password',
      'theirs',
      '-p',
    ];
    const { global, given } = read(...update);
    assert.deepEqual([global.one('password'), given.one('password')], ['mine', 'theirs']);
    assert.equal(given.has('ask-password'), true);
  });

  it('command line of portcullis-admin keeps each of what can be repeated', () => {
    const { given } = read(...grant, '--login', 'joe', '-o', 'READ', '--operation=UPDATE');
    assert.deepEqual(given.all('operation'), ['READ', 'UPDATE']);
  });

  const mistakes: readonly (readonly [line: readonly string[], told: string])[] = [
    [['auth', 'usr'], 'Cannot run "auth usr": did you mean user; see portcullis-admin auth --help'],
    [
      ['frobnicate'],
      'Cannot run "frobnicate": there is no such command; see portcullis-admin --help',
    ],
    [
      [...user, 'delete'],
      'Cannot run auth user delete: --login NAME is missing; see portcullis-admin auth user delete --help',
    ],
    [
      [...user, 'delete', 'joe', '--login', 'joe'],
      'Cannot run auth user delete with "joe": expected options alone; see portcullis-admin auth user delete --help',
    ],
    [
      [...user, 'delete', '--logn', 'joe'],
      'Cannot use --logn: did you mean --login; see portcullis-admin auth user delete --help',
    ],
    [
      [...user, 'delete', '--login', '--json'],
      'Cannot use --login: it needs a value, as --login=NAME; see portcullis-admin auth user delete --help',
    ],
    [
      [...user, 'delete', '--login'],
      'Cannot use --login: it needs a value, as --login=NAME; see portcullis-admin auth user delete --help',
    ],
    [
      [...user, 'delete', '--login', 'a', '--login', 'b'],
      'Cannot use --login twice: once is right; see portcullis-admin auth user delete --help',
    ],
    [
      ['--json=yes', 'status'],
      'Cannot use --json with a value: it is a switch; see portcullis-admin --help',
    ],
    [
      [...user, 'create', '--login', 'a', '-p', 'x'],
      'Cannot use -p: -p stands before the words of the command here; see portcullis-admin auth user create --help',
    ],
    [
      ['--map', '--frob'],
      'Cannot use --frob: there is no such option; see portcullis-admin --help',
    ],
    [
      ['auth', '--json', 'user', 'list'],
      'Cannot run "auth user": the words of a command stand together, with options before and behind them; see portcullis-admin auth --help',
    ],
    [
      ['completion'],
      'Cannot run completion with nothing: expected bash|zsh; see portcullis-admin completion --help',
    ],
  ];
  for (const [line, message] of mistakes) {
    it(`command line of portcullis-admin refuses ${line.join(' ')}`, () => {
      assert.throws(() => read(...line), { code: 'USAGE', message });
    });
  }

  it('command line of portcullis-admin never tells a value: it may be a password', () => {
    for (const line of [
      ['--pasword', 's3cret', 'login'],
      ['--pasword=s3cret', 'login'],
      ['--json=s3cret', 'login'],
      [...user, 'create', '--login', 'a', '-ps3cret'],
      [...user, 'create', '--login', 'a', '--password', 's3cret', '--password', 's3cret'],
    ]) {
      assert.throws(
        () => read(...line),
        ({ message }: Error) => !message.includes('s3cret'),
        line.join(' '),
      );
    }
  });
});

describe('help of portcullis-admin', () => {
  it('help of portcullis-admin fits a terminal, for every command and section', () => {
    const paths = commands.map(({ path }) => path);
    const sections = paths.flatMap((path) => path.map((_, length) => path.slice(0, length)));
    const pages = [
      ...commands.map((command) => manual(command)),
      ...sections.map((path) => overview(commands, path)),
    ];
    for (const page of pages) {
      assert.match(page, /^NAME\n {2}portcullis-admin/);
      // A synopsis and an option with its value stand on one line, however long.
      const lines = page.split('\n').filter((line) => line.startsWith('      '));
      assert.deepEqual(
        lines.filter((line) => line.length > 80),
        [],
        page,
      );
    }
  });

  it('help of portcullis-admin has every option that the command takes', () => {
    const update = commands.find(({ path }) => path.join(' ') === 'auth user update');
    assert.ok(update);
    const page = manual(update);
    for (const term of ['--login NAME', '-p, --ask-password', '-u, --username NAME', '--json']) {
      assert.ok(page.includes(`  ${term}\n`), term);
    }
    assert.match(page, /^ {2}portcullis-admin auth user update --login NAME \[OPTION…\]$/m);
  });
});
