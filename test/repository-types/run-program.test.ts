import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, it } from 'node:test';
import { repositoryTypes } from '../../src/repository-types/all-types.ts';
import {
  missingPrograms,
  missingProgramText,
  requirePrograms,
} from '../../src/repository-types/programs.ts';
import { askProgram, runProgram } from '../../src/repository-types/run-program.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const limits = { timeLimitSeconds: 60, outputBytesMax: 1000 };
const signal = new AbortController().signal;
const options = { ...limits, signal };

describe('a program', () => {
  it('gets its words as they are, and an environment of ours alone', async () => {
    const hostile = '$(touch x); `id` "\n*';
    const output = await runProgram('printf', ['%s', hostile], options);
    assert.equal(output.toString(), hostile);
    const given = await runProgram('env', [], { ...options, environment: { OWN: '1' } });
    const names = given
      .toString()
      .trim()
      .split('\n')
      .map((line) => line.split('=')[0]);
    assert.deepEqual(names.sort(), ['HOME', 'LC_ALL', 'OWN', 'PATH', 'TZ']);
  });

  it('may write as much as it may, and not one byte more', async () => {
    const bytes = (count: number) => ['-c', String(count), '/dev/zero'];
    assert.equal((await runProgram('head', bytes(1000), options)).length, 1000);
    const failing = runProgram('head', bytes(1001), options);
    await assert.rejects(failing, { code: 'PROGRAM_FAILED', message: /more than 1000 bytes/ });
  });

  it('is ended when its time is over, and when it is not wanted any more', async () => {
    const slow = askProgram('sleep', ['60'], { ...options, timeLimitSeconds: 0.05 });
    await assert.rejects(slow, { code: 'PROGRAM_FAILED', message: /longer than 0.05 s/ });
    const controller = new AbortController();
    const running = askProgram('sleep', ['60'], { ...options, signal: controller.signal });
    const reason = new Error('not wanted');
    controller.abort(reason);
    await assert.rejects(running, reason);
    await assert.rejects(askProgram('true', [], { ...options, signal: controller.signal }), reason);
  });

  it('fails with its own words, and tells its status to who asks', async () => {
    const wrong = ['/there/is/no/such/file'];
    await assert.rejects(runProgram('cat', wrong, options), {
      code: 'PROGRAM_FAILED',
      message: /status 1: cat: .*No such file/,
    });
    assert.equal((await askProgram('false', [], options)).status, 1);
  });

  it('that reads what clients sent cannot fill the disk or the memory (T81)', async () => {
    using directory = temporaryDirectory();
    const isolation = { fileBytesMax: 4096, memoryBytesMax: 256 * 1024 * 1024 };
    const file = directory.file('filled');
    const write = ['if=/dev/zero', `of=${file}`, 'bs=1024', 'count=64', 'status=none'];
    assert.notEqual((await askProgram('dd', write, { ...options, isolation })).status, 0);
    assert.ok(existsSync(file));
    const grow = ['if=/dev/zero', 'of=/dev/null', 'bs=512M', 'count=1', 'status=none'];
    assert.notEqual((await askProgram('dd', grow, { ...options, isolation })).status, 0);
  });

  it('that is missing is named, with the packages that bring it', async () => {
    const need = {
      program: 'no-such-program',
      packages: { debian: 'deb-name', fedora: 'rpm-name' },
    };
    const there = { program: 'cat', packages: { debian: 'coreutils', fedora: 'coreutils' } };
    assert.deepEqual(await missingPrograms([there, need]), [need]);
    const text = 'no-such-program is not installed: on Debian the package deb-name brings it';
    assert.ok(missingProgramText(need).startsWith(text));
    await assert.rejects(requirePrograms([need]), { code: 'PROGRAM_MISSING', message: /deb-name/ });
    await requirePrograms([there]);
    await assert.rejects(askProgram(need.program, [], options), { code: 'PROGRAM_MISSING' });
    const all = repositoryTypes.flatMap(({ programs }) => programs);
    assert.ok(all.every(({ packages }) => packages.debian !== '' && packages.fedora !== ''));
  });
});
