import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PasswordHasher } from '../../src/identity/password-hasher.ts';
import { readPassword } from '../../src/identity/password-text.ts';
import type { ScryptCost } from '../../src/identity/scrypt.ts';
import { WorkQueue } from '../../src/identity/work-queue.ts';

const { signal } = new AbortController();
const pulpHash = 'AAECAwQFBgc=,6RMjVnW61zCpqcS8HXbec6hm0Lz4hTlO3Rt6SnX/YDI=';
const cheap: ScryptCost = { logN: 10, p: 1 };

function hasher(cost: ScryptCost | undefined, pendingMax = 100) {
  const queue = new WorkQueue({ runningMax: 2, pendingMax });
  return new PasswordHasher({ queue, ...(cost && { cost }) });
}

function password(text: string) {
  const read = readPassword(text);
  assert.ok('bytes' in read);
  return read;
}

describe('PasswordHasher', () => {
  it('verify() knows what hash() made, by its default cost of 32 MiB', async () => {
    const passwords = hasher(undefined);
    const stored = await passwords.hash(password('päss wörd'), signal);
    assert.match(stored, /^\$scrypt\$ln=15,r=8,p=3\$/);
    assert.deepEqual(await passwords.verify('päss wörd', stored, signal), {
      outcome: 'right',
      isAged: false,
    });
    assert.deepEqual(await passwords.verify('pass word', stored, signal), { outcome: 'wrong' });
  });

  it('hash() gives equal passwords different hashes', async () => {
    const passwords = hasher(cheap);
    const made = await Promise.all([1, 2].map(() => passwords.hash(password('x'), signal)));
    assert.notEqual(made[0], made[1]);
  });

  it('verify() takes a password however its letters were composed', async () => {
    const passwords = hasher(cheap);
    const stored = await passwords.hash(password('caf\u00e9'), signal);
    assert.equal((await passwords.verify('cafe\u0301', stored, signal)).outcome, 'right');
  });

  it('verify() asks for a new hash when the parameters have aged, and when it is of Pulp 2', async () => {
    const old = await hasher({ logN: 10, p: 1 }).hash(password('x'), signal);
    const current = hasher({ logN: 10, p: 2 });
    const isAged = async (text: string, stored: string) => {
      const match = await current.verify(text, stored, signal);
      return match.outcome === 'right' && match.isAged;
    };
    assert.equal(await isAged('x', old), true);
    assert.equal(await isAged('admin', pulpHash), true);
    assert.equal(await isAged('x', await current.hash(password('x'), signal)), false);
    // One that costs more was made by a newer version, on another host.
    const newer = await hasher({ logN: 11, p: 2 }).hash(password('x'), signal);
    assert.equal(await isAged('x', newer), false);
    assert.equal((await current.verify('wrong', old, signal)).outcome, 'wrong');
    assert.equal((await current.verify('wrong', pulpHash, signal)).outcome, 'wrong');
  });

  it('verify() refuses users without a password, whatever is sent', async () => {
    const passwords = hasher(cheap);
    for (const text of ['', 'x', 'undefined', 'null']) {
      assert.deepEqual(await passwords.verify(text, undefined, signal), { outcome: 'wrong' });
    }
  });

  it('T50 verify() refuses without a hash what is no password', async () => {
    // A queue that takes nothing: whoever came to it would be told so.
    const passwords = hasher(cheap, 0);
    for (const text of ['', 'a\0', '\ud800', 'x'.repeat(1025), 'x'.repeat(5_000_000)]) {
      for (const stored of [pulpHash, undefined]) {
        assert.deepEqual(await passwords.verify(text, stored, signal), { outcome: 'wrong' });
      }
    }
    await assert.rejects(passwords.verify('x', pulpHash, signal), { code: 'CANNOT_DECIDE' });
    await assert.rejects(passwords.hash(password('x'), signal), { code: 'CANNOT_DECIDE' });
  });

  it('verify() fails, and lets nobody in, when it does not know the stored hash', async () => {
    for (const stored of ['', 'x', 'plain', `${pulpHash} `, '{"$ne":null}']) {
      await assert.rejects(hasher(cheap).verify(stored || 'x', stored, signal), {
        code: 'STORE_SCHEMA',
        message: /no hash that is known here/,
      });
    }
  });

  it('T47 verify() takes as long for unknown users as for known ones, however old their hash', async () => {
    const passwords = hasher({ logN: 13, p: 2 });
    const aged = await hasher({ logN: 12, p: 1 }).hash(password('x'), signal);
    const fresh = await passwords.hash(password('x'), signal);
    const kinds = { unknown: undefined, fresh, aged, pulp: pulpHash };
    // So that it knows from the start what hashes there are.
    await passwords.verify('wrong', pulpHash, signal);
    const least = new Map<string, number>();
    for (let round = 0; round < 5; round += 1) {
      for (const [kind, stored] of Object.entries(kinds)) {
        const before = process.cpuUsage();
        await passwords.verify(`wrong ${round}`, stored, signal);
        const { user, system } = process.cpuUsage(before);
        // The least of each: what a busy machine adds says nothing of the work.
        least.set(kind, Math.min(least.get(kind) ?? Number.POSITIVE_INFINITY, user + system));
      }
    }
    const [low, high] = [Math.min(...least.values()), Math.max(...least.values())];
    assert.ok(high < 1.35 * low, JSON.stringify([...least]));
  });
});
