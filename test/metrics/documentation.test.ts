import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { createAggregate } from '../../src/metrics/aggregate.ts';
import { requestOutcomes } from '../../src/metrics/labels.ts';
import { portcullisStatus } from '../../src/metrics/portcullis-status.ts';
import { metricsText } from '../../src/metrics/prometheus.ts';
import { workerPhases } from '../../src/metrics/status.ts';
import { restartCauses } from '../../src/workers/decisions/pool-state.ts';
import { needs } from '../support/needs.ts';
import { run } from '../support/processes.ts';
import { repositoryRoot } from '../support/source-tree.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { toolPath } from '../support/tools.ts';
import { sampleStatus } from './sample.ts';

const page = readFileSync(path.join(repositoryRoot, 'docs/monitoring.md'), 'utf8');
const status = sampleStatus();
const totals = createAggregate().totals(status.workers);

describe('docs/monitoring.md', () => {
  test('docs/monitoring.md names every metric and every value of a label', () => {
    const names = [...metricsText(status, totals).matchAll(/^# TYPE (\w+) /gm)].map(
      ([, name = '']) => name,
    );
    assert.ok(names.length > 15);
    for (const name of [...names, ...workerPhases, ...restartCauses, ...requestOutcomes]) {
      assert.ok(page.includes(`\`${name}\``), name);
    }
    for (const [name] of page.matchAll(/portcullis_\w+/g)) assert.ok(names.includes(name), name);
  });

  test('docs/monitoring.md names every field of the JSON', () => {
    const told = portcullisStatus(status, totals);
    for (const name of [
      ...Object.keys(told),
      ...Object.keys(told.workers[0] ?? {}),
      ...Object.keys(told.pools[0] ?? {}),
    ]) {
      assert.match(page, new RegExp(`\`${name}(?:\\[\\])?\``), name);
    }
  });

  test('docs/monitoring.md has alarms that Prometheus takes', {
    skip: needs('promtool'),
  }, async () => {
    const [, block = ''] = /```promql\n([^`]*)```/.exec(page) ?? [];
    const rules = block
      .trim()
      .split('\n')
      .map((expr, index) => ({ alert: `Alarm${index}`, expr }));
    assert.ok(rules.length > 3);
    using directory = temporaryDirectory();
    const file = directory.file('rules.json');
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'portcullis', rules }] }));
    const { code, stdout, stderr } = await run('promtool', ['check', 'rules', file], {
      env: { PATH: toolPath },
    });
    assert.equal(code, 0, `${stdout}${stderr}`);
  });
});
