import assert from 'node:assert/strict';
import { truncateSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { createFileSource } from '../../src/revocation/file-source.ts';
import { sourceBytesMax } from '../../src/revocation/limits.ts';
import { runOk } from '../support/processes.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { replaceFile } from './rule-fixture.ts';

const never = new AbortController().signal;

describe('createFileSource', () => {
  it('createFileSource reads a file when it was replaced or written anew, and else not', async () => {
    using directory = temporaryDirectory();
    const file = directory.file('list.crl');
    const source = createFileSource(file);
    writeFileSync(file, 'one');
    const first = await source.read(never);
    assert.equal(first.outcome === 'read' && Buffer.from(first.bytes).toString(), 'one');
    source.accept();
    assert.equal((await source.read(never)).outcome, 'same');
    replaceFile(file, 'two');
    assert.equal((await source.read(never)).outcome, 'read');
    source.accept();
    writeFileSync(file, 'three');
    assert.equal((await source.read(never)).outcome, 'read');
  });

  it('createFileSource reads again after a while what was of no use', async () => {
    using directory = temporaryDirectory();
    let now = 0;
    const source = createFileSource(directory.file('list.crl'), () => now);
    writeFileSync(directory.file('list.crl'), 'one');
    assert.equal((await source.read(never)).outcome, 'read');
    now = 29_999;
    assert.equal((await source.read(never)).outcome, 'waiting');
    now = 30_000;
    assert.equal((await source.read(never)).outcome, 'read');
  });

  it('createFileSource takes a file of as many bytes as it may, and not one more', async () => {
    using directory = temporaryDirectory();
    const file = directory.file('list.crl');
    writeFileSync(file, '');
    truncateSync(file, sourceBytesMax);
    const whole = await createFileSource(file).read(never);
    assert.equal(whole.outcome === 'read' && whole.bytes.length, sourceBytesMax);
    truncateSync(file, sourceBytesMax + 1);
    assert.deepEqual(await createFileSource(file).read(never), {
      outcome: 'failed',
      problem: `it is longer than ${sourceBytesMax} bytes`,
    });
  });

  it('createFileSource says why it cannot read, and waits for no one', async () => {
    using directory = temporaryDirectory();
    await runOk('mkfifo', [directory.file('pipe')]);
    for (const [name, problem] of [
      ['absent', 'there is no such file or directory'],
      ['.', 'it is not a regular file'],
      ['pipe', 'it is not a regular file'],
    ] as const) {
      const answer = await createFileSource(directory.file(name)).read(never);
      assert.deepEqual(answer, { outcome: 'failed', problem });
    }
    assert.equal((await createFileSource('/dev/zero').read(never)).outcome, 'failed');
  });
});
