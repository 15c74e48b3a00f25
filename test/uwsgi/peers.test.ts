import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { suite, test } from 'node:test';
import { allowLocalPeers, allowPeersIn, peerOf } from '../../src/uwsgi/peers.ts';
import { getVariables, uwsgiRequest } from '../support/uwsgi-client.ts';
import { startServer } from './support.ts';

suite('allowPeersIn()', () => {
  const allowed = allowPeersIn(['10.1.0.0/16', '192.0.2.7', '2001:db8::/32']);
  const cases: readonly (readonly [string, boolean])[] = [
    ['10.1.0.0', true],
    ['10.1.255.255', true],
    ['10.0.255.255', false],
    ['10.2.0.0', false],
    ['192.0.2.7', true],
    ['192.0.2.8', false],
    ['2001:db8:ffff::1', true],
    ['2001:db9::', false],
    ['127.0.0.1', false],
    ['unix', true],
    ['', false],
    ['fe80::1%eth0', false],
  ];
  for (const [peer, expected] of cases) {
    test(`T72 allowPeersIn() ${expected ? 'allows' : 'refuses'} "${peer}"`, () => {
      assert.equal(allowed(peer), expected);
    });
  }

  for (const range of [
    '',
    'localhost',
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0.0/-1',
    '10.0.0/8',
  ]) {
    test(`allowPeersIn() throws for the range "${range}"`, () => {
      assert.throws(() => allowPeersIn([range]), {
        name: 'TypeError',
        message: /^Cannot read the peer range/,
      });
    });
  }

  test('T05 allowPeersIn() of nothing lets no TCP peer in', async () => {
    const options = { host: '127.0.0.1', allowPeer: allowPeersIn([]) };
    await using running = await startServer(() => assert.fail('called'), options);
    const answer = await uwsgiRequest(running.address, getVariables('/'));
    assert.equal(answer.bytes.length, 0);
    assert.equal(running.refused[0]?.reason, 'peer-not-allowed');
  });

  test('allowLocalPeers() allows loopback addresses and unix sockets alone', () => {
    for (const peer of ['127.0.0.1', '127.9.9.9', '::1', 'unix']) assert.ok(allowLocalPeers(peer));
    for (const peer of ['10.0.0.1', '128.0.0.1', '::2', '::']) assert.ok(!allowLocalPeers(peer));
  });
});

suite('peerOf()', () => {
  test('peerOf() never takes a TCP peer that is gone for one on a unix socket', () => {
    assert.equal(peerOf(new Socket(), false), undefined);
    assert.equal(peerOf(new Socket(), true), 'unix');
  });

  test('peerOf() gives IPv4 in its plain form on an IPv6 socket', async () => {
    const asked: string[] = [];
    const allowPeer = (peer: string): boolean => {
      asked.push(peer);
      return true;
    };
    await using running = await startServer((_, response) => response.end(), {
      host: '::',
      allowPeer,
    });
    const { port } = running.address as { port: number };
    await uwsgiRequest({ host: '127.0.0.1', port }, getVariables('/'));
    await uwsgiRequest({ host: '::1', port }, getVariables('/'));
    assert.deepEqual(asked, ['127.0.0.1', '::1']);
  });
});

suite('allowPeer', () => {
  test('T05 createUwsgiServer() lets nobody in when the check itself fails', async () => {
    const allowPeer = (): boolean => {
      throw new Error('defect');
    };
    await using running = await startServer(() => assert.fail('called'), { allowPeer });
    const answer = await uwsgiRequest(running.address, getVariables('/'));
    assert.equal(answer.bytes.length, 0);
    assert.match(String(running.errors), /^Error: defect$/);
  });
});
