import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AttemptLimiter } from '../../src/identity/attempt-limiter.ts';
import { guardPasswords } from '../../src/identity/guarded-passwords.ts';

const { signal } = new AbortController();
const address = '192.0.2.1';

function guarded(answer: (password: string) => Promise<boolean>) {
  let asked = 0;
  const hashes = {
    users: new Set(['ann']),
    verify: (_user: string, password: string) => {
      asked += 1;
      return answer(password);
    },
  };
  const passwords = guardPasswords(hashes, new AttemptLimiter());
  const verify = (password: string) => passwords.verify({ user: 'ann', password, address }, signal);
  return { verify, asked: () => asked };
}

describe('guardPasswords', () => {
  test('verify() computes equal attempts under way at the same time once', async () => {
    const { verify, asked } = guarded(async (password) => password === 'right');
    const verdicts = await Promise.all(Array.from({ length: 100 }, () => verify('right')));
    assert.ok(verdicts.every(({ outcome }) => outcome === 'right'));
    assert.equal(asked(), 1);
    await verify('right');
    assert.equal(asked(), 2);
  });

  test('T52 verify() hears ten wrong passwords, and the eleventh not, at once or in turn', async () => {
    for (const atOnce of [true, false]) {
      const { verify, asked } = guarded(async () => false);
      const outcomes: string[] = [];
      const words = Array.from({ length: 11 }, (_, index) => `wrong ${index}`);
      if (atOnce) outcomes.push(...(await Promise.all(words.map(verify))).map((v) => v.outcome));
      else for (const word of words) outcomes.push((await verify(word)).outcome);
      assert.equal(outcomes.filter((outcome) => outcome === 'wrong').length, 10);
      assert.equal(outcomes.at(-1), 'too-many');
      assert.equal(asked(), 10);
    }
  });

  test('verify() counts nothing that came to no answer, and passes the failure on', async () => {
    const { verify } = guarded(() => Promise.reject(new Error('the queue is full')));
    for (let i = 0; i < 30; i += 1) await assert.rejects(verify(`word ${i}`), /the queue is full/);
  });
});
