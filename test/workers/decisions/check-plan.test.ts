import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkPlan, workersPerPoolMax } from '../../../src/workers/decisions/check-plan.ts';
import { every, timerSecondsMax } from '../../../src/workers/interval.ts';
import type { InstancePlan, Supervision } from '../../../src/workers/plan.ts';
import { planOf } from './pool-model.ts';

const refused = { code: 'CONFIG_INVALID' } as const;

describe('checkPlan', () => {
  test('checkPlan() takes every limit at its ends, and refuses what is past them', () => {
    const rightAndWrong: readonly [InstancePlan, InstancePlan][] = [
      [planOf({ main: 1 }), planOf({ main: 0 })],
      [planOf({ main: workersPerPoolMax }), planOf({ main: workersPerPoolMax + 1 })],
      [planOf({ main: 2 }), planOf({ main: 1.5 })],
      [planOf({ main: 1 }), planOf({})],
      ...supervisionPairs().map(([right, wrong]): [InstancePlan, InstancePlan] => [
        planOf({ main: 1 }, right),
        planOf({ main: 1 }, wrong),
      ]),
    ];
    for (const [right, wrong] of rightAndWrong) {
      checkPlan(right);
      assert.throws(() => checkPlan(wrong), refused);
    }
  });

  test('checkPlan() refuses two pools of one name', () => {
    const plan = planOf({ main: 1 });
    assert.throws(() => checkPlan({ ...plan, pools: [...plan.pools, ...plan.pools] }), refused);
  });
});

function supervisionPairs(): readonly [Partial<Supervision>, Partial<Supervision>][] {
  const recycle = { requests: 0, ageSeconds: 0, memoryBytes: 0, jitter: 0 };
  return [
    [{ heartbeatSeconds: 0.001 }, { heartbeatSeconds: 0 }],
    [{ heartbeatSeconds: 1 }, { heartbeatSeconds: Number.NaN }],
    [{ bootSeconds: timerSecondsMax }, { bootSeconds: timerSecondsMax + 1 }],
    [{ abortSeconds: 1 }, { abortSeconds: -1 }],
    [{ silenceSeconds: 1.01 }, { silenceSeconds: 1 }],
    [{ drainSeconds: 0 }, { drainSeconds: -1 }],
    [{ memoryBytesMax: 0 }, { memoryBytesMax: Number.NaN }],
    [{ bootAttemptsMax: 1 }, { bootAttemptsMax: 0 }],
    [{ recycle: { ...recycle, jitter: 1 } }, { recycle: { ...recycle, jitter: 1.01 } }],
    [{ recycle: { ...recycle, requests: 1 } }, { recycle: { ...recycle, requests: -1 } }],
  ];
}

describe('every', () => {
  test('every() refuses an interval that no timer has, and runs until it is disposed of', async () => {
    for (const seconds of [Number.NaN, 0, -1, 0.0001, Infinity, timerSecondsMax + 1]) {
      assert.throws(() => every('it', seconds, () => {}), refused);
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    using _ = every('it', 0.001, resolve);
    await promise;
  });
});
