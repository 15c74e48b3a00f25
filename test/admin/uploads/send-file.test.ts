import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { exitCodes } from '../../../src/admin/exit-codes.ts';
import { Failure, type FailureKind } from '../../../src/admin/failure.ts';
import type { CallApi } from '../../../src/admin/server/call.ts';
import { sendFile } from '../../../src/admin/uploads/send-file.ts';
import type { Tracker } from '../../../src/admin/uploads/trackers.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/temporary.ts';

function failure(exitCode: number, kind?: FailureKind): Failure {
  return new Failure({ title: 'x', lines: ['x'], exitCode, ...(kind && { kind }) });
}

describe('sendFile', () => {
  let directory: TemporaryDirectory;
  let bytes: Buffer;
  /** What a call is answered in place of being taken, the first of them first. */
  let answers: (Failure | 'took, and broke')[];
  let calls: string[];
  let sent: number[];
  beforeEach(() => {
    directory = temporaryDirectory();
    writeFileSync(directory.file('a'), '0123456789');
    [bytes, answers, calls, sent] = [Buffer.alloc(0), [], [], []];
  });
  afterEach(() => directory[Symbol.dispose]());

  /** Takes chunks where the upload ends, as the server does. */
  const call: CallApi = async ({ method, path, bytes: chunk = Buffer.alloc(0) }) => {
    calls.push(`${method} ${path.join('/')} ${chunk.length}`);
    const answer = method === 'PUT' ? answers.shift() : undefined;
    if (answer instanceof Failure) return answer;
    if (method === 'GET') return { body: { size: bytes.length } };
    assert.equal(Number(path[3]), bytes.length);
    bytes = Buffer.concat([bytes, chunk]);
    return answer === undefined ? { body: null } : failure(exitCodes.connection);
  };

  function tracker(): Tracker {
    const file = directory.file('a');
    const { size, mtimeMs: modified } = statSync(file);
    const unit = { repository: 'r', unit_type_id: 'iso', unit_key: {}, unit_metadata: {} };
    return { server: 's', upload_id: 'u', ...unit, file, size, modified };
  }

  function send(given = tracker(), through: CallApi = call): Promise<Failure | undefined> {
    const onSent = (count: number): number => sent.push(count);
    return sendFile(through, given, { chunkBytes: 4, onSent, pausesMs: [0, 0, 0] });
  }

  it('sendFile sends chunks of the size that is wanted, and says how far it is', async () => {
    assert.equal(await send(), undefined);
    assert.equal(bytes.toString(), '0123456789');
    assert.deepEqual(calls.slice(1), [
      'PUT content/uploads/u/0 4',
      'PUT content/uploads/u/4 4',
      'PUT content/uploads/u/8 2',
    ]);
    assert.deepEqual(sent, [0, 4, 8, 10]);
  });

  it('sendFile goes on where the server is, and sends nothing of what it has whole', async () => {
    bytes = Buffer.from('01234');
    assert.equal(await send(), undefined);
    assert.equal(bytes.toString(), '0123456789');
    assert.deepEqual(sent, [5, 9, 10]);
    calls = [];
    assert.equal(await send(), undefined);
    assert.deepEqual(calls, ['GET content/uploads/u 0']);
  });

  it('sendFile sends an empty file by no chunk', async () => {
    writeFileSync(directory.file('a'), '');
    assert.equal(await send(), undefined);
    assert.deepEqual(calls, ['GET content/uploads/u 0']);
  });

  it('sendFile tries again what broke off, from what the server took of it', async () => {
    answers = [
      'took, and broke',
      failure(exitCodes.unreachable),
      failure(exitCodes.data, 'conflict'),
      'took, and broke',
      failure(exitCodes.software, 'away'),
    ];
    assert.equal(await send(), undefined);
    assert.equal(bytes.toString(), '0123456789');
  });

  it('sendFile gives up when nothing arrives any more, after as many tries as there are pauses', async () => {
    answers = Array.from({ length: 9 }, () => failure(exitCodes.connection));
    assert.equal((await send())?.exitCode, exitCodes.connection);
    assert.equal(answers.length, 5);
    answers = [failure(exitCodes.permission)];
    calls = [];
    assert.equal((await send())?.exitCode, exitCodes.permission);
    assert.equal(calls.length, 2);
  });

  it('sendFile refuses a file that is not the one any more that the upload began with', async () => {
    const given = tracker();
    const file = directory.file('a');
    const changed = async (): Promise<void> => {
      const refused = await send(given);
      assert.equal(refused?.exitCode, exitCodes.noInput);
      assert.match(refused.lines.join(), /is not the file any more that the upload began with/);
    };
    utimesSync(file, 1, 1);
    await changed();
    writeFileSync(file, 'other');
    await changed();
    rmSync(file);
    assert.match((await send(given))?.lines.join() ?? '', /no such file/);
    execFileSync('mkfifo', [file]);
    await changed();
    assert.deepEqual(calls, []);
  });

  it('sendFile notices a file that changes while it is sent', async () => {
    const changing: CallApi = async (asked) => {
      if (asked.method === 'PUT') appendFileSync(directory.file('a'), 'x');
      return call(asked);
    };
    assert.match((await send(tracker(), changing))?.lines.join() ?? '', /is not the file any more/);
  });

  it('sendFile believes no size that cannot be', async () => {
    for (const size of [11, -1, 1.5, '5', null, undefined]) {
      const refused = await send(tracker(), async () => ({ body: { size } }));
      assert.equal(refused?.exitCode, exitCodes.software, String(size));
      assert.match(refused.lines.join(), /the server has .* of its 10 bytes/);
    }
  });
});
