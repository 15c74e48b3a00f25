import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Writable } from 'node:stream';
import { describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { logFlushMs, openLogDestination, StreamDestination } from '../src/log-destination.ts';
import { needsRoot } from './support/needs.ts';
import { runOk } from './support/processes.ts';
import { temporaryDirectory } from './support/temporary.ts';

const flushed = () => setTimeout(2 * logFlushMs);

/** A destination that takes what it is given when it is told to. */
class SlowStream extends Writable {
  readonly written: string[] = [];
  #waiting: (() => void)[] = [];

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.written.push(chunk.toString());
    this.#waiting.push(done);
  }

  release(): void {
    for (const done of this.#waiting.splice(0)) done();
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

describe('StreamDestination', () => {
  test('write() gathers the lines of a moment in one write', async () => {
    const stream = new SlowStream();
    const destination = new StreamDestination(stream, true);
    destination.write('a\n');
    destination.write('b\n');
    assert.deepEqual(stream.written, []);
    await flushed();
    assert.deepEqual(stream.written, ['a\nb\n']);
  });

  test('write() takes as much as its limit, drops what is past it, and says so afterwards', async () => {
    const stream = new SlowStream();
    const destination = new StreamDestination(stream, true, 10);
    destination.write('12345678\n');
    destination.write('\n');
    destination.write('x\n');
    destination.write('y\n');
    await flushed();
    assert.deepEqual(stream.written.length, 1);
    assert.match(stream.written[0] ?? '', /^\{.*"message":"The log lost lines","losses":2\}\n$/);
    stream.release();
    await flushed();
    assert.equal(stream.written[1], '12345678\n\n');
  });
});
