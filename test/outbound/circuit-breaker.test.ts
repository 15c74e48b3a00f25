import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AttemptEnd, CircuitBreaker } from '../../src/outbound/circuit-breaker.ts';

function breakerAt() {
  const clock = { seconds: 0 };
  const breaker = new CircuitBreaker({ failures: 3, restSeconds: 10 }, () => clock.seconds * 1000);
  /** What one question after the other ends with; `rests` for those that are not asked. */
  const ask = (...ends: readonly AttemptEnd[]) =>
    ends.map((end) => {
      const attempt = breaker.begin();
      if (attempt !== undefined) breaker.end(attempt, end);
      return attempt ?? 'rests';
    });
  return { clock, breaker, ask };
}

describe('CircuitBreaker', () => {
  it('opens after as many failures in a row as it is told, and not before', () => {
    const { ask } = breakerAt();
    assert.deepEqual(ask('failure', 'failure', 'success'), ['usual', 'usual', 'usual']);
    assert.deepEqual(ask('failure', 'failure', 'failure'), ['usual', 'usual', 'usual']);
    assert.deepEqual(ask('success'), ['rests']);
  });

  it('lets one question through after the rest, and opens again when it fails', () => {
    const { clock, breaker, ask } = breakerAt();
    ask('failure', 'failure', 'failure');
    clock.seconds = 9.999;
    assert.deepEqual(ask('success'), ['rests']);
    clock.seconds = 10;
    assert.equal(breaker.begin(), 'probe');
    assert.deepEqual(ask('success'), ['rests'], 'one at a time');
    breaker.end('probe', 'failure');
    clock.seconds = 19.999;
    assert.deepEqual(ask('success'), ['rests']);
    clock.seconds = 20;
    assert.deepEqual(ask('success', 'failure', 'failure'), ['probe', 'usual', 'usual']);
    assert.deepEqual(ask('success'), ['usual'], 'it counts anew');
  });

  it('asks once more when the question that should have shown it was given up', () => {
    const { clock, ask } = breakerAt();
    ask('failure', 'failure', 'failure');
    clock.seconds = 10;
    assert.deepEqual(ask('given-up', 'success', 'success'), ['probe', 'probe', 'usual']);
  });

  it('takes what is given up for no failure', () => {
    const { ask } = breakerAt();
    ask('failure', 'failure', 'given-up', 'given-up', 'given-up');
    assert.deepEqual(ask('success'), ['usual']);
  });

  it('goes by nothing that was asked before the rest', () => {
    const { clock, breaker, ask } = breakerAt();
    const [early, another] = [breaker.begin(), breaker.begin()];
    ask('failure', 'failure', 'failure');
    breaker.end(early ?? 'usual', 'success');
    assert.deepEqual(ask('success'), ['rests']);
    clock.seconds = 9;
    breaker.end(another ?? 'usual', 'failure');
    clock.seconds = 10;
    assert.deepEqual(ask('success'), ['probe']);
  });
});
