import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseStatus } from '../../../src/cli/status/parse-status.ts';
import { statusLines } from '../../../src/cli/status/table.ts';
import { jsonOf, listEntriesMax, textCharactersMax } from '../../../src/cli/status/untrusted.ts';
import { createAggregate } from '../../../src/metrics/aggregate.ts';
import { uwsgiStats } from '../../../src/metrics/uwsgi-stats.ts';
import { sampleStatus } from '../../metrics/sample.ts';

function documentWith(more: object): object {
  return { portcullis: { schema: 1, state: 'serving', ...more } };
}

describe('parseStatus', () => {
  test('parseStatus() reads what the stats socket writes, with every field', () => {
    const status = sampleStatus({ lastRefusal: 'Cannot use 3' });
    const written = uwsgiStats(status, createAggregate().totals(status.workers));
    assert.deepEqual(parseStatus(jsonOf(JSON.stringify(written))), written.portcullis);
  });

  test('parseStatus() takes nothing else for a status', () => {
    const others = ['', '{', 'null', '3', '[]', '{"workers": []}', '{"portcullis": {"schema": 2}}'];
    for (const text of [...others, '{"portcullis": {"schema": 1, "state": "__proto__"}}']) {
      assert.equal(parseStatus(jsonOf(text)), undefined, text);
    }
  });

  test('parseStatus() makes zeros and nothing of what has the wrong shape', () => {
    const status = parseStatus(
      documentWith({ ready: 1, workers: [null, { busy: 7 }], pools: 'x', restarts: [1], pid: -1 }),
    );
    assert.deepEqual([status?.ready, status?.pid, status?.pools], [false, 0, []]);
    assert.deepEqual(
      status?.workers.map(({ pid, busy }) => [pid, busy]),
      [
        [0, 0],
        [0, 1],
      ],
    );
  });

  test('parseStatus() takes nothing but a truth value for the state of the store', () => {
    const given = [true, false, null, undefined, 1, 'true'];
    const status = parseStatus(documentWith({ pools: given.map((storeUp) => ({ storeUp })) }));
    const read = status?.pools.map(({ storeUp }) => storeUp);
    assert.deepEqual(read, [true, false, null, null, null, null]);
  });

  test('parseStatus() takes so many entries and characters, and no more', () => {
    const entries = (length: number) => Array.from({ length }, () => 'x');
    const reasonsOf = (reasons: unknown) => parseStatus(documentWith({ reasons }))?.reasons;
    assert.equal(reasonsOf(entries(listEntriesMax))?.length, listEntriesMax);
    assert.equal(reasonsOf(entries(listEntriesMax + 1))?.length, listEntriesMax);
    assert.equal(reasonsOf(['x'.repeat(textCharactersMax)])?.[0]?.length, textCharactersMax);
    assert.equal(reasonsOf(['x'.repeat(textCharactersMax + 1)])?.[0]?.length, textCharactersMax);
  });

  test('parseStatus() lets no text drive a terminal (T87)', () => {
    const evil = '\u001b[2J\u009b31m\r\n\u202e';
    const status = parseStatus(
      documentWith({
        version: evil,
        reasons: [evil],
        pools: [{ name: evil }],
        workers: [{ pool: evil, phase: evil }],
        restarts: { [evil]: 1 },
        lastRestart: { cause: evil },
        reloads: { [evil]: 1 },
        lastRefusal: evil,
      }),
    );
    assert.ok(status);
    const shown = [...statusLines(status, new Map(), new Date()), JSON.stringify(status)];
    for (const line of shown) assert.doesNotMatch(line, /[\p{Cc}\p{Cf}]/u);
    assert.equal(status.lastRefusal, '\\u001b[2J\\u009b31m\\u000d; \\u202e');
  });
});
