import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compareLabels, compareVersions } from '../../src/sync/version-order.ts';
import { needs } from '../support/needs.ts';
import { runOk } from '../support/processes.ts';

/** Each is older than the next. */
const ascending = [
  ...['~~', '~', '', '^', '^1', 'a', 'a1', 'b', '0', '1.0~rc1', '1.0', '1.0^', '1.0^git1', '1.0a'],
  ...['1.0.1', '1.1', '1.2', '1.10', '1.10a', '2', '10', '20260101', '99999999999999999999'],
];

const equal: readonly (readonly [string, string])[] = [
  ['1.0', '1_0'],
  ['1.0', '1..0'],
  ['1.01', '1.1'],
  ['1.0-', '1.0'],
  ['00', '0'],
];

describe('compareLabels', () => {
  it('has versions in the order of rpm', () => {
    for (const [index, one] of ascending.entries()) {
      for (const other of ascending.slice(index + 1)) {
        assert.ok(compareLabels(one, other) < 0, `${one} < ${other}`);
        assert.ok(compareLabels(other, one) > 0, `${other} > ${one}`);
      }
      assert.equal(compareLabels(one, one), 0);
    }
    for (const [one, other] of equal) assert.equal(compareLabels(one, other), 0, `${one} ${other}`);
  });

  it('agrees with rpm itself', { skip: needs('rpm') }, async () => {
    const labels = ascending.filter((label) => /^[\da-z]/.test(label));
    const pairs = labels.flatMap((one) => labels.map((other) => [one, other] as const));
    const script = pairs.map(([one, other]) => `%{lua:print(rpm.vercmp("${one}","${other}"))}`);
    const said = (await runOk('rpm', ['--eval', script.join('\n')])).toString().trim().split('\n');
    const ours = pairs.map(([one, other]) => String(Math.sign(compareLabels(one, other))));
    assert.deepEqual(said, ours);
  });
});

describe('compareVersions', () => {
  it('goes by the epoch before the version, and by that before the release', () => {
    const versionOf = (epoch: string, version: string, release: string) => ({
      ...{ epoch, version, release },
    });
    assert.ok(compareVersions(versionOf('1', '1', '1'), versionOf('0', '2', '2')) > 0);
    assert.ok(compareVersions(versionOf('0', '2', '1'), versionOf('0', '10', '1')) < 0);
    assert.ok(compareVersions(versionOf('0', '1', '10.el9'), versionOf('0', '1', '9.el9')) > 0);
    assert.equal(compareVersions(versionOf('0', '1', '1'), versionOf('0', '1', '1')), 0);
  });
});
