import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isForbiddenLiteral, publicAddresses } from '../../src/outbound/addresses.ts';

/** As a URL parser writes the host. */
const hostOf = (url: string): string => new URL(url).hostname.replace(/^\[(.*)\]$/, '$1');

describe('publicAddresses', () => {
  const isPublic = publicAddresses([]);

  it('T88 lets through no address of this host, its networks or its cloud, in any spelling', () => {
    for (const url of [
      ...['http://127.0.0.1', 'http://127.9.9.9', 'http://0', 'http://2130706433', 'http://0x7f.1'],
      ...['http://0177.0.0.1', 'http://10.1.2.3', 'http://172.16.0.1', 'http://192.168.0.1'],
      ...['http://169.254.169.254', 'http://100.64.0.1', 'http://192.0.0.170', 'http://198.18.0.1'],
      ...['http://224.0.0.1', 'http://255.255.255.255', 'http://240.0.0.1', 'http://192.0.2.1'],
      ...[
        'http://[::1]',
        'http://[::]',
        'http://[fe80::1]',
        'http://[fc00::1]',
        'http://[fd00::1]',
      ],
      ...['http://[::ffff:127.0.0.1]', 'http://[::ffff:10.0.0.1]', 'http://[64:ff9b::7f00:1]'],
      ...['http://[2002:7f00:1::]', 'http://[2001:db8::1]', 'http://[ff02::1]', 'http://[2001::1]'],
    ]) {
      assert.equal(isPublic(hostOf(url)), false, url);
      assert.equal(isForbiddenLiteral(hostOf(url), isPublic), true, url);
    }
  });

  it('lets through what is public, and leaves names to the look-up', () => {
    for (const address of ['8.8.8.8', '93.184.216.34', '2606:4700::1111', '::ffff:8.8.8.8']) {
      assert.equal(isPublic(address), true, address);
    }
    assert.equal(isForbiddenLiteral('ocsp.example.com', isPublic), false);
    for (const text of ['', 'localhost', '1.2.3']) assert.equal(isPublic(text), false, text);
  });

  it('lets through the ranges that are listed, and no more', () => {
    const isAllowed = publicAddresses(['10.20.0.0/16', 'fd00::/8', '127.0.0.1/32']);
    for (const address of [
      '10.20.0.1',
      '::ffff:10.20.255.255',
      'fd12::1',
      '127.0.0.1',
      '8.8.8.8',
    ]) {
      assert.equal(isAllowed(address), true, address);
    }
    for (const address of ['10.21.0.1', '127.0.0.2', '::1', 'fc00::1', '169.254.169.254']) {
      assert.equal(isAllowed(address), false, address);
    }
  });
});
