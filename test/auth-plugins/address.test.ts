import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { plugin } from '../../auth-plugins/address/index.ts';
import { testAuthorizer } from '../contracts/authorizer.ts';
import { accessRequest, evidence } from '../support/evidence.ts';
import { testServices } from '../support/services.ts';

testAuthorizer({
  plugin,
  options: () => ({ allow: ['192.0.2.0/24', '2001:db8::/32'], deny: ['192.0.2.7'] }),
  services: () => testServices('/'),
  wrongOptions: [{ allow: [] }, { allow: '10.0.0.0/8' }, { allow: [10] }, { deny: ['10.0.0.0/8'] }],
});

describe('address', () => {
  const decide = async (options: unknown, address: string | undefined) => {
    const authorizer = await plugin.create(plugin.parseOptions(options), testServices('/'));
    const request = accessRequest({ evidence: evidence({ address }) });
    return authorizer.authorize(request, new AbortController().signal);
  };
  const outcome = async (options: unknown, address: string | undefined) =>
    (await decide(options, address)).outcome;

  it('lets in the addresses of its ranges, to the first and the last of each', async () => {
    const options = { allow: ['10.20.0.0/16', '192.0.2.1', '2001:db8::/32', '::1'] };
    for (const [address, expected] of [
      ['10.20.0.0', 'allow'],
      ['10.20.255.255', 'allow'],
      ['10.19.255.255', 'deny'],
      ['10.21.0.0', 'deny'],
      ['192.0.2.1', 'allow'],
      ['192.0.2.2', 'deny'],
      ['2001:db8::', 'allow'],
      ['2001:db8:ffff:ffff:ffff:ffff:ffff:ffff', 'allow'],
      ['2001:db9::', 'deny'],
      ['2001:db7:ffff::', 'deny'],
      ['::1', 'allow'],
      ['::', 'deny'],
    ] as const) {
      assert.equal(await outcome(options, address), expected, address);
    }
  });

  it('takes an IPv4 address in IPv6 for the IPv4 address that it is', async () => {
    assert.equal(await outcome({ allow: ['10.0.0.0/8'] }, '::ffff:10.1.2.3'), 'allow');
    assert.equal(await outcome({ allow: ['10.0.0.0/8'] }, '::ffff:a01:203'), 'allow');
    assert.equal(await outcome({ allow: ['::/0'] }, '::ffff:10.1.2.3'), 'deny');
    assert.equal(await outcome({ allow: ['::/0'] }, '10.1.2.3'), 'deny');
    assert.equal(await outcome({ allow: ['0.0.0.0/0'] }, '2001:db8::1'), 'deny');
    const denied = { allow: ['0.0.0.0/0'], deny: ['10.1.2.3'] };
    assert.equal(await outcome(denied, '::ffff:10.1.2.3'), 'deny');
  });

  it('puts deny before allow', async () => {
    const options = { allow: ['10.0.0.0/8'], deny: ['10.9.0.0/16'] };
    assert.equal(await outcome(options, '10.8.0.1'), 'allow');
    assert.deepEqual(await decide(options, '10.9.0.1'), {
      outcome: 'deny',
      reason: 'the address 10.9.0.1 is in a denied range',
    });
  });

  it('T04 says nothing of a client whose address is not known, so that no `not` lets it in', async () => {
    assert.deepEqual(await decide({ allow: ['0.0.0.0/0'] }, undefined), { outcome: 'abstain' });
  });

  it('denies a client whose address is none', async () => {
    const options = { allow: ['0.0.0.0/0', '::/0'] };
    for (const address of [
      '',
      'unix:',
      '10.1',
      '0x0a.0.0.1',
      '012.0.0.1',
      '1.2.3.4.5',
      'fe80::1%lo',
      '167772161',
      '[::1]',
      '::1/128',
      ' 10.0.0.1',
    ]) {
      assert.equal(await outcome(options, address), 'deny', address);
    }
  });

  it('refuses ranges that could be meant in two ways, and says what would be right', () => {
    for (const [range, reason] of [
      ['10.20.0.5/16', /allow\[0\] has bits after its prefix; write 10\.20\.0\.0\/16/],
      ['2001:db8::1/32', /write 2001:db8::\/32/],
      ['10.0.0.0/33', /has no prefix length from 0 to 32/],
      ['2001:db8::/129', /has no prefix length from 0 to 128/],
      ['10.0.0.0/', /has no prefix length/],
      ['10.0.0.0/-1', /has no prefix length/],
      ['10.0.0.0/8/8', /is not a range/],
      ['10.0/16', /is not a range, as 10\.20\.0\.0\/16/],
      ['010.0.0.0/8', /is not a range/],
      ['::ffff:10.0.0.0/104', /write 10\.0\.0\.0/],
      ['host.example', /is not a range/],
      ['', /is not a range/],
    ] as const) {
      assert.throws(() => plugin.parseOptions({ allow: [range] }), { message: reason }, range);
    }
    assert.throws(() => plugin.parseOptions({ allow: ['::1'], deny: [] }), {
      message: /deny is empty/,
    });
    assert.throws(() => plugin.parseOptions({ allow: ['::1'], alow: [] }), {
      message: /no setting "alow"; there are allow and deny/,
    });
    assert.throws(() => plugin.parseOptions({}), { message: /allow has to be a list of ranges/ });
  });
});
