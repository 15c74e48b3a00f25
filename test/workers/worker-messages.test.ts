import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  pathCharactersMax,
  readMessage,
  reasonCharactersMax,
} from '../../src/workers/worker-messages.ts';
import { quietReport } from './decisions/pool-model.ts';

describe('readMessage', () => {
  test('readMessage() reads what a worker says', () => {
    const report = {
      ...quietReport,
      requests: 7,
      oldestRequest: { method: 'GET', path: '/a', milliseconds: 12 },
    };
    for (const message of [
      { type: 'ready', addresses: ['unix:/run/x.sock'], version: '1.2.3' },
      { type: 'failed', reason: 'no', exitCode: 78 },
      { type: 'heartbeat', report },
    ]) {
      assert.deepEqual(readMessage(message), message);
    }
  });

  test('readMessage() believes no number, text or exit code that cannot be', () => {
    const message = readMessage({
      type: 'heartbeat',
      report: { requests: -1, rssBytes: '7', bytesSent: Infinity, oldestRequest: [] },
    });
    assert.deepEqual(message, {
      type: 'heartbeat',
      report: { ...quietReport, rssBytes: 0 },
    });
    for (const exitCode of [0, 256, 1.5, 'x', undefined]) {
      assert.deepEqual(readMessage({ type: 'failed', reason: 7, exitCode }), {
        type: 'failed',
        reason: '',
        exitCode: 1,
      });
    }
  });

  test('readMessage() cuts a text at its limit', () => {
    for (const [over, length] of [
      [0, reasonCharactersMax],
      [1, reasonCharactersMax],
    ] as const) {
      const message = readMessage({ type: 'failed', reason: 'x'.repeat(length + over) });
      assert.ok(message?.type === 'failed');
      assert.equal(message.reason.length, length);
    }
    const path = 'x'.repeat(pathCharactersMax + 1);
    const late = readMessage({ type: 'heartbeat', report: { oldestRequest: { path } } });
    assert.ok(late?.type === 'heartbeat');
    assert.equal(late.report.oldestRequest?.path.length, pathCharactersMax);
  });

  test('readMessage() takes anything, and throws at nothing', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        readMessage(value);
        readMessage({ type: 'heartbeat', report: value });
        readMessage({ type: 'ready', addresses: value, version: value });
      }),
    );
    assert.equal(readMessage({ type: 'start' }), undefined);
  });
});
