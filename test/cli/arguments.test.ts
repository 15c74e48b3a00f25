import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readArguments } from '../../src/cli/arguments.ts';
import { explain } from '../../src/cli/commands/explain.ts';
import { commands } from '../../src/cli/commands.ts';

describe('readArguments', () => {
  it('readArguments tells words, options and settings apart, in any order', () => {
    const line = ['--json', '--log-level=debug', '/x', '--config', 'p.yaml'];
    assert.deepEqual(readArguments(explain, line), {
      words: ['/x'],
      options: new Map([
        ['json', ''],
        ['config', 'p.yaml'],
      ]),
      settings: { 'log-level': 'debug' },
    });
    assert.deepEqual(readArguments(explain, ['--', '--json']).words, ['--json']);
    assert.equal(readArguments(explain, ['--config=-', '/x']).options.get('config'), '-');
  });

  it('readArguments lets --help stand without the words that the command needs', () => {
    assert.equal(readArguments(explain, ['--help']).options.has('help'), true);
  });

  for (const [line, message] of [
    [
      ['check', '--confg', 'x'],
      'Cannot use --confg: did you mean --config; see portcullis check --help',
    ],
    [
      ['check', '--listen-uwsgi-adress=x'],
      'Cannot use --listen-uwsgi-adress: did you mean --listen-uwsgi-address; see portcullis check --help',
    ],
    [
      ['hash-password', '--config', 'x'],
      'Cannot use --config: there is no such option; see portcullis hash-password --help',
    ],
    [['check', '-z'], 'Cannot use -z: there is no such option; see portcullis check --help'],
    [
      ['check', '--config', 'a', '--config', 'b'],
      'Cannot use --config twice: once is right; see portcullis check --help',
    ],
    [
      ['check', '--config'],
      'Cannot use --config: it needs a value, as --config=VALUE; see portcullis check --help',
    ],
    [
      ['check', '--config', '--nginx=x'],
      'Cannot use --config: it needs a value, as --config=VALUE; see portcullis check --help',
    ],
    [
      ['explain', '/x', '--json=yes'],
      'Cannot use --json with a value: it is a switch; see portcullis explain --help',
    ],
    [
      ['sign-url'],
      'Cannot run sign-url with nothing: expected URL; see portcullis sign-url --help',
    ],
    [
      ['serve', 'now'],
      'Cannot run serve with "now": expected no word; the configuration is --config FILE; see portcullis serve --help',
    ],
  ] as const) {
    it(`readArguments refuses ${line.join(' ')}`, () => {
      const [name, ...rest] = line;
      const command = commands.find((each) => each.name === name);
      assert.ok(command);
      assert.throws(() => readArguments(command, rest), { code: 'USAGE', message });
    });
  }
});
