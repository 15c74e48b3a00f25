import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { durationBounds, requestOutcomes } from '../../src/metrics/labels.ts';
import {
  certificateNameCharactersMax,
  certificatesMax,
  listsToldMax,
  readSnapshot,
} from '../../src/metrics/snapshot.ts';

const hostile: readonly (readonly [string, unknown])[] = [
  ['nothing', undefined],
  ['null', null],
  ['a number', 1],
  ['text', 'x'.repeat(1000)],
  ['a list', [1, 2, 3]],
  ['the wrong shapes', { roles: 'content', decisions: {}, logLinesLost: [], gauges: 4 }],
  ['null in every place', { roles: { content: null }, decisions: [null], gauges: null }],
  ['numbers that are none', { decisions: [Number.NaN, -1, Number.POSITIVE_INFINITY, '3', 1e300] }],
];

describe('readSnapshot', () => {
  for (const [name, value] of hostile) {
    test(`readSnapshot() makes zeros of ${name}`, () => {
      const { decisions, logLinesLost, gauges } = readSnapshot(value);
      assert.deepEqual(decisions, [0, 0, 0, 0, 0, 0, 0, 0]);
      assert.equal(logLinesLost, 0);
      assert.deepEqual(gauges, {
        eventLoopDelaySeconds: 0,
        eventLoopUtilization: 0,
        certificates: [],
        revocationLists: [],
        revocationSeconds: 0,
        isStoreUp: undefined,
        edgeDecisionSeconds: 0,
      });
    });
  }

  test('readSnapshot() takes known roles alone, and as many counters as there are labels (T86)', () => {
    const many = Array.from({ length: 100_000 }, () => 1);
    const role = { outcomes: many, durations: many, seconds: 1, bytes: 1 };
    const { roles, decisions } = readSnapshot({
      roles: JSON.parse(`{"content": ${JSON.stringify(role)}, "__proto__": {}, "evil\\n": {}}`),
      decisions: many,
    });
    assert.deepEqual(Object.keys(roles), ['content']);
    assert.equal(roles.content?.outcomes.length, requestOutcomes.length);
    assert.equal(roles.content?.durations.length, durationBounds.length + 1);
    assert.equal(decisions.length, 8);
  });

  test('readSnapshot() takes so many certificates with names of so many characters, and no more', () => {
    const certificate = (length: number) => ({ name: 'x'.repeat(length), expiresAt: 1 });
    const read = (certificates: unknown) => readSnapshot({ gauges: { certificates } }).gauges;
    const longest = certificate(certificateNameCharactersMax);
    const tooLong = certificate(certificateNameCharactersMax + 1);
    assert.deepEqual(read([longest, tooLong, { name: 3 }, null, {}]).certificates, [longest]);
    const all = Array.from({ length: certificatesMax }, () => longest);
    assert.equal(read(all).certificates.length, certificatesMax);
    assert.equal(read([...all, longest]).certificates.length, certificatesMax);
  });

  test('readSnapshot() takes so many revocation lists with names of so many characters, and no more', () => {
    const list = (length: number) => ({
      authority: 'x'.repeat(length),
      ...{ thisUpdate: 1, nextUpdate: 2 },
    });
    const read = (revocationLists: unknown) =>
      readSnapshot({ gauges: { revocationLists } }).gauges.revocationLists;
    const longest = list(certificateNameCharactersMax);
    const tooLong = list(certificateNameCharactersMax + 1);
    assert.deepEqual(read([longest, tooLong, { authority: 3 }, null, {}]), [longest]);
    assert.deepEqual(read([{ ...longest, thisUpdate: -1, nextUpdate: 'x' }]), [
      { ...longest, thisUpdate: 0, nextUpdate: 0 },
    ]);
    const all = Array.from({ length: listsToldMax }, () => longest);
    assert.equal(read(all).length, listsToldMax);
    assert.equal(read([...all, longest]).length, listsToldMax);
  });

  test('readSnapshot() takes nothing but a truth value for the state of the store', () => {
    const read = (isStoreUp: unknown) => readSnapshot({ gauges: { isStoreUp } }).gauges.isStoreUp;
    const given = [true, false, undefined, null, 1, 'true', {}];
    const others = given.slice(2).map(() => undefined);
    assert.deepEqual(given.map(read), [true, false, ...others]);
  });
});
