import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { costOf, decoyHash, hashPassword, verifyHash } from '../../src/identity/bcrypt.ts';
import {
  openPasswordFile,
  passwordFileBytesMax,
  userBytesMax,
} from '../../src/identity/password-file.ts';
import { WorkQueue } from '../../src/identity/work-queue.ts';
import { createLogger } from '../../src/log.ts';
import { runOk } from '../support/processes.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';

const never = new AbortController().signal;

/** The units of work of a hash: 2 to the power of its cost. */
const workOf = (stored: string) => 2 ** (costOf(stored) ?? Number.NaN);

describe('openPasswordFile', () => {
  let directory: TemporaryDirectory;
  let lines: string[];
  let computed: string[];
  const queue = new WorkQueue({ runningMax: 2, pendingMax: 64 });

  beforeEach(() => {
    directory = temporaryDirectory();
    lines = [];
    computed = [];
  });
  afterEach(() => directory[Symbol.dispose]());

  const open = (text: string) => {
    const file = directory.file('users.htpasswd');
    writeFileSync(file, text);
    return openPasswordFile(file, {
      queue,
      log: createLogger({ level: 'warn', write: (line) => lines.push(line) }),
      verifyHash: (password, stored) => {
        computed.push(stored);
        return verifyHash(password, stored);
      },
    });
  };
  const refuse = (text: string, reason: RegExp) =>
    assert.rejects(open(text), (error: Error & { readonly code?: string }) => {
      assert.equal(error.code, 'FILE_UNREADABLE');
      assert.match(error.message, reason);
      assert.doesNotMatch(error.message, /\$2|secret/);
      return true;
    });

  it('verifies the users of the file, with comments, empty lines and CRLF', async () => {
    const text = `# who\r\n\r\nann:${await hashPassword('one')}\r\nJürgen x:${await hashPassword('t:wo')}`;
    const file = await open(text);
    assert.deepEqual([...file.users], ['ann', 'Jürgen x']);
    assert.equal(await file.verify('ann', 'one', never), true);
    assert.equal(await file.verify('Jürgen x', 't:wo', never), true);
    for (const [user, password] of [
      ['ann', 'two'],
      ['ann', 't:wo'],
      ['Ann', 'one'],
      ['', 'one'],
      ['bob', 'one'],
      ['__proto__', 'one'],
      ['constructor', ''],
      ['# who', 'one'],
    ] as const) {
      assert.equal(await file.verify(user, password, never), false, user);
    }
    assert.deepEqual(lines, []);
  });

  it('reads what htpasswd -B writes', async () => {
    const path = directory.file('made');
    await runOk('htpasswd', ['-cbB', '-C', '10', path, 'ann', 'one']);
    const file = await openPasswordFile(path, {
      queue,
      log: createLogger({ level: 'warn', write: (line) => lines.push(line) }),
    });
    assert.equal(await file.verify('ann', 'one', never), true);
    assert.equal(await file.verify('ann', 'two', never), false);
    assert.deepEqual(lines, []);
  });

  it('T47 computes as much for an unknown user as for a wrong password', async () => {
    const file = await open(`ann:${await hashPassword('one')}\n`);
    await file.verify('ann', 'wrong', never);
    const known = computed.splice(0);
    await file.verify('nobody', 'wrong', never);
    assert.deepEqual(known.map(workOf), [2 ** 10]);
    assert.deepEqual(computed, [decoyHash(10)]);
  });

  it('T47 computes as much for every wrong answer where the costs of the file differ', async () => {
    const file = await open(
      `ann:${await hashPassword('one', 10)}\nbob:${await hashPassword('two', 12)}\n`,
    );
    for (const user of ['ann', 'bob', 'nobody']) {
      computed = [];
      assert.equal(await file.verify(user, 'wrong', never), false);
      const work = computed.map(workOf).reduce((sum, units) => sum + units, 0);
      assert.equal(work, 2 ** 12, user);
    }
    computed = [];
    assert.equal(await file.verify('ann', 'one', never), true);
    assert.equal(computed.length, 1);
  });

  it('T50 never matches a password by a part of it, nor computes for one that is too long', async () => {
    const long = 'x'.repeat(72);
    const file = await open(`ann:${await hashPassword(long)}\nbob:${await hashPassword('a')}\n`);
    assert.equal(await file.verify('ann', long, never), true);
    computed = [];
    for (const [user, password] of [
      ['ann', `${long}a`],
      ['ann', `${long}b`],
      ['bob', 'a\0b'],
      ['bob', 'a\0'],
      ['bob', ''],
      ['bob', 'x'.repeat(5_000_000)],
    ] as const) {
      assert.equal(await file.verify(user, password, never), false);
    }
    assert.deepEqual(computed, []);
  });

  it('T49 refuses a check when too many wait, and leaves the event loop free meanwhile', async () => {
    const small = new WorkQueue({ runningMax: 1, pendingMax: 4 });
    const path = directory.file('few');
    writeFileSync(path, `ann:${await hashPassword('one', 12)}\n`);
    const file = await openPasswordFile(path, {
      queue: small,
      log: createLogger({ level: 'error', write: (line) => lines.push(line) }),
    });
    const checks = [1, 2, 3, 4].map(() => file.verify('ann', 'wrong', never));
    await assert.rejects(file.verify('ann', 'one', never), { code: 'CANNOT_DECIDE' });
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 1);
    assert.deepEqual(await Promise.all(checks), [false, false, false, false]);
    clearInterval(timer);
    assert.ok(turns > 20, `${turns} turns of the event loop`);
    assert.equal(await file.verify('ann', 'one', never), true);
  });

  it('rejects with the reason of the signal', async () => {
    const file = await open(`ann:${await hashPassword('one')}\n`);
    const signal = AbortSignal.abort(new Error('too late'));
    await assert.rejects(file.verify('ann', 'one', signal), /too late/);
    assert.deepEqual(computed, []);
  });

  it('warns of hashes that are cheap to guess', async () => {
    const cheap = decoyHash(5);
    await open(`ann:${cheap}\nbob:${await hashPassword('x')}\n`);
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? '', /"hashes":1,.*htpasswd -B -C 10/);
  });

  it('refuses every line that is not a user and a bcrypt hash, by its number', async () => {
    const good = `ann:${decoyHash(10)}`;
    const cases: [text: string, reason: RegExp][] = [
      ['', /it is empty/],
      ['# nobody\n\n', /it holds no user/],
      [`${good}\nbob`, /line 2 has no user/],
      [`:${decoyHash(10)}`, /line 1 has no user/],
      [`${good}\n\nbob:secret`, /line 3 has no bcrypt hash.*portcullis hash-password/],
      ['bob:$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/', /line 1 has no bcrypt hash/],
      ['bob:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=', /line 1 has no bcrypt hash/],
      [`${good}:more`, /line 1 has no bcrypt hash/],
      [`${good} `, /line 1 has no bcrypt hash/],
      [`${good}\nbob:${decoyHash(9)}\n${good}`, /line 3 names the same user as line 1/],
      [`bob:${decoyHash(3)}`, /line 1 has a hash of cost 3; accepted are 4 to 14/],
      [`bob:${decoyHash(15)}`, /line 1 has a hash of cost 15; accepted are 4 to 14/],
      [`b\tb:${decoyHash(10)}`, /control character/],
    ];
    for (const [text, reason] of cases) await refuse(text, reason);
    await open(`ann:${decoyHash(4)}\nbob:${decoyHash(14)}\n`);
  });

  it('takes users of 255 bytes and files of 4 MiB, and nothing longer', async () => {
    const hash = decoyHash(10);
    assert.equal((await open(`${'u'.repeat(userBytesMax)}:${hash}\n`)).users.size, 1);
    await refuse(`${'u'.repeat(userBytesMax + 1)}:${hash}\n`, /a user of over 255 bytes/);
    const line = `ann:${hash}\n`;
    const comment = `#${'x'.repeat(passwordFileBytesMax - line.length - 1)}`;
    assert.equal((await open(line + comment)).users.size, 1);
    await refuse(`${line}${comment}x`, /longer than 4194304 bytes/);
  });
});
