import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AttemptLimiter, type AttemptLimits } from '../../src/identity/attempt-limiter.ts';

const limits: AttemptLimits = {
  userAtNetwork: { failuresMax: 3, secondsPerFailure: 10 },
  user: { failuresMax: 6, secondsPerFailure: 1 },
  network: { failuresMax: 6, secondsPerFailure: 1 },
  entriesMax: 100,
};

function limiterAt(changes: Partial<AttemptLimits> = {}) {
  const clock = { seconds: 0 };
  const limiter = new AttemptLimiter({ ...limits, ...changes }, () => clock.seconds * 1000);
  /** The seconds to wait; 0 for an attempt that was made, and failed. */
  const fail = (user: string, address: string | undefined): number => {
    const attempt = limiter.begin(user, address);
    return 'retryAfterSeconds' in attempt ? attempt.retryAfterSeconds : 0;
  };
  const succeed = (user: string, address: string): boolean => {
    const attempt = limiter.begin(user, address);
    if ('retryAfterSeconds' in attempt) return false;
    attempt.succeeded();
    return true;
  };
  return { clock, limiter, fail, succeed };
}

describe('AttemptLimiter', () => {
  test('T52 begin() takes failuresMax failures, and one past it says when to come back', () => {
    const { clock, fail } = limiterAt();
    for (let i = 0; i < 3; i += 1) assert.equal(fail('ann', '192.0.2.1'), 0);
    assert.equal(fail('ann', '192.0.2.1'), 10);
    clock.seconds = 9.5;
    assert.equal(fail('ann', '192.0.2.1'), 1);
    clock.seconds = 10;
    assert.equal(fail('ann', '192.0.2.1'), 0);
    assert.equal(fail('ann', '192.0.2.1'), 10);
  });

  test('T52 begin() counts a /24 and a /64 as one place', () => {
    const { fail } = limiterAt();
    for (let i = 0; i < 3; i += 1) fail('ann', `192.0.2.${i}`);
    assert.equal(fail('ann', '192.0.2.200'), 10);
    assert.equal(fail('ann', '192.0.3.1'), 0);
    for (let i = 0; i < 3; i += 1) fail('bob', `2001:db8:1:2::${i}`);
    assert.equal(fail('bob', '2001:db8:1:2:ffff::1'), 10);
    assert.equal(fail('bob', '2001:db8:1:3::1'), 0);
    for (let i = 0; i < 3; i += 1) fail('eve', undefined);
    assert.equal(fail('eve', undefined), 10);
  });

  test('T52 begin() keeps nobody out elsewhere for what one place tries', () => {
    const { fail, succeed } = limiterAt();
    for (let i = 0; i < 100; i += 1) fail('ann', '192.0.2.1');
    assert.ok(succeed('ann', '198.51.100.1'));
  });

  test('T52 begin() bounds guesses for one user from many places, and not who was right before', () => {
    const { fail, succeed } = limiterAt();
    assert.ok(succeed('ann', '198.51.100.1'));
    for (let i = 0; i < 6; i += 1) assert.equal(fail('ann', `10.0.${i}.1`), 0);
    assert.equal(fail('ann', '10.0.99.1'), 1);
    assert.ok(succeed('ann', '198.51.100.77'));
  });

  test('T52 begin() bounds guesses of many names from one place, and not who was right before', () => {
    const { fail, succeed } = limiterAt();
    assert.ok(succeed('ann', '192.0.2.1'));
    for (let i = 0; i < 6; i += 1) assert.equal(fail(`user${i}`, '192.0.2.9'), 0);
    assert.equal(fail('another', '192.0.2.9'), 1);
    assert.ok(succeed('ann', '192.0.2.1'));
    assert.ok(succeed('bob', '198.51.100.1'));
  });

  test('succeeded() forgets the failures of the user at the network', () => {
    const { fail, succeed } = limiterAt();
    fail('ann', '192.0.2.1');
    fail('ann', '192.0.2.1');
    assert.ok(succeed('ann', '192.0.2.1'));
    for (let i = 0; i < 3; i += 1) assert.equal(fail('ann', '192.0.2.1'), 0);
  });

  test('begin() counts attempts that have not ended, and abandoned() gives one back once', () => {
    const { limiter } = limiterAt();
    const attempts = [1, 2, 3].map(() => limiter.begin('ann', '192.0.2.1'));
    assert.ok('retryAfterSeconds' in limiter.begin('ann', '192.0.2.1'));
    const [first] = attempts;
    if (first !== undefined && 'abandoned' in first) {
      first.abandoned();
      first.abandoned();
    }
    assert.ok('abandoned' in limiter.begin('ann', '192.0.2.1'));
    assert.ok('retryAfterSeconds' in limiter.begin('ann', '192.0.2.1'));
  });

  test('begin() keeps entriesMax buckets, and at one past it the least recently used goes', () => {
    const { fail } = limiterAt({ entriesMax: 3, user: limits.user, network: limits.network });
    for (let i = 0; i < 3; i += 1) fail('ann', '192.0.2.1');
    assert.equal(fail('ann', '192.0.2.1'), 10);
    fail('bob', '198.51.100.1');
    assert.equal(fail('ann', '192.0.2.1'), 0);
  });

  test('T52 abandoned() leaves nothing behind: a flood that nobody checks forgets no failures', () => {
    const { fail, limiter } = limiterAt({ entriesMax: 6 });
    for (let i = 0; i < 3; i += 1) fail('ann', '192.0.2.1');
    for (let i = 0; i < 100; i += 1) {
      const attempt = limiter.begin(`user${i}`, undefined);
      if ('abandoned' in attempt) attempt.abandoned();
    }
    assert.equal(fail('ann', '192.0.2.1'), 10);
  });
});
