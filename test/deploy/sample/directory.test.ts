import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { configurationFile, makeOnce, missingFrom } from '../../../deploy/sample/directory.ts';
import { temporaryDirectory } from '../../support/temporary.ts';

const fill = async (directory: string): Promise<void> => {
  writeFileSync(path.join(directory, 'ca.pem'), 'certificate');
  writeFileSync(path.join(directory, configurationFile), 'listen:');
};

describe('makeOnce', () => {
  it('makeOnce makes the directory, for its owner alone, and leaves nothing beside it', async () => {
    using parent = temporaryDirectory();
    assert.equal(await makeOnce(parent.file('var'), fill), true);
    assert.deepEqual(readdirSync(parent.path), ['var']);
    assert.deepEqual(readdirSync(parent.file('var')).sort(), ['ca.pem', configurationFile]);
    assert.equal(statSync(parent.file('var')).mode & 0o777, 0o700);
  });

  it('makeOnce leaves a directory alone that is there already', async () => {
    using parent = temporaryDirectory();
    await makeOnce(parent.file('var'), fill);
    const again = await makeOnce(parent.file('var'), () => assert.fail('it was made again'));
    assert.equal(again, false);
  });

  it('makeOnce says why it cannot look into a directory', async () => {
    using parent = temporaryDirectory();
    symlinkSync('var', parent.file('var'));
    const message = /^Cannot look into .*\/var: it is a symbolic link to itself$/;
    await assert.rejects(makeOnce(parent.file('var'), fill), { message });
  });

  it('missingFrom names what somebody removed', async () => {
    using parent = temporaryDirectory();
    await makeOnce(parent.file('var'), fill);
    assert.deepEqual(missingFrom(parent.file('var'), ['ca.pem', 'server.pem']), ['server.pem']);
  });

  it('makeOnce takes an empty directory that somebody made', async () => {
    using parent = temporaryDirectory();
    mkdirSync(parent.file('var'));
    assert.equal(await makeOnce(parent.file('var'), fill), true);
  });

  it('makeOnce leaves nothing behind when the disk is full half-way', async () => {
    using parent = temporaryDirectory();
    const run = makeOnce(parent.file('var'), async (directory) => {
      writeFileSync(path.join(directory, 'ca.pem'), 'certificate');
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    });
    const message = /^Cannot make .*\/var: ENOSPC: no space left on device, write$/;
    await assert.rejects(run, { message });
    assert.deepEqual(readdirSync(parent.path), []);
  });

  it('makeOnce refuses a directory that holds something else, and leaves it as it is', async () => {
    using parent = temporaryDirectory();
    mkdirSync(parent.file('var'));
    writeFileSync(parent.file('var/mine'), 'precious');
    const message = /^Cannot make .*: something else is there, without a portcullis\.yaml; remove/;
    await assert.rejects(makeOnce(parent.file('var'), fill), { message });
    assert.deepEqual(readdirSync(parent.path), ['var']);
    assert.deepEqual(readdirSync(parent.file('var')), ['mine']);
  });

  it('makeOnce refuses a file of that name', async () => {
    using parent = temporaryDirectory();
    writeFileSync(parent.file('var'), '');
    await assert.rejects(makeOnce(parent.file('var'), fill), {
      message: /something else is there/,
    });
  });

  it('makeOnce says where it cannot write', async () => {
    const message = /^Cannot make \/proc\/var: .*'\/proc\/var\.new-\d+'$/;
    await assert.rejects(makeOnce('/proc/var', fill), { message });
  });

  it('makeOnce removes what a start that was killed left, not what another one makes', async () => {
    using parent = temporaryDirectory();
    const killed = spawn('sleep', ['0']);
    const living = spawn('sleep', ['60']);
    await once(killed, 'close');
    for (const { pid } of [killed, living]) mkdirSync(parent.file(`var.new-${pid}`));
    await makeOnce(parent.file('var'), fill);
    assert.equal(existsSync(parent.file(`var.new-${killed.pid}`)), false);
    assert.equal(existsSync(parent.file(`var.new-${living.pid}`)), true);
    living.kill();
    await once(living, 'close');
  });
});
