import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { Failure } from '../../../src/admin/failure.ts';
import { type Tracker, Trackers, trackerBytesMax } from '../../../src/admin/uploads/trackers.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/temporary.ts';

const tracker: Tracker = {
  server: 'a:443',
  upload_id: 'b-1',
  repository: 'el9',
  unit_type_id: 'rpm',
  unit_key: {},
  unit_metadata: { checksumtype: 'sha256' },
  file: '/srv/a\n.rpm',
  size: 3,
  modified: 1.5,
};

describe('Trackers', () => {
  let directory: TemporaryDirectory;
  let trackers: Trackers;
  beforeEach(() => {
    directory = temporaryDirectory();
    trackers = new Trackers(directory.file('uploads'));
  });
  afterEach(() => directory[Symbol.dispose]());

  it('Trackers keep uploads for their owner alone, in the order of their ids, until they are forgotten', async () => {
    assert.deepEqual(await trackers.ofServer('a:443'), []);
    const other = { ...tracker, upload_id: 'a-1', tasks: ['t'] };
    for (const one of [tracker, other]) assert.equal(await trackers.keep(one), undefined);
    assert.deepEqual(await trackers.ofServer('a:443'), [other, tracker]);
    assert.equal(statSync(directory.file('uploads')).mode & 0o777, 0o700);
    assert.equal(statSync(directory.file('uploads/b-1.json')).mode & 0o777, 0o600);
    assert.equal(await trackers.keep({ ...tracker, tasks: ['t'] }), undefined);
    await trackers.forget(other);
    await trackers.forget(other);
    assert.deepEqual(await trackers.ofServer('a:443'), [{ ...tracker, tasks: ['t'] }]);
    assert.deepEqual(readdirSync(directory.file('uploads')), ['b-1.json']);
  });

  it('Trackers keep the uploads of each server apart', async () => {
    await trackers.keep(tracker);
    assert.deepEqual(await trackers.ofServer('b:443'), []);
  });

  it('Trackers pass over what is no tracker: half a file, another shape, another name', async () => {
    await trackers.keep(tracker);
    const text = readFileSync(directory.file('uploads/b-1.json'), 'utf8');
    const files = {
      'half.json': text.slice(0, 40),
      'list.json': '[]',
      'odd.json': JSON.stringify({ ...tracker, upload_id: '../odd' }),
      'negative.json': JSON.stringify({ ...tracker, upload_id: 'negative', size: -1 }),
      'renamed.json': text,
      'b-1.json.new': text,
    };
    for (const [name, content] of Object.entries(files)) {
      writeFileSync(directory.file(`uploads/${name}`), content);
    }
    assert.deepEqual(await trackers.ofServer('a:443'), [tracker]);
  });

  it('Trackers refuse an id of the server that is no name of a file (T28)', async () => {
    for (const id of ['', '../../x', 'a/b', 'a\u0000', 'x'.repeat(65)]) {
      const failure = await trackers.keep({ ...tracker, upload_id: id });
      assert.ok(failure instanceof Failure, id);
      assert.match(failure.lines.join(), /is no id of an upload/);
    }
    assert.deepEqual(readdirSync(directory.path), []);
    assert.equal(await trackers.keep({ ...tracker, upload_id: 'x'.repeat(64) }), undefined);
  });

  it('Trackers say which file is not to be read, and that of the limit still is', async () => {
    mkdirSync(directory.file('uploads'));
    const bytes = (size: number): string =>
      JSON.stringify({ ...tracker, upload_id: 'c' }).padEnd(size, ' ');
    writeFileSync(directory.file('uploads/c.json'), bytes(trackerBytesMax));
    assert.equal(((await trackers.ofServer('a:443')) as readonly Tracker[]).length, 1);
    writeFileSync(directory.file('uploads/c.json'), bytes(trackerBytesMax + 1));
    const long = await trackers.ofServer('a:443');
    assert.ok(long instanceof Failure);
    assert.match(long.lines.join(), /c\.json: it is longer than 1048576 bytes/);
    writeFileSync(directory.file('uploads/c.json'), '');
    execFileSync('mkfifo', [directory.file('uploads/d.json')]);
    const fifo = await trackers.ofServer('a:443');
    assert.ok(fifo instanceof Failure);
    assert.match(fifo.lines.join(), /it is not a regular file/);
  });

  it('Trackers say when their directory is none, or is not theirs', {
    skip: process.getuid?.() === 0 && 'root may do everything',
  }, async () => {
    mkdirSync(directory.file('uploads'));
    chmodSync(directory.file('uploads'), 0o500);
    const failure = await trackers.keep(tracker);
    assert.ok(failure instanceof Failure);
    assert.equal(failure.exitCode, 66);
  });

  it('Trackers say when there is a file where their directory should be', async () => {
    writeFileSync(directory.file('uploads'), '');
    for (const failure of [await trackers.keep(tracker), await trackers.ofServer('a:443')]) {
      assert.ok(failure instanceof Failure);
      assert.match(failure.lines.join(), /filesystem\.upload_working_dir/);
    }
  });
});
