import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createResolver } from '../../src/content/resolve.ts';
import { PortcullisError } from '../../src/errors.ts';
import { canonicalizePath } from '../../src/http/canonical-path.ts';
import type { CanonicalPath, Distribution } from '../../src/model.ts';

function distribution(relativeUrl: string): Distribution {
  return { relativeUrl, root: `/srv/${relativeUrl}`, listing: false };
}

function canonical(target: string): CanonicalPath {
  const result = canonicalizePath(target);
  assert.ok(result.ok);
  return result.path;
}

describe('createResolver', () => {
  const names = ['a', 'ab', 'a/b', 'A', 'a/b/c/d', 'caf\u00e9', '.hidden'];
  const resolve = createResolver(['/pulp/repos/', '/content/'], names.map(distribution));

  const cases: readonly (readonly [target: string, relativeUrl: string, rest: string])[] = [
    ['/pulp/repos/a', 'a', '/'],
    ['/pulp/repos/a/', 'a', '/'],
    ['/content/a/x', 'a', '/x'],
    ['/pulp/repos/a/x/y/', 'a', '/x/y/'],
    ['/pulp/repos/ab/x', 'ab', '/x'],
    ['/pulp/repos/A/x', 'A', '/x'],
    ['/pulp/repos/a/b', 'a/b', '/'],
    ['/pulp/repos/a/b/c', 'a/b', '/c'],
    ['/pulp/repos/a/b/c/d/e', 'a/b/c/d', '/e'],
    ['/pulp/repos/a/bc', 'a', '/bc'],
    ['/pulp/repos/caf%C3%A9/x', 'caf\u00e9', '/x'],
    ['/pulp/repos/%61/%78', 'a', '/x'],
  ];
  for (const [target, relativeUrl, pathInDistribution] of cases) {
    it(`T24 finds ${relativeUrl} and ${pathInDistribution} for ${target}`, () => {
      const resolved = resolve(canonical(target));
      assert.equal(resolved?.distribution.relativeUrl, relativeUrl);
      assert.equal(resolved?.pathInDistribution, pathInDistribution);
    });
  }

  const strangers = [
    '/',
    '/pulp/repos',
    '/pulp/repos/',
    '/pulp/repos/abc',
    '/pulp/repos/B/x',
    '/Pulp/repos/a/x',
    '/pulp/repos/%C3%A1',
    '/pulp/repos/cafe%CC%81/x',
    '/pulp/repos/caf%E9/x',
    '/x/pulp/repos/a/y',
    '/a/x',
    '/content',
  ];
  for (const target of strangers) {
    it(`T30 finds nothing for ${target}`, () => {
      assert.equal(resolve(canonical(target)), undefined);
    });
  }

  it('takes as long for 10,000 distributions as for one', () => {
    const many = Array.from({ length: 10_000 }, (_, index) => distribution(`org/${index}`));
    const [one] = many;
    assert.ok(one);
    const small = createResolver(['/r/'], [one]);
    const large = createResolver(['/r/'], many);
    const path = canonical(`/r/org/0${'/a'.repeat(2000)}`);
    const medianOf = (work: () => unknown) => {
      const times = Array.from({ length: 101 }, () => {
        const start = performance.now();
        for (let index = 0; index < 100; index += 1) work();
        return performance.now() - start;
      });
      return times.sort((a, b) => a - b)[50] ?? 0;
    };
    medianOf(() => small(path));
    const ratio = medianOf(() => large(path)) / medianOf(() => small(path));
    assert.ok(ratio < 5, `10,000 distributions take ${ratio.toFixed(1)} times as long`);
  });

  it('refuses two distributions at one path, under one prefix or under two', () => {
    const isRefusal = (error: unknown) =>
      error instanceof PortcullisError && error.code === 'CONFIG_INVALID';
    assert.throws(() => createResolver(['/r/'], ['a', 'a'].map(distribution)), isRefusal);
    assert.throws(
      () => createResolver(['/r/', '/r/a/'], ['a/b', 'b'].map(distribution)),
      isRefusal,
    );
  });

  it('finds nothing where nothing is served', () => {
    assert.equal(createResolver(['/r/'], [])(canonical('/r/a')), undefined);
  });
});
