import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { logFlushMs, openLogDestination, QueuedDestination } from '../src/log-destination.ts';
import type { LogSink } from '../src/log-sinks.ts';
import { needsRoot } from './support/needs.ts';
import { runOk } from './support/processes.ts';
import { temporaryDirectory } from './support/temporary.ts';

const flushed = () => setTimeout(2 * logFlushMs);

/** A sink that is done with what it is given when it is told to. */
class SlowSink implements LogSink {
  readonly bytesMax: number;
  readonly written: string[] = [];
  isClosed = false;
  #done: ((lost: number) => void) | undefined;

  constructor(bytesMax = Number.POSITIVE_INFINITY) {
    this.bytesMax = bytesMax;
  }

  write(bytes: Buffer): Promise<number> {
    assert.equal(this.#done, undefined, 'a write while one runs');
    this.written.push(bytes.toString());
    return new Promise((resolve) => {
      this.#done = resolve;
    });
  }

  async release(lost = 0): Promise<void> {
    const done = this.#done;
    this.#done = undefined;
    done?.(lost);
    await flushed();
  }

  reopen(): void {}

  close(): void {
    this.isClosed = true;
  }
}

describe('openLogDestination', () => {
  test('openLogDestination() appends to the file, whole lines in order', async () => {
    using directory = temporaryDirectory();
    for (const line of ['one', 'two']) {
      await using destination = openLogDestination(directory.file('log'));
      destination.write(`${line}\n`);
      destination.write(`${line} again\n`);
    }
    const text = readFileSync(directory.file('log'), 'utf8');
    assert.equal(text, 'one\none again\ntwo\ntwo again\n');
  });

  test('openLogDestination() says that it cannot write where it cannot', () => {
    using directory = temporaryDirectory();
    mkdirSync(directory.file('log'));
    assert.throws(() => openLogDestination(directory.file('log')), {
      code: 'FILE_UNREADABLE',
      message: /^Cannot write the log to .*: it is a directory$/,
    });
  });

  test('openLogDestination() goes on after a full disk', async () => {
    await using destination = openLogDestination('/dev/full');
    destination.write('lost\n');
    await flushed();
    destination.write('lost as well\n');
  });

  const skip = needsRoot();
  test('openLogDestination() counts what a full disk takes no more, and glues no lines together', {
    skip,
  }, async () => {
    using directory = temporaryDirectory();
    const disk = directory.file('disk');
    mkdirSync(disk);
    await runOk('mount', ['-t', 'tmpfs', '-o', 'size=8k', 'tmpfs', disk]);
    try {
      await using destination = openLogDestination(`${disk}/log`);
      writeFileSync(`${disk}/other`, 'x'.repeat(4000));
      for (const name of ['a', 'b', 'c']) destination.write(`${name.repeat(1999)}\n`);
      await flushed();
      destination.write('lost\n');
      await flushed();
      rmSync(`${disk}/other`);
      destination.write('whole\n');
      await flushed();
      const lines = readFileSync(`${disk}/log`, 'utf8').split('\n');
      assert.deepEqual(
        lines.map((line) => line.slice(0, 1)),
        ['a', 'b', 'c', '{', 'w', ''],
      );
      // The third of the long ones, the one behind it, and the first line that tells of losses.
      assert.equal(JSON.parse(lines[3] ?? '').losses, 3);
    } finally {
      await runOk('umount', [disk]);
    }
  });
});

describe('LogDestination.reopen()', () => {
  test('reopen() goes on in a new file once the old one was moved away', async () => {
    using directory = temporaryDirectory();
    await using destination = openLogDestination(directory.file('log'));
    destination.write('one\n');
    await flushed();
    renameSync(directory.file('log'), directory.file('log.1'));
    destination.write('two\n');
    destination.reopen();
    destination.reopen();
    destination.write('three\n');
    await flushed();
    const both = ['log.1', 'log'].map((name) => readFileSync(directory.file(name), 'utf8'));
    assert.deepEqual(both, ['one\n', 'two\nthree\n']);
  });

  test('reopen() leaves the old file in use where the new one cannot be opened, and says so', async () => {
    using directory = temporaryDirectory();
    mkdirSync(directory.file('d'));
    await using destination = openLogDestination(directory.file('d/log'));
    renameSync(directory.file('d'), directory.file('moved'));
    destination.reopen();
    destination.write('{"message":"after"}\n');
    await flushed();
    const lines = readFileSync(directory.file('moved/log'), 'utf8').trim().split('\n');
    const [told, after] = lines.map((line) => JSON.parse(line));
    assert.equal(told.level, 'error');
    assert.equal(told.message, 'The log goes on in its old file');
    assert.match(told.reason, /^Cannot write the log to .+: there is no such file or directory$/);
    assert.equal(after.message, 'after');
  });

  test('reopen() leaves no descriptor behind', async () => {
    using directory = temporaryDirectory();
    const count = (): number => readdirSync('/proc/self/fd').length;
    const before = count();
    {
      await using destination = openLogDestination(directory.file('log'));
      for (let round = 0; round < 50; round += 1) {
        destination.write('line\n');
        if (round % 5 === 0) await flushed();
        destination.reopen();
      }
    }
    assert.equal(count(), before);
  });
});

describe('QueuedDestination', () => {
  test('write() gathers the lines of a moment, and those of a write that runs, in one write', async () => {
    const sink = new SlowSink();
    const destination = new QueuedDestination(sink);
    destination.write('a\n');
    destination.write('b\n');
    assert.deepEqual(sink.written, []);
    await flushed();
    destination.write('c\n');
    destination.write('d\n');
    await flushed();
    assert.deepEqual(sink.written, ['a\nb\n']);
    await sink.release();
    assert.deepEqual(sink.written, ['a\nb\n', 'c\nd\n']);
  });

  test('write() takes as much as its limit, drops what is past it, and says so afterwards', async () => {
    const sink = new SlowSink();
    const destination = new QueuedDestination(sink, 10);
    destination.write('12345678\n');
    destination.write('\n');
    destination.write('x\n');
    destination.write('y\n');
    await flushed();
    assert.match(
      sink.written[0] ?? '',
      /^\{.*"message":"The log lost lines","losses":2\}\n12345678\n\n$/,
    );
    destination.write('z\n');
    await sink.release();
    destination.write('12345678\n');
    await flushed();
    assert.match(sink.written[1] ?? '', /"losses":3\}\n12345678\n$/);
  });

  test('write() cuts behind line ends, at the limit of a write and one past it', async () => {
    const sink = new SlowSink(20);
    const destination = new QueuedDestination(sink);
    const lines = ['x'.repeat(9), 'x'.repeat(9), 'y'.repeat(9), 'z'.repeat(10)];
    destination.write(lines.map((line) => `${line}\n`).join(''));
    await flushed();
    while (sink.written.length < 3) await sink.release();
    assert.deepEqual(sink.written, [
      `${lines[0]}\n${lines[1]}\n`,
      `${lines[2]}\n`,
      `${lines[3]}\n`,
    ]);
  });

  test('write() leaves a line of the limit as it is, and cuts the values of a longer one', async () => {
    const line = (length: number): string => {
      const empty = JSON.stringify({ level: 'info', message: 'long', path: '', n: 1 });
      const path = 'p'.repeat(length - empty.length - 1);
      return `${JSON.stringify({ level: 'info', message: 'long', path, n: 1 })}\n`;
    };
    const sink = new SlowSink(400);
    const destination = new QueuedDestination(sink);
    for (const length of [400, 401]) destination.write(line(length));
    await flushed();
    await sink.release();
    const [whole = '', cut = ''] = sink.written;
    assert.equal(whole, line(400));
    assert.ok(Buffer.byteLength(cut) <= 400);
    const { path, ...others } = JSON.parse(cut);
    assert.deepEqual(others, { level: 'info', message: 'long', n: 1, cutFromBytes: 401 });
    assert.match(path, /^p{100,}… \(\d+ characters\)$/);
  });

  test('a destination ends although its sink never does', { timeout: 20_000 }, async () => {
    const sink = new SlowSink();
    {
      await using destination = new QueuedDestination(sink);
      destination.write('never read\n');
    }
    assert.equal(sink.isClosed, true);
  });
});
