import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createPeerMatcher, readAddress } from '../../src/front/address.ts';

describe('readAddress', () => {
  const table: readonly [string | undefined, string | undefined][] = [
    ['192.0.2.1', '192.0.2.1'],
    ['192.0.2.1:40000', '192.0.2.1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['[2001:db8::1]:443', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:c000:201', '192.0.2.1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['unix:', undefined],
    ['', undefined],
    [undefined, undefined],
    ['192.0.2.256', undefined],
    ['192.0.2.1, 192.0.2.2', undefined],
    ['0300.0.2.1', undefined],
    ['localhost', undefined],
    ['192.0.2.1\n', undefined],
  ];
  for (const [text, expected] of table) {
    test(`readAddress() makes ${expected} of ${JSON.stringify(text)}`, () => {
      assert.equal(readAddress(text), expected);
    });
  }
});

describe('createPeerMatcher', () => {
  test('T05 createPeerMatcher() matches ranges and single addresses of both families', () => {
    const matches = createPeerMatcher(['10.0.0.0/8', '192.0.2.7', '2001:db8::/32']);
    for (const peer of ['10.1.2.3', '::ffff:10.1.2.3', '192.0.2.7', '2001:db8:1::2']) {
      assert.equal(matches(peer), true, peer);
    }
    for (const peer of ['11.0.0.1', '192.0.2.8', '2001:db9::1', '', undefined, 'unix:']) {
      assert.equal(matches(peer), false, String(peer));
    }
  });

  test('createPeerMatcher() takes `unix` for peers without an address, and only then', () => {
    const matches = createPeerMatcher(['unix']);
    assert.equal(matches(undefined), true);
    assert.equal(matches(''), true);
    assert.equal(matches('127.0.0.1'), false);
    assert.equal(matches('junk'), false);
  });

  test('T05 createPeerMatcher() without ranges matches nobody', () => {
    const matches = createPeerMatcher([]);
    assert.equal(matches('127.0.0.1') || matches(undefined), false);
  });
});
