import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { findMount } from '../../src/uwsgi/mount.ts';

interface Case {
  readonly name: string;
  readonly scriptName?: string;
  readonly pathInfo: string;
  readonly uri?: string;
  readonly expected: readonly [scriptName: string, pathInfo: string];
}

const cases: readonly Case[] = [
  { name: 'no prefix', pathInfo: '/a/b', uri: '/a/b', expected: ['', '/a/b'] },
  {
    name: 'a prefix that PATH_INFO still has, as nginx sends it',
    scriptName: '/app',
    pathInfo: '/app/a',
    uri: '/app/a',
    expected: ['/app', '/a'],
  },
  {
    name: 'a prefix that PATH_INFO has no more, as Apache sends it',
    scriptName: '/app',
    pathInfo: '/a',
    uri: '/app/a',
    expected: ['/app', '/a'],
  },
  {
    name: 'a prefix that PATH_INFO has lost once and begins with again',
    scriptName: '/app',
    pathInfo: '/app/a',
    uri: '/app/app/a',
    expected: ['/app', '/app/a'],
  },
  {
    name: 'the prefix itself',
    scriptName: '/app',
    pathInfo: '/app',
    uri: '/app',
    expected: ['/app', ''],
  },
  {
    name: 'a prefix with a trailing slash',
    scriptName: '/app/',
    pathInfo: '/app/a',
    uri: '/app/a',
    expected: ['/app', '/a'],
  },
  {
    name: 'T24 no prefix inside a segment',
    scriptName: '/app',
    pathInfo: '/apple',
    uri: '/apple',
    expected: ['/app', '/apple'],
  },
  {
    name: 'a prefix rewritten away',
    pathInfo: '/v2/x',
    uri: '/pulp/api/v2/x?q=1',
    expected: ['/pulp/api', '/v2/x'],
  },
  {
    name: 'a prefix rewritten away from an escaped path',
    pathInfo: '/v2/a b/\xc3\xa9',
    uri: '/pulp/%61pi/v2/a%20b/%C3%A9',
    expected: ['/pulp/api', '/v2/a b/\xc3\xa9'],
  },
  {
    name: 'a prefix rewritten away from the root',
    pathInfo: '/',
    uri: '/pulp/api/',
    expected: ['/pulp/api', '/'],
  },
  {
    name: 'no prefix from doubled slashes, which nginx merges',
    pathInfo: '/v2/x',
    uri: '//v2//x',
    expected: ['', '/v2/x'],
  },
  {
    name: 'no prefix from dot segments, which nginx resolves',
    pathInfo: '/v2/',
    uri: '/a/../v2/b/%2e%2e/.',
    expected: ['', '/v2/'],
  },
  {
    name: 'no prefix where the path was rewritten otherwise',
    pathInfo: '/index',
    uri: '/a/b',
    expected: ['', '/index'],
  },
  {
    name: 'no prefix inside a segment of the target',
    pathInfo: 'x/v2',
    uri: '/prefix/v2',
    expected: ['', 'x/v2'],
  },
  { name: 'PATH_INFO as it is without a target', pathInfo: '/a', expected: ['', '/a'] },
  { name: 'PATH_INFO as it is for an asterisk', pathInfo: '*', uri: '*', expected: ['', '*'] },
];

suite('findMount()', () => {
  for (const { name, scriptName, pathInfo, uri, expected } of cases) {
    test(`findMount() finds ${name}`, () => {
      const variables = new Map([
        ['SCRIPT_NAME', scriptName ?? ''],
        ['PATH_INFO', pathInfo],
        ['REQUEST_URI', uri ?? ''],
      ]);
      const mount = findMount(variables);
      assert.deepEqual([mount.scriptName, mount.pathInfo], expected);
    });
  }
});
