import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createAggregate } from '../../src/metrics/aggregate.ts';
import { metricsText } from '../../src/metrics/prometheus.ts';
import { createWorkerMetrics } from '../../src/metrics/worker-metrics.ts';
import { sampleReport, sampleStatus, sampleWorker } from './sample.ts';

describe('portcullis_edge_decision_seconds', () => {
  for (const seconds of [undefined, 5]) {
    test(`portcullis_edge_decision_seconds is ${seconds ?? 0} where workers are told ${seconds}`, () => {
      using metrics = createWorkerMetrics({
        roles: ['content'],
        ...(seconds !== undefined && { edgeDecisionSeconds: seconds }),
      });
      const report = {
        ...sampleReport(1),
        metrics: JSON.parse(JSON.stringify(metrics.snapshot())),
      };
      const status = sampleStatus({ workers: [sampleWorker({ report })] });
      const text = metricsText(status, createAggregate().totals(status.workers));
      assert.ok(text.includes(`\nportcullis_edge_decision_seconds{pool="main"} ${seconds ?? 0}\n`));
    });
  }
});
