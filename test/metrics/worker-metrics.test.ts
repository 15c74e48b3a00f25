import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  decisionOutcomes,
  durationBounds,
  requestOutcomeOf,
  requestOutcomes,
} from '../../src/metrics/labels.ts';
import { certificatesMax, readSnapshot } from '../../src/metrics/snapshot.ts';
import { createWorkerMetrics } from '../../src/metrics/worker-metrics.ts';
import { until } from '../support/processes.ts';

describe('createWorkerMetrics', () => {
  test('ended() counts by role and outcome, and the numbers of uWSGI over all roles', () => {
    using metrics = createWorkerMetrics({ roles: ['content', 'application'] });
    const content = metrics.requestsOf('content');
    content.ended('ok', 0.004, 100);
    content.ended('fault', 0.002, 20);
    metrics.requestsOf('application').ended('overdue', 2, 3);
    const { roles } = metrics.snapshot();
    const at = (outcome: (typeof requestOutcomes)[number]): number =>
      requestOutcomes.indexOf(outcome);
    assert.equal(roles.content?.outcomes[at('ok')], 1);
    assert.equal(roles.content?.outcomes[at('fault')], 1);
    assert.equal(roles.content?.bytes, 120);
    assert.equal(roles.application?.outcomes[at('overdue')], 1);
    const { requests, exceptions, overdue, bytesSent } = metrics.totals;
    assert.deepEqual([requests, exceptions, overdue, bytesSent], [3, 2, 1, 123]);
    assert.equal(Math.round(metrics.totals.runningMicroseconds), 2_006_000);
    // ((0 + 4000) / 2 + 2000) / 2 = 2000, and (2000 + 2000000) / 2.
    assert.equal(metrics.totals.averageMicroseconds, 1_001_000);
  });

  test('ended() puts a duration at a bound into its bucket, and one past it into the next', () => {
    for (const [index, bound] of durationBounds.entries()) {
      using metrics = createWorkerMetrics({ roles: ['content'] });
      metrics.requestsOf('content').ended('ok', bound, 0);
      metrics.requestsOf('content').ended('ok', bound * 1.001, 0);
      const durations = metrics.snapshot().roles.content?.durations ?? [];
      assert.deepEqual([durations[index], durations[index + 1]], [1, 1], `bound ${bound}`);
      assert.equal(durations.length, durationBounds.length + 1);
    }
  });

  test('decided() keeps apart what was remembered', () => {
    using metrics = createWorkerMetrics({ roles: ['content'] });
    metrics.decided('deny', true);
    metrics.decided('allow', false);
    metrics.decided('allow', false);
    assert.deepEqual(metrics.snapshot().decisions, [2, 0, 0, 1, 0, 0, 0, 0]);
  });

  test('requestsOf() refuses a role that the worker does not have', () => {
    using metrics = createWorkerMetrics({ roles: ['application'] });
    assert.throws(() => metrics.requestsOf('content'), /was not given the role content/);
  });

  test('snapshot() crosses a channel of JSON and is read as it was', () => {
    using metrics = createWorkerMetrics({
      roles: ['content'],
      certificates: () => [{ name: 'listen.tls.certificate', expiresAt: 1_800_000_000 }],
      logLinesLost: () => 7,
      decisionsLost: () => 8,
    });
    metrics.requestsOf('content').ended('not-found', 0.5, 10);
    const snapshot = metrics.snapshot();
    const crossed: unknown = JSON.parse(JSON.stringify(snapshot));
    assert.deepEqual(readSnapshot(crossed), snapshot);
    assert.deepEqual(readSnapshot(structuredClone(snapshot)), snapshot);
    assert.equal(snapshot.logLinesLost, 7);
    assert.equal(snapshot.decisionsLost, 8);
  });

  test('snapshot() tells how long the event loop was held up, once', async () => {
    using metrics = createWorkerMetrics({ roles: ['content'] });
    const end = performance.now() + 300;
    while (performance.now() < end);
    let delay = 0;
    await until('the delay is seen', async () => {
      await new Promise((resolve) => setTimeout(resolve, 60));
      const { eventLoopDelaySeconds, eventLoopUtilization } = metrics.snapshot().gauges;
      assert.ok(eventLoopUtilization >= 0 && eventLoopUtilization <= 1);
      delay = Math.max(delay, eventLoopDelaySeconds);
      return delay > 0.15;
    });
    assert.ok(delay < 30, `${delay}`);
  });

  test('snapshot() holds a bounded number of certificates', () => {
    const certificates = Array.from({ length: certificatesMax + 1 }, (_, index) => ({
      name: `distributions[${index}].access.entitlement.ca`,
      expiresAt: index,
    }));
    using metrics = createWorkerMetrics({ roles: [], certificates: () => certificates });
    assert.equal(metrics.snapshot().gauges.certificates.length, certificatesMax);
    assert.ok(JSON.stringify(metrics.snapshot()).length < 32_768);
  });
});

describe('labels', () => {
  test('requestOutcomeOf() has an outcome of the table for every status (T86)', () => {
    for (let status = 0; status < 1000; status += 1) {
      assert.ok(requestOutcomes.includes(requestOutcomeOf(status)));
    }
    const cases = [200, 206, 304, 301, 401, 403, 429, 404, 405, 416, 500, 503].map(
      requestOutcomeOf,
    );
    assert.deepEqual(cases, [
      ...['ok', 'ok', 'ok', 'ok'],
      ...['deny', 'deny', 'deny', 'not-found', 'refused', 'refused', 'fault', 'fault'],
    ]);
  });

  test('labels are few, and the bounds of the histogram grow', () => {
    assert.ok(requestOutcomes.length <= 8 && decisionOutcomes.length <= 8);
    assert.equal(durationBounds[0], 0.001);
    assert.deepEqual(
      [...durationBounds].sort((a, b) => a - b),
      [...durationBounds],
    );
  });
});
