import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  coveringResources,
  readResource,
  resourceBytesMax,
  resourceOf,
  resourceSegmentsMax,
} from '../../src/people/resource.ts';

function normal(text: string): string {
  const read = readResource(text);
  assert.ok('resource' in read, `${text}: ${JSON.stringify(read)}`);
  return read.resource;
}

describe('readResource', () => {
  it('gives one spelling to what Pulp 2 compared as it had been typed', () => {
    for (const [text, expected] of [
      ['/', '/'],
      ['/v2/', '/v2/'],
      ['/v2', '/v2/'],
      ['v2/users', '/v2/users/'],
      ['/v2/users/joe/', '/v2/users/joe/'],
      ['//v2///users//joe', '/v2/users/joe/'],
      ['/pulp/api/v2/users/joe/', '/v2/users/joe/'],
      ['pulp/api/v2/users/joe', '/v2/users/joe/'],
      ['/v2/pulp/api/', '/v2/pulp/api/'],
      ['/v2/repositories/a.b-c_d/', '/v2/repositories/a.b-c_d/'],
      ['/v2/users/__proto__', '/v2/users/__proto__/'],
      ['/v2/users/j@acme.example', '/v2/users/j@acme.example/'],
    ] as const) {
      assert.equal(normal(text), expected);
    }
  });

  it('refuses what could match no request, and never widens it to everything', () => {
    for (const text of [
      '',
      ' ',
      '//',
      '///',
      '/pulp/',
      '/pulp/api/',
      '/api/v2/users/',
      '/pulp/api/pulp/api/v2/users/',
      '/pulp/v2/users/',
      '/V2/users/',
      '/v1/users/',
      '/v20/users/',
      '/repositories/',
      'users',
      '/v2/users/../',
      '/v2/./users/',
      '/../v2/users/',
      '/v2/users/?x=1',
      '/v2/users/#x',
      '/v2/users/%6aoe/',
      '/v2\\users\\joe',
      '/v2/users/a\0b/',
      '/v2/users/a\nb/',
      '/v2/users/\ud800/',
    ]) {
      assert.ok('problem' in readResource(text), JSON.stringify(text));
    }
  });

  it('takes resources of up to 1024 bytes and 32 segments, and none longer', () => {
    const long = `/v2/${'x'.repeat(resourceBytesMax - 5)}/`;
    assert.equal(normal(long), long);
    assert.ok('problem' in readResource(`${long}/`));
    assert.ok('problem' in readResource(`/v2/${'é'.repeat(512)}/`));
    assert.ok('problem' in readResource('x'.repeat(10_000_000)));
    const deep = `/v2/${'x/'.repeat(resourceSegmentsMax - 1)}`;
    assert.equal(normal(deep), deep);
    assert.deepEqual(readResource(`${deep}x/`), { problem: 'it has more than 32 segments' });
  });

  it('changes nothing of what it gave', () => {
    const text = fc.string({ unit: fc.constantFrom('/', 'v2', 'pulp', 'api', 'x', '.', ' ', 'é') });
    fc.assert(
      fc.property(text, (any) => {
        const read = readResource(any);
        if ('problem' in read) return;
        assert.deepEqual(readResource(read.resource), read);
        assert.match(read.resource, /^\/(?:v2\/(?:[^/]+\/)*)?$/);
      }),
    );
  });
});

describe('resourceOf', () => {
  it('names resources by their segments, and none by what is no segment', () => {
    assert.equal(resourceOf('users', 'joe'), '/v2/users/joe/');
    for (const name of ['', '/', 'a/b', '..', '.', 'a%2fb', 'a?b']) {
      assert.throws(() => resourceOf('users', name), TypeError, name);
    }
  });
});

describe('coveringResources', () => {
  it('goes from the resource up to the root, segment by segment', () => {
    const covering = (text: string) => {
      const read = readResource(text);
      return 'resource' in read ? coveringResources(read.resource) : [];
    };
    assert.deepEqual(covering('/v2/repositories/foo/actions/sync/'), [
      '/v2/repositories/foo/actions/sync/',
      '/v2/repositories/foo/actions/',
      '/v2/repositories/foo/',
      '/v2/repositories/',
      '/v2/',
      '/',
    ]);
    assert.deepEqual(covering('/'), ['/']);
    assert.equal(covering(`/v2/${'x/'.repeat(resourceSegmentsMax - 1)}`).length, 33);
  });
});
