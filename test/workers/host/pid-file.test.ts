import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { describe, test } from 'node:test';
import { holdPidFile, type PidFileAccess } from '../../../src/workers/host/pid-file.ts';
import { sameOwner } from '../../../src/workers/plan.ts';
import { needs, needsRoot } from '../../support/needs.ts';
import { run, stop } from '../../support/processes.ts';
import { temporaryDirectory } from '../../support/temporary.ts';
import { type Helper, moduleOf, startHelper } from '../sockets/socket-support.ts';

const access: PidFileAccess = { owner: sameOwner, directoryMode: 0o755 };

function holdingCode(file: string): string {
  return `const { holdPidFile } = await import('${moduleOf('host/pid-file.ts')}');
    await holdPidFile('${file}', { owner: {}, directoryMode: 0o755 });
    process.send('ready');
    setInterval(() => {}, 1000);`;
}

async function startKilled(file: string): Promise<number> {
  await using helper: Helper = await startHelper(holdingCode(file));
  await helper.kill();
  assert.equal(readFileSync(file, 'utf8'), `${helper.pid}\n`);
  return helper.pid;
}

describe('holdPidFile()', () => {
  test('holdPidFile() holds our pid, readable by all, until it is released', async () => {
    using directory = temporaryDirectory();
    const file = directory.file('run/p.pid');
    const umask = process.umask(0o077);
    const held = await holdPidFile(file, access).finally(() => process.umask(umask));
    assert.equal(readFileSync(file, 'utf8'), `${process.pid}\n`);
    assert.equal(statSync(file).mode & 0o777, 0o644);
    assert.deepEqual(readdirSync(directory.file('run')), ['p.pid']);
    assert.equal(held.release(), true);
    assert.deepEqual(readdirSync(directory.file('run')), []);
  });

  test('holdPidFile() refuses one that a running process holds, with its pid', async () => {
    using directory = temporaryDirectory();
    const file = directory.file('p.pid');
    await using helper = await startHelper(holdingCode(file));
    await assert.rejects(holdPidFile(file, access), {
      code: 'START_REFUSED',
      message: `Cannot hold the pid file ${file}: process ${helper.pid}, which runs, holds it`,
    });
    assert.equal(readFileSync(file, 'utf8'), `${helper.pid}\n`);
    assert.deepEqual(readdirSync(directory.path), ['p.pid']);
  });

  test('holdPidFile() refuses one that this very process holds', async () => {
    using directory = temporaryDirectory();
    const held = await holdPidFile(directory.file('p.pid'), access);
    await assert.rejects(holdPidFile(directory.file('p.pid'), access), /which runs, holds it/);
    held.release();
  });

  test('holdPidFile() takes over from a process that was killed', async () => {
    using directory = temporaryDirectory();
    const file = directory.file('p.pid');
    await startKilled(file);
    const held = await holdPidFile(file, access);
    assert.equal(readFileSync(file, 'utf8'), `${process.pid}\n`);
    assert.deepEqual(readdirSync(directory.path), ['p.pid']);
    held.release();
  });

  test('holdPidFile() takes over from a zombie', { skip: needs('python3') }, async () => {
    using directory = temporaryDirectory();
    const zombieMaker = `import os, time
pid = os.fork()
if pid == 0: os._exit(0)
os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
print(pid, flush=True)
time.sleep(60)`;
    const parent = spawn('python3', ['-c', zombieMaker]);
    const [pid] = (await once(parent.stdout, 'data')) as [Buffer];
    writeFileSync(directory.file('p.pid'), pid);
    (await holdPidFile(directory.file('p.pid'), access)).release();
    await stop(parent);
  });

  test('holdPidFile() takes over where the pid is by now that of a younger process', async () => {
    using directory = temporaryDirectory();
    const file = directory.file('p.pid');
    await using young = await startHelper(`process.send('ready'); setInterval(() => {}, 1000);`);
    writeFileSync(file, `${young.pid}\n`);
    const hourAgo = Date.now() / 1000 - 3600;
    utimesSync(file, hourAgo, hourAgo);
    (await holdPidFile(file, access)).release();
  });

  test('holdPidFile() does not believe the clock against a file that is held open', async () => {
    using directory = temporaryDirectory();
    const file = directory.file('p.pid');
    await using _helper = await startHelper(holdingCode(file));
    utimesSync(file, 0, 0);
    await assert.rejects(holdPidFile(file, access), /which runs, holds it/);
  });

  test('holdPidFile() refuses the file of a running program of another kind', async () => {
    using directory = temporaryDirectory();
    const file = directory.file('p.pid');
    writeFileSync(file, `${process.ppid}`);
    await assert.rejects(
      holdPidFile(file, access),
      new RegExp(`process ${process.ppid}, which runs`),
    );
  });

  test('holdPidFile() takes over where the pid is by now our own', async () => {
    using directory = temporaryDirectory();
    writeFileSync(directory.file('p.pid'), `${process.pid}\n`);
    (await holdPidFile(directory.file('p.pid'), access)).release();
  });

  test('holdPidFile() lets one of twenty that start at once through', async () => {
    using directory = temporaryDirectory();
    const file = directory.file('p.pid');
    await startKilled(file);
    const code = `const { holdPidFile } = await import('${moduleOf('host/pid-file.ts')}');
      const options = { owner: {}, directoryMode: 0o755 };
      // So that all of them are there before the first begins.
      await new Promise((resolve) => process.stdin.once('data', resolve));
      const outcome = await holdPidFile('${file}', options).then(() => 'held', (error) => error.message);
      process.stdout.write(outcome);
      await new Promise((resolve) => process.stdin.once('end', resolve).resume());`;
    const starters = Array.from({ length: 20 }, () => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', code]);
      return { child, outcome: once(child.stdout, 'data') as Promise<[Buffer]> };
    });
    for (const { child } of starters) child.stdin.write('go\n');
    const outcomes = await Promise.all(
      starters.map(async ({ child, outcome }) => ({ pid: child.pid, text: String(await outcome) })),
    );
    const holder = readFileSync(file, 'utf8').trim();
    assert.deepEqual(readdirSync(directory.path), ['p.pid']);
    for (const { child } of starters) child.stdin.end();
    await Promise.all(starters.map(({ child }) => once(child, 'close')));
    const winners = outcomes.filter(({ text }) => text === 'held');
    assert.deepEqual(
      winners.map(({ pid }) => String(pid)),
      [holder],
    );
    for (const { text } of outcomes)
      assert.match(text, new RegExp(`^held$|process ${holder}, which`));
  });

  test('holdPidFile() follows no link, and takes nothing for a pid file that is none (T93)', async () => {
    using directory = temporaryDirectory();
    const file = directory.file('p.pid');
    const precious = directory.file('precious');
    writeFileSync(precious, '1\n');
    const cases: readonly (readonly [make: () => void, reason: RegExp])[] = [
      [() => symlinkSync(precious, file), /it is a symbolic link; remove it, or name another/],
      [() => symlinkSync('/nonexistent', file), /it is a symbolic link/],
      [() => mkdirSync(file), /it is not a regular file/],
      [() => writeFileSync(file, 'user:secret'), /it holds something that is no pid/],
      [() => writeFileSync(file, ''), /it holds something that is no pid/],
      [() => writeFileSync(file, '1\n'.padEnd(5000, '2\n')), /it holds something that is no pid/],
    ];
    for (const [index, [make, reason]] of cases.entries()) {
      make();
      await assert.rejects(holdPidFile(file, access), reason);
      renameSync(file, directory.file(`done-${index}`));
    }
    assert.equal(readFileSync(precious, 'utf8'), '1\n');
    const done = cases.map((_, index) => `done-${index}`);
    assert.deepEqual(readdirSync(directory.path), [...done, 'precious']);
  });

  test('holdPidFile() says why it cannot be made, and leaves nothing', async () => {
    using directory = temporaryDirectory();
    writeFileSync(directory.file('data'), '');
    const under = holdPidFile(directory.file('data/p.pid'), access);
    await assert.rejects(under, { code: 'START_REFUSED', message: /data is not a directory/ });
    assert.deepEqual(readdirSync(directory.path), ['data']);
  });

  test('holdPidFile() leaves nothing on a full disk, and the file of before', {
    skip: needsRoot() || needs('unshare'),
  }, async () => {
    using directory = temporaryDirectory();
    const code = `const { holdPidFile } = await import('${moduleOf('host/pid-file.ts')}');
      const { readdirSync, readFileSync } = await import('node:fs');
      const outcome = await holdPidFile('${directory.file('p.pid')}', { owner: {}, directoryMode: 0o755 })
        .catch((error) => error.message);
      console.log(JSON.stringify([outcome, readdirSync('${directory.path}'), readFileSync('${directory.file('p.pid')}', 'utf8')]));`;
    const script = `mount -t tmpfs -o size=4k none "$1" && echo 999999999 > "$1/p.pid" || exit 9
      cat /dev/zero > "$1/full" 2>/dev/null
      exec "$2" --input-type=module -e "$3"`;
    const shell = ['sh', '-c', script, 'sh', directory.path, process.execPath, code];
    const result = await run('unshare', ['--mount', '--', ...shell]);
    assert.equal(result.code, 0, result.stderr);
    const [message, names, before] = JSON.parse(result.stdout.toString()) as unknown[];
    assert.match(String(message), /^Cannot hold the pid file .*: no space is left on the device$/);
    assert.deepEqual(names, ['full', 'p.pid']);
    assert.equal(before, '999999999\n');
  });
});

describe('release()', () => {
  test('release() leaves a file that is no longer ours', async () => {
    using directory = temporaryDirectory();
    const file = directory.file('p.pid');
    const held = await holdPidFile(file, access);
    linkSync(file, directory.file('ours'));
    renameSync(file, directory.file('moved'));
    writeFileSync(file, '1\n');
    assert.equal(held.release(), true);
    assert.equal(readFileSync(file, 'utf8'), '1\n');
  });

  test('release() does not mind that the file is gone', async () => {
    using directory = temporaryDirectory();
    const held = await holdPidFile(directory.file('p.pid'), access);
    renameSync(directory.file('p.pid'), directory.file('moved'));
    assert.equal(held.release(), true);
  });
});

describe('a start that was killed while it took over', () => {
  test('holdPidFile() clears what it has left beside the file', async () => {
    using directory = temporaryDirectory();
    const file = directory.file('p.pid');
    const dead = await startKilled(file);
    writeFileSync(`${file}.${statSync(file).ino}`, `${dead}\n`);
    (await holdPidFile(file, access)).release();
    assert.deepEqual(readdirSync(directory.path), []);
  });
});
