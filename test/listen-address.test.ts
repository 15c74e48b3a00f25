import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeAddress, type ListenAddress } from '../src/listen-address.ts';

test('describeAddress() writes addresses as the configuration does', () => {
  assert.equal(describeAddress({ type: 'unix', path: '/run/x.sock' }), 'unix:/run/x.sock');
  const tcp: ListenAddress = { type: 'tcp', host: '127.0.0.1', port: 0 };
  assert.equal(describeAddress(tcp), '127.0.0.1:0');
  const bound = { address: '127.0.0.1', family: 'IPv4', port: 4321 };
  assert.equal(describeAddress(tcp, bound), '127.0.0.1:4321');
  assert.equal(describeAddress({ type: 'tcp', host: '::1', port: 9 }), '[::1]:9');
});
