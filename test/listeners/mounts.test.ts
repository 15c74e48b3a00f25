import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createFindApplication } from '../../src/listeners/mounts.ts';

const mounts = new Map([
  ['/blog', 'blog'],
  ['/blog/admin', 'admin'],
  ['/käse', 'cheese'],
]);
const find = createFindApplication('root', mounts);

describe('createFindApplication', () => {
  for (const [target, application, prefix, rest] of [
    ['/', 'root', '', '/'],
    ['/blog', 'blog', '/blog', '/'],
    ['/blog?page=2', 'blog', '/blog', '/?page=2'],
    ['/blog/', 'blog', '/blog', '/'],
    ['/blog/2024/a?x=/blog/admin', 'blog', '/blog', '/2024/a?x=/blog/admin'],
    ['/blog/admin/users', 'admin', '/blog/admin', '/users'],
    ['/blogger', 'root', '', '/blogger'],
    ['/blog/administrators', 'blog', '/blog', '/administrators'],
    ['/bl%6Fg/a%20b', 'blog', '/bl%6Fg', '/a%20b'],
    ['/k%C3%A4se/1', 'cheese', '/k%C3%A4se', '/1'],
    ['/other/blog', 'root', '', '/other/blog'],
  ] as const) {
    test(`finds ${application} for ${target}`, () => {
      assert.deepEqual(find(target, ''), { application, prefix, target: rest });
    });
  }

  for (const target of [
    '/blog/../admin',
    '/x/../blog/',
    '/blog/%2e%2e/secret',
    '//blog',
    '/blog//a',
    '/blog%2Fadmin',
    '*',
  ]) {
    test(`T20 finds nothing for ${target}, which a front may read in another way`, () => {
      assert.equal(find(target, ''), undefined);
    });
  }

  test('gives the root every target when nothing is mounted', () => {
    const alone = createFindApplication('root', new Map());
    for (const target of ['/a/../b', '//x', '*']) {
      assert.deepEqual(alone(target, ''), { application: 'root', prefix: '', target });
    }
  });

  test('takes the prefix of the front away from the root, and only where a segment ends', () => {
    const alone = createFindApplication('root', new Map());
    const at = (target: string) => alone(target, '/shop')?.target;
    assert.deepEqual(['/shop', '/shop/a', '/shopping', '/x/shop'].map(at), [
      '/',
      '/a',
      '/shopping',
      '/x/shop',
    ]);
    assert.equal(at('/shop/../admin'), undefined);
  });
});
