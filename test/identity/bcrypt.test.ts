import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  costDefault,
  costMax,
  costOf,
  decoyHash,
  hashPassword,
  passwordBytes,
  passwordBytesMax,
  verifyHash,
} from '../../src/identity/bcrypt.ts';

describe('hashPassword', () => {
  it('makes a hash that its password alone verifies against', async () => {
    const stored = await hashPassword('Grüße');
    assert.match(stored, /^\$2y\$10\$/);
    assert.equal(costOf(stored), costDefault);
    assert.equal(await verifyHash(Buffer.from('Grüße'), stored), true);
    assert.equal(await verifyHash(Buffer.from('Gruesse'), stored), false);
    assert.notEqual(await hashPassword('Grüße'), stored);
  });

  it('T50 takes passwords of 72 bytes, and refuses what bcrypt would cut', async () => {
    assert.ok(await hashPassword('é'.repeat(passwordBytesMax / 2)));
    for (const password of ['', 'a\0b', `${'é'.repeat(36)}x`, 'x'.repeat(73), '\ud800']) {
      await assert.rejects(hashPassword(password), {
        code: 'USAGE',
        message: /1 to 72 bytes without a NUL/,
      });
    }
  });

  it('takes costs from its default to its limit, and none past them', async () => {
    for (const cost of [costDefault - 1, costMax + 1, 10.5, Number.NaN]) {
      await assert.rejects(hashPassword('x', cost), {
        code: 'USAGE',
        message: /has to be 10 to 14/,
      });
    }
    assert.equal(costOf(await hashPassword('x', costMax)), costMax);
  });
});

describe('passwordBytes', () => {
  it('T50 gives the bytes of what bcrypt can tell apart, and of nothing else', () => {
    assert.deepEqual(passwordBytes('é'), Buffer.from('é'));
    assert.equal(passwordBytes('x'.repeat(72))?.length, 72);
    for (const password of [
      '',
      'x'.repeat(73),
      'é'.repeat(37),
      'a\0',
      '\udc00',
      'x'.repeat(10_000_000),
    ]) {
      assert.equal(passwordBytes(password), undefined);
    }
  });
});

describe('decoyHash', () => {
  it('T47 is a hash of its cost, which bcrypt really computes', async () => {
    for (const cost of [4, 10, costMax]) assert.equal(costOf(decoyHash(cost)), cost);
    const timeOf = async (cost: number): Promise<number> => {
      const durations: number[] = [];
      for (let round = 0; round < 3; round += 1) {
        const start = performance.now();
        assert.equal(await verifyHash(Buffer.from('x'), decoyHash(cost)), false);
        durations.push(performance.now() - start);
      }
      return Math.min(...durations);
    };
    // Each step of the cost doubles the time: four steps are a factor of 16.
    assert.ok((await timeOf(10)) > 4 * (await timeOf(6)));
  });
});

describe('costOf', () => {
  it('knows bcrypt as htpasswd writes it, and nothing else', () => {
    const rest = 'A'.repeat(53);
    for (const version of ['a', 'b', 'y']) assert.equal(costOf(`$2${version}$12$${rest}`), 12);
    for (const stored of [
      '',
      'plain',
      `$2x$12$${rest}`,
      `$2$12$${rest}`,
      `$2y$12$${rest}A`,
      `$2y$12$${rest.slice(1)}`,
      `$2y$+4$${rest}`,
      `$2y$12$${rest} `,
      `$2y$12$${rest}\n`,
      '$apr1$abc$def',
      '{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=',
    ]) {
      assert.equal(costOf(stored), undefined, stored);
    }
  });
});
