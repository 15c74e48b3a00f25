import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { VerifiedPasswords } from '../../src/identity/verified-passwords.ts';

function start(secondsMax = 60, entriesMax = 100) {
  let now = 0;
  const monotonicNow = () => now;
  const verified = new VerifiedPasswords({ secondsMax, entriesMax, monotonicNow });
  return {
    verified,
    wait: (seconds: number) => {
      now += 1000 * seconds;
    },
  };
}

describe('VerifiedPasswords', () => {
  it('VerifiedPasswords gives back what a password was right for, until its time is over', () => {
    const { verified, wait } = start(60);
    verified.keep('ann', 'one', 'hash');
    wait(59.999);
    assert.equal(verified.recall('ann', 'one'), 'hash');
    wait(0.001);
    assert.equal(verified.recall('ann', 'one'), undefined);
  });

  it('VerifiedPasswords keeps nothing where nothing may be remembered', () => {
    const { verified } = start(0);
    verified.keep('ann', 'one', 'hash');
    assert.equal(verified.recall('ann', 'one'), undefined);
  });

  it('VerifiedPasswords keeps as many as it may, and lets go of the first', () => {
    const { verified } = start(60, 2);
    for (const user of ['a', 'b']) verified.keep(user, 'x', `of ${user}`);
    assert.equal(verified.recall('a', 'x'), 'of a');
    verified.keep('c', 'x', 'of c');
    assert.deepEqual(
      ['a', 'b', 'c'].map((user) => verified.recall(user, 'x')),
      [undefined, 'of b', 'of c'],
    );
  });

  it('T51 VerifiedPasswords knows no two pairs of user and password for one', () => {
    const { verified } = start();
    const pairs = [
      ['a', 'b:c'],
      ['a:b', 'c'],
      ['ab', ''],
      ['', 'ab'],
      ['1:a', 'b'],
      ['\ud800', ''],
      ['\ud801', ''],
    ] as const;
    for (const [user, password] of pairs) {
      assert.equal(verified.recall(user, password), undefined, JSON.stringify([user, password]));
      verified.keep(user, password, JSON.stringify([user, password]));
    }
    for (const [user, password] of pairs) {
      assert.equal(verified.recall(user, password), JSON.stringify([user, password]));
    }
  });
});
