import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { entitlementLimits } from '../../src/entitlement/limits.ts';
import { PathList } from '../../src/entitlement/path-list.ts';
import { fastestMs } from '../support/timing.ts';

const { comparisonsMax } = entitlementLimits;
const listOf = (...paths: readonly string[]) => new PathList(paths, comparisonsMax);
const grants = (granted: string, asked: string) => listOf(granted).find(asked).granted;

describe('PathList', () => {
  it('find() grants what is at a path and below it, and neither above nor beside', () => {
    for (const written of ['/foo/path/never', 'foo/path/never', '//foo/path/never//']) {
      for (const asked of ['/foo/path/never', '/foo/path/never/', '/foo/path/never/bar']) {
        assert.equal(grants(written, asked), true, asked);
      }
      for (const asked of ['/foo', '/foo/', '/foo/path/', '/foo/path/never-other', '/x', '/', '']) {
        assert.equal(grants(written, asked), false, asked);
      }
    }
  });

  it('find() says which path grants, and which would have been near', () => {
    const list = listOf('content/$releasever/os', '/content/9/extras/debug', 'beta/x');
    assert.deepEqual(list.find('/content/9/os/x'), {
      granted: true,
      by: '/content/$releasever/os',
      coveredSegments: 3,
    });
    const refused = list.find('/content/9/extras/src');
    assert.deepEqual(refused, {
      granted: false,
      reason: 'none of its paths leads there; the nearest is /content/9/extras/debug',
    });
    assert.deepEqual(listOf().find('/x'), { granted: false, reason: 'it grants nothing at all' });
  });

  it('find() tries all paths', () => {
    const list = listOf('/a/$b/c', '/a/b/d', '/a/$b/e');
    for (const asked of ['/a/b/c', '/a/b/d', '/a/b/e', '/a/x/e']) {
      assert.equal(list.find(asked).granted, true, asked);
    }
    assert.equal(list.find('/a/x/d').granted, false);
  });

  it('T31 find() lets a variable stand for exactly one segment', () => {
    assert.equal(grants('/a/$v/c', '/a/b/c'), true);
    for (const asked of ['/a/c', '/a//c', '/a/../c', '/a/b/x/c', '/a/b', '/a/b/cc']) {
      assert.equal(grants('/a/$v/c', asked), false, asked);
    }
    assert.equal(grants('/$a/$b/c', '/x/y/c'), true);
    assert.equal(grants('/$a/$b/c', '/x/c'), false);
  });

  it('T31 find() lets a variable inside of a segment stand for a character of it at least', () => {
    const twoVariables = '/el$releasever-${'.concat('basearch}.d');
    const noVariable = '/${'.concat('}');
    for (const [granted, asked, expected] of [
      ['/el$releasever', '/el9', true],
      ['/el$releasever', '/el', false],
      ['/el$releasever', '/el9/x', true],
      [twoVariables, '/el9-x86_64.d', true],
      [twoVariables, '/el9-.d', false],
      [twoVariables, '/el-x.d', false],
      [twoVariables, '/el9-x/y.d', false],
      ['/$a$b', '/xy', true],
      ['/$a$b', '/x', false],
      ['/$a-$b-c', '/1-2-3-c', true],
      ['/$a-$b-c', '/1-c', false],
      ['/a$', '/a$', true],
      ['/a$', '/ab', false],
      [noVariable, noVariable, true],
      [noVariable, '/x', false],
    ] as const) {
      assert.equal(grants(granted, asked), expected, `${granted} ${asked}`);
    }
  });

  it('find() grants by a path that ends in a variable what is below, and not the place itself', () => {
    assert.equal(grants('/always/$releasever', '/always/9/x'), true);
    assert.equal(grants('/always/$releasever/', '/always/9/x'), true);
    for (const asked of ['/always/9', '/always/9/', '/always']) {
      assert.equal(grants('/always/$releasever', asked), false, asked);
    }
    const finding = listOf('/always/$releasever').find('/always/9/x/y');
    assert.ok(finding.granted);
    assert.equal(finding.coveredSegments, 3);
  });

  it('T35 find() makes no pattern of what a certificate says', () => {
    for (const [granted, asked] of [
      ['/v1.0', '/v1x0'],
      ['/a+b', '/aab'],
      ['/.*', '/anything'],
      ['/(a|b)', '/a'],
      ['/[a-z]', '/a'],
      ['/*', '/a'],
      ['/a?', '/a'],
      ['/\\$x', '/$x'],
    ] as const) {
      assert.equal(grants(granted, asked), false, granted);
      assert.equal(grants(granted, granted), true, granted);
    }
    const hostile = listOf(`/${'$a-'.repeat(10_000)}x`);
    const long = `/${'-'.repeat(50_000)}y`;
    const milliseconds = fastestMs(() => assert.equal(hostile.find(long).granted, false));
    assert.ok(milliseconds < 10, `${milliseconds} ms`);
  });

  it('find() grants nothing by an empty or root path, or one with steps', () => {
    for (const granted of ['', '/', '//', '/./', '/..', '/a/../b', '/a//b', '/a/./b']) {
      for (const asked of ['/', '/a', '/b', '/a/b', '/anything/at/all']) {
        assert.equal(grants(granted, asked), false, `${granted} ${asked}`);
      }
    }
  });

  it('T32 find() knows no listing: that is of version 3', () => {
    for (const asked of ['/listing', '/a/listing']) assert.equal(grants('/a/b', asked), false);
  });

  it('T44 find() compares 100,000 times for one path, and not once more', () => {
    const lists = (count: number) => new PathList(Array<string>(count).fill('/a'), comparisonsMax);
    const reasonOf = (count: number) => {
      const finding = lists(count).find('/b');
      return finding.granted ? '' : finding.reason;
    };
    assert.match(reasonOf(comparisonsMax), /none of its paths/);
    assert.match(reasonOf(comparisonsMax + 1), /more than 100000 comparisons/);
  });
});
