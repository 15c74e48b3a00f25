import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chownSync,
  closeSync,
  existsSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { openLogFile, pipeBytesMax } from '../src/log-sinks.ts';
import { needsRoot } from './support/needs.ts';
import { runOk, until } from './support/processes.ts';
import { temporaryDirectory } from './support/temporary.ts';

const writer = path.join(import.meta.dirname, 'log-writer.ts');
const names = ['a', 'b', 'c', 'd'];
const linesOfEach = 600;

interface Line {
  readonly name: string;
  readonly number: number;
  readonly text: string;
  readonly cutFromBytes?: number;
}

function linesOf(text: string): readonly Line[] {
  assert.ok(text.endsWith('\n'));
  return text
    .slice(0, -1)
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** Every line of every process, whole, each process's in its own order. */
function assertWhole(lines: readonly Line[]): void {
  assert.equal(lines.length, names.length * linesOfEach);
  for (const name of names) {
    const own = lines.filter((line) => line.name === name);
    assert.deepEqual(
      own.map(({ number }) => number),
      Array.from({ length: linesOfEach }, (_, number) => number),
    );
    const whole = new RegExp(`^${name}*(… \\(6000 characters\\))?$`);
    assert.deepEqual(
      own.filter(({ text }) => !whole.test(text)),
      [],
    );
  }
}

function shellOf(file = ''): string {
  const commands = names.map((name) => `"$0" "$1" ${name} ${linesOfEach} ${file} &`);
  return `${commands.join(' ')} wait`;
}

const program = [process.execPath, writer];

describe('openLogFile', { skip: needsRoot() }, () => {
  const nobody = { uid: 65_534, gid: 65_534 };

  it('openLogFile gives a file that it makes to its owner, readable for its group alone', () => {
    using directory = temporaryDirectory();
    closeSync(openLogFile(directory.file('log'), nobody));
    const { uid, gid, mode } = statSync(directory.file('log'));
    assert.deepEqual([uid, gid, mode & 0o777], [65_534, 65_534, 0o640]);
    closeSync(openLogFile(directory.file('other'), { uid: undefined, gid: 65_534 }));
    assert.deepEqual([statSync(directory.file('other')).uid], [0]);
  });

  it('openLogFile leaves a file that is there as it is, and appends to it', () => {
    using directory = temporaryDirectory();
    writeFileSync(directory.file('log'), 'before\n', { mode: 0o600 });
    chownSync(directory.file('log'), 0, 4);
    const descriptor = openLogFile(directory.file('log'), nobody);
    writeSync(descriptor, 'after\n');
    closeSync(descriptor);
    const { uid, gid } = statSync(directory.file('log'));
    assert.deepEqual([uid, gid], [0, 4]);
    assert.equal(readFileSync(directory.file('log'), 'utf8'), 'before\nafter\n');
  });

  it('openLogFile follows no link that another user may have laid', () => {
    using directory = temporaryDirectory();
    writeFileSync(directory.file('shadow'), 'secret\n');
    symlinkSync(directory.file('shadow'), directory.file('log'));
    symlinkSync(directory.file('nothing'), directory.file('dangling'));
    for (const name of ['log', 'dangling']) {
      assert.throws(() => openLogFile(directory.file(name), nobody), {
        code: 'FILE_UNREADABLE',
        message: /^Cannot write the log to .+: it is a symbolic link, expected a file$/,
      });
    }
    assert.equal(existsSync(directory.file('nothing')), false);
    assert.equal(statSync(directory.file('shadow')).uid, 0);
    closeSync(openLogFile(directory.file('log'), undefined));
  });
});

describe('log sinks', () => {
  it('log sinks of several processes keep each line whole in one file', async () => {
    using directory = temporaryDirectory();
    const file = directory.file('log');
    await runOk('sh', ['-c', shellOf(file), ...program]);
    const lines = linesOf(readFileSync(file, 'utf8'));
    assertWhole(lines);
    assert.ok(lines.every((line) => line.cutFromBytes === undefined));
  });

  it('log sinks of several processes keep each line whole in a file that a shell opened', async () => {
    using directory = temporaryDirectory();
    await runOk('sh', ['-c', `{ ${shellOf()}; } > ${directory.file('log')}`, ...program]);
    assertWhole(linesOf(readFileSync(directory.file('log'), 'utf8')));
  });

  for (const [destination, command] of [
    // The reader is late, so that the pipe is full by then.
    ['pipe', `{ ${shellOf()}; } | { sleep 1; cat; }`],
    // What node:child_process calls a pipe is a pair of unix stream sockets, as systemd's journal is.
    ['unix stream socket', shellOf()],
  ] as const) {
    it(`log sinks of several processes keep each line whole in one ${destination}`, async () => {
      const bytes = await runOk('sh', ['-c', command, ...program]);
      const lines = linesOf(bytes.toString());
      assertWhole(lines);
      const cut = lines.filter((line) => line.cutFromBytes !== undefined);
      assert.equal(cut.length, (names.length * linesOfEach) / 100);
      assert.ok(cut.every(({ cutFromBytes = 0 }) => cutFromBytes > pipeBytesMax));
      const lengths = bytes
        .toString()
        .split('\n')
        .map((line) => Buffer.byteLength(line) + 1);
      const longest = Math.max(...lengths);
      assert.ok(longest <= pipeBytesMax, `${longest}`);
    });
  }

  it('FileSink opens its file anew and loses and splits no line of several processes', async () => {
    using directory = temporaryDirectory();
    const file = directory.file('log');
    const children = names.map((name) => startWriter(name, file));
    const ended = Promise.all(children.map((child) => once(child, 'close')));
    await until('every process writes', () => {
      const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
      return names.every((name) => text.includes(`"name":"${name}"`));
    });
    for (let number = 1; number <= 5; number += 1) {
      await until('a file is written', () => existsSync(file) && statSync(file).size > 0);
      renameSync(file, directory.file(`log.${number}`));
      for (const child of children) child.kill('SIGUSR1');
    }
    assert.deepEqual(
      (await ended).map(([code]) => code),
      [0, 0, 0, 0],
    );
    const texts = ['log.1', 'log.2', 'log.3', 'log.4', 'log.5', 'log']
      .map((name) => directory.file(name))
      .filter((name) => existsSync(name) && statSync(name).size > 0)
      .map((name) => readFileSync(name, 'utf8'));
    assert.ok(texts.length > 2);
    assertWhole(texts.flatMap(linesOf));
  });
});

function startWriter(name: string, file: string): ChildProcess {
  const args = [writer, name, String(linesOfEach), file];
  return spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
}
