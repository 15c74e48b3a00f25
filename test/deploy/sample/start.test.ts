import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { needs, needsRoot } from '../../support/needs.ts';
import { runOk } from '../../support/processes.ts';
import { repositoryRoot } from '../../support/source-tree.ts';
import { checkOut, processesOf, startSample, trial } from './sample.ts';
import { sampleTests } from './sample-tests.ts';

/** Makes the path of the sample's unix socket longer than a socket address can hold. */
const deepFolders = ['deep'.repeat(20), 'deeper'.repeat(10)];

/** A user who owns nothing and may read what everybody may. */
const ordinaryUser = ['setpriv', '--reuid=nobody', '--regid=nogroup', '--clear-groups'] as const;

describe('npm start', () => {
  it('npm start works for an ordinary user', { skip: needsOrdinaryUser() }, async () => {
    using checkout = checkOut();
    await runOk('chown', ['-R', 'nobody', checkout.path]);
    await using sample = await startSample(checkout, [
      ...ordinaryUser,
      ...['env', `HOME=${checkout.path}`, 'PATH=/usr/bin:/bin', 'npm', 'start'],
    ]);
    const { stdout } = await sample.paste(trial(sample, /user name with its password/));
    assert.equal(stdout.toString(), '200\n');
    assert.equal(await sample.stop('SIGINT'), 0);
    assert.deepEqual(processesOf(checkout.path), []);
  });

  it('npm start says so when another one runs in the same checkout, which goes on', async () => {
    using checkout = checkOut();
    await using first = await startSample(checkout);
    await assert.rejects(
      startSample(checkout),
      /it ended with 1: [\s\S]*Cannot start: somebody listens/,
    );
    const { stdout } = await first.paste(trial(first, /user name with its password/));
    assert.equal(stdout.toString(), '200\n');
  });

  it('npm start says so when var/ cannot be written', async () => {
    using checkout = checkOut();
    writeFileSync(checkout.file('var'), '');
    await assert.rejects(startSample(checkout), /it ended with 1: [\s\S]*Cannot make .*\/var: /);
  });

  describe('npm start with nginx', { skip: needs('nginx', 'curl') }, () => {
    sampleTests([]);
  });
  describe('npm start where nginx cannot be used', { skip: needs('curl') }, () => {
    sampleTests(deepFolders);
  });
});

function needsOrdinaryUser(): string | false {
  const nodeModules = path.join(repositoryRoot, 'node_modules/.bin/node');
  const [command, ...args] = [...ordinaryUser, 'test', '-x', nodeModules] as const;
  const isReadable = spawnSync(command, args).status === 0;
  return (
    needs('nginx', 'curl') || needsRoot() || (!isReadable && 'others may not read the checkout')
  );
}
