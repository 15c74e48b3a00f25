import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  matchesPathPattern,
  pathPatternCharactersMax,
  pathPatternProblem,
} from '../../src/tokens/path-pattern.ts';

describe('path patterns of tokens', () => {
  for (const [pattern, path, expected] of [
    ['acme/el9', 'acme/el9', true],
    ['acme/el9', 'acme/el9/', true],
    ['acme/el9', 'acme/el9/Packages/a.rpm', true],
    ['acme/el9', 'acme/el90', false],
    ['acme/el9', 'acme', false],
    ['acme/el9', 'Acme/el9', false],
    ['acme/*/x86_64', 'acme/el9/x86_64/repodata/repomd.xml', true],
    ['acme/*/x86_64', 'acme/x86_64', false],
    ['acme/*/x86_64', 'acme/a/b/x86_64', false],
    ['acme/*', 'acme/', false],
    ['acme/*', 'acme', false],
    ['*', 'anything/at/all', true],
    ['a.c', 'abc', false],
    ['acme/$basearch', 'acme/x86_64', false],
  ] as const) {
    it(`T24 ${pattern} ${expected ? 'holds' : 'does not hold'} ${path}`, () => {
      assert.equal(matchesPathPattern(pattern, path), expected);
    });
  }

  for (const pattern of [
    '',
    '/acme',
    'acme/',
    'acme//el9',
    'acme/./el9',
    '..',
    'acme/el*',
    '**',
    'a\0b',
    'x'.repeat(pathPatternCharactersMax + 1),
  ]) {
    it(`refuses ${JSON.stringify(pattern.slice(0, 20))}`, () => {
      assert.match(pathPatternProblem(pattern) ?? '', /^it (?:is|has) /);
    });
  }

  it('takes a pattern as long as the limit', () => {
    assert.equal(pathPatternProblem('x'.repeat(pathPatternCharactersMax)), undefined);
  });

  it('T35 takes no time for what would be dear to a regular expression', () => {
    const pattern = Array(500).fill('*').join('/');
    const begun = performance.now();
    matchesPathPattern(pattern, `${'a/'.repeat(4000)}b`);
    assert.ok(performance.now() - begun < 1000);
  });
});
