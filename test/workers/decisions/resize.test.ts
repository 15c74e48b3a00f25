import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { workersPerPoolMax } from '../../../src/workers/decisions/check-plan.ts';
import { resized } from '../../../src/workers/decisions/resize.ts';
import { planOf } from './pool-model.ts';

describe('resized', () => {
  test('resized() changes the first pool alone', () => {
    assert.deepEqual(resized(planOf({ main: 2, blog: 2 }), 1), planOf({ main: 3, blog: 2 }));
    assert.deepEqual(resized(planOf({ main: 2, blog: 2 }), -1), planOf({ main: 1, blog: 2 }));
  });

  test('resized() says why it keeps to the fewest and the most workers', () => {
    assert.match(String(resized(planOf({ main: 1 }), -1)), /^pool main keeps its last worker; /);
    const most = planOf({ main: workersPerPoolMax });
    assert.deepEqual(resized(planOf({ main: workersPerPoolMax - 1 }), 1), most);
    assert.match(String(resized(most, 1)), /^pool main has 1024 workers, the most /);
  });
});
