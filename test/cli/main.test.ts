import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { optionsOf } from '../../src/cli/arguments.ts';
import { commands } from '../../src/cli/commands.ts';
import { exitStatusOf } from '../../src/cli/help.ts';
import { portcullisProgram } from '../support/portcullis.ts';
import { repositoryRoot } from '../support/source-tree.ts';
import { hasStackTrace, portcullis } from './program.ts';

describe('portcullis', () => {
  it('portcullis --version is that of the package', async () => {
    const { version } = JSON.parse(readFileSync(path.join(repositoryRoot, 'package.json'), 'utf8'));
    assert.deepEqual(await portcullis(['--version']), {
      code: 0,
      out: `portcullis ${version}\n`,
      err: '',
    });
  });

  it('portcullis --help and help list every command, and without one it is a wrong use', async () => {
    for (const line of [['--help'], ['help']]) {
      const { code, out } = await portcullis(line);
      assert.equal(code, 0);
      for (const { name, summary } of commands) {
        assert.ok(out.includes(`\n  ${name}\n      ${summary}\n`), name);
      }
    }
    const { code, out, err } = await portcullis([]);
    assert.deepEqual([code, out], [64, '']);
    assert.match(err, /^NAME\n/);
  });

  it('portcullis says that its output cannot be written, and ends with 74', () => {
    const full = openSync('/dev/full', 'w');
    try {
      const line = [portcullisProgram, '--help'];
      const stdio = ['ignore', full, 'pipe'] as const;
      const { status, stderr } = spawnSync(process.execPath, line, { stdio: [...stdio] });
      const sentence = 'Cannot write the output: no space is left on the device\n';
      assert.deepEqual([status, String(stderr)], [74, sentence]);
    } finally {
      closeSync(full);
    }
  });

  for (const command of commands) {
    it(`portcullis ${command.name} --help tells its options and exit statuses in 80 columns`, async () => {
      const { code, out } = await portcullis([command.name, '--help']);
      assert.equal(code, 0);
      assert.equal(out, (await portcullis(['help', command.name])).out);
      for (const [name, { value }] of Object.entries(optionsOf(command))) {
        assert.ok(out.includes(`\n  --${name}${value === undefined ? '' : ` ${value}`}\n`), name);
      }
      for (const [status, text] of Object.entries(exitStatusOf(command))) {
        assert.ok(out.includes(`\n  ${status}\n`), text);
      }
      const prose = out.slice(0, out.indexOf('\nEXAMPLES'));
      for (const line of prose.split('\n')) assert.ok(line.length <= 80, line);
    });
  }

  it('portcullis answers a wrong command line with 64 and what would be right', async () => {
    assert.deepEqual(await portcullis(['srve']), {
      code: 64,
      out: '',
      err: 'Cannot run "srve": did you mean serve; see portcullis --help\n',
    });
    assert.deepEqual(await portcullis(['check', '--\u001b[31m']), {
      code: 64,
      out: '',
      err: 'Cannot use --\\u001b[31m: there is no such option; see portcullis check --help\n',
    });
  });

  it('portcullis tells a missing configuration in one sentence', async () => {
    for (const command of ['serve', 'nginx-config']) {
      const { code, out, err } = await portcullis([command, '--config', '/nowhere/p.yaml']);
      assert.deepEqual([code, out], [78, '']);
      assert.equal(
        err,
        'Cannot read /nowhere/p.yaml: there is no such file, --config names another\n',
      );
    }
    const byVariable = { environment: { PORTCULLIS_CONFIG: '/elsewhere/p.yaml' } };
    assert.match((await portcullis(['check'], byVariable)).out, /\/elsewhere\/p\.yaml/);
    const { err } = await portcullis(['serve']);
    assert.match(err, /^Cannot read \/etc\/portcullis\/portcullis\.yaml: /);
    assert.equal(hasStackTrace(err), false);
  });
});
