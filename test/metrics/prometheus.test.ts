import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createAggregate } from '../../src/metrics/aggregate.ts';
import { exposition } from '../../src/metrics/exposition.ts';
import { metricsText } from '../../src/metrics/prometheus.ts';
import { certificatesMax, listsToldMax } from '../../src/metrics/snapshot.ts';
import { needs } from '../support/needs.ts';
import { run } from '../support/processes.ts';
import { toolPath } from '../support/tools.ts';
import { sampleReport, sampleStatus, sampleWorker } from './sample.ts';

function textOf(status = sampleStatus()): string {
  return metricsText(status, createAggregate().totals(status.workers));
}

describe('metricsText', () => {
  test('metricsText() tells what the issue of an operator needs', () => {
    const lines = textOf().split('\n');
    for (const line of [
      'portcullis_requests_total{pool="main",role="content",outcome="ok"} 5',
      'portcullis_request_duration_seconds_bucket{pool="main",role="content",le="0.0025"} 0',
      'portcullis_request_duration_seconds_bucket{pool="main",role="content",le="0.005"} 5',
      'portcullis_request_duration_seconds_bucket{pool="main",role="content",le="+Inf"} 5',
      'portcullis_request_duration_seconds_count{pool="main",role="content"} 5',
      'portcullis_response_bytes_total{pool="main",role="content"} 5000',
      'portcullis_decisions_total{pool="main",outcome="allow",remembered="true"} 3',
      'portcullis_decisions_total{pool="main",outcome="fault",remembered="false"} 0',
      'portcullis_worker_restarts_total{cause="died"} 1',
      'portcullis_reloads_total{outcome="refused"} 0',
      'portcullis_workers{pool="main",phase="serving"} 2',
      'portcullis_workers{pool="main",phase="killed"} 0',
      'portcullis_worker_resident_memory_bytes{pool="main",worker="2"} 104857600',
      'portcullis_worker_connections{pool="main",worker="1"} 0',
      'portcullis_certificate_expiry_timestamp_seconds{certificate="listen.tls.certificate"} 1800000000',
      'portcullis_revocation_list_this_update_timestamp_seconds{authority="O=Acme,CN=root"} 1700000000',
      'portcullis_revocation_list_next_update_timestamp_seconds{authority="O=Acme,CN=root"} 1700600000',
      'portcullis_store_up{pool="main"} 1',
      'portcullis_listen_queue_connections{pool="main",listener="tls"} 3',
      'portcullis_log_lines_lost_total{pool="main"} 0',
      'portcullis_stored_decisions_lost_total{pool="main"} 0',
      'process_start_time_seconds 1795251600',
      `portcullis_build_info{version="0.1.0",node="${process.versions.node}"} 1`,
    ]) {
      assert.ok(lines.includes(line), line);
    }
    assert.equal(textOf().includes('listener="uwsgi"'), false);
  });

  test('metricsText() has one sample for the two processes of one worker', () => {
    const workers = [sampleWorker(), sampleWorker({ pid: 1003, phase: 'draining' })];
    const lines = textOf(sampleStatus({ workers })).split('\n');
    const names = lines.filter((line) => line !== '' && !line.startsWith('#'));
    const series = names.map((line) => line.slice(0, line.lastIndexOf(' ')));
    assert.equal(new Set(series).size, series.length);
    assert.ok(
      lines.includes('portcullis_worker_resident_memory_bytes{pool="main",worker="1"} 209715200'),
    );
  });

  test('metricsText() accepts what promtool accepts', { skip: needs('promtool') }, async () => {
    const hostile = sampleReport(1);
    const certificates = [{ name: 'a"b\\c\nd{}', expiresAt: 1 }];
    const metrics = { ...(hostile.metrics as object), gauges: { certificates } };
    const workers = [sampleWorker(), sampleWorker({ pid: 7, report: { ...hostile, metrics } })];
    for (const status of [
      sampleStatus(),
      sampleStatus({ workers: [], pools: [], listeners: [] }),
      sampleStatus({ workers }),
    ]) {
      const checked = await run('promtool', ['check', 'metrics'], {
        input: textOf(status),
        env: { PATH: toolPath },
      });
      assert.deepEqual([checked.code, checked.stderr, String(checked.stdout)], [0, '', '']);
    }
  });

  test('metricsText() has as many series whatever workers send (T86)', () => {
    const workers = Array.from({ length: 4 }, (_, index) => {
      const certificates = Array.from({ length: 1000 }, (_none, name) => ({
        name: `${index}-${name}`,
        expiresAt: 1,
      }));
      const revocationLists = certificates.map(({ name }) => ({ authority: name }));
      const roles = Object.fromEntries(
        Array.from({ length: 1000 }, (_none, role) => [`role-${role}`, {}]),
      );
      return sampleWorker({
        number: index + 1,
        pid: index + 1,
        report: { metrics: { roles, gauges: { certificates, revocationLists } } },
      });
    });
    const text = textOf(sampleStatus({ workers }));
    assert.equal(text.match(/^portcullis_certificate_expiry/gm)?.length, certificatesMax);
    assert.equal(text.match(/^portcullis_revocation_list_this_update/gm)?.length, listsToldMax);
    assert.equal(text.includes('role-'), false);
  });
});

describe('exposition', () => {
  test('exposition() escapes help and labels, and leaves out what has no sample', () => {
    const text = exposition([
      {
        name: 'a',
        type: 'gauge',
        help: 'b\\c\nd"',
        samples: [{ labels: { e: 'f\\g\nh"' }, value: 1 }],
      },
      { name: 'b', type: 'counter', help: '', samples: [] },
    ]);
    assert.equal(text, '# HELP a b\\\\c\\nd"\n# TYPE a gauge\na{e="f\\\\g\\nh\\""} 1\n');
  });
});
