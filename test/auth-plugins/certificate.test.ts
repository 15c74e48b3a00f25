import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { plugin } from '../../auth-plugins/certificate/index.ts';
import { fingerprintOf } from '../../src/identity/certificate.ts';
import type { Voucher } from '../../src/model.ts';
import { testAuthorizer } from '../contracts/authorizer.ts';
import { accessRequest, evidence } from '../support/evidence.ts';
import { type Credential, createPki } from '../support/pki.ts';
import { testServices } from '../support/services.ts';

const pki = createPki();
let root: Credential;
let client: Credential;
before(async () => {
  root = await pki.authority({ subject: '/O=Acme/CN=root' });
  client = await pki.client(root, { subject: '/O=Acme/OU=a/OU=b/CN=one', serial: '0A01FF' });
  pki.write('ca.pem', root.certificate);
});
after(() => pki[Symbol.dispose]());

testAuthorizer({
  plugin,
  options: () => ({ ca: 'ca.pem' }),
  services: () => testServices(pki.directory),
  wrongOptions: [
    { ca: '' },
    { ca: ['ca.pem'] },
    { ca: 'ca.pem', subject: {} },
    { ca: 'ca.pem', subject: 'CN=one' },
    { ca: 'ca.pem', subject: { CN: [] } },
    { ca: 'ca.pem', subject: { CN: '' } },
    { ca: 'ca.pem', subject: { CN: 5 } },
    { ca: 'ca.pem', subject: { cn: 'one' } },
    { ca: 'ca.pem', issuer: JSON.parse('{ "__proto__": "x" }') },
    { ca: 'ca.pem', crl: [] },
    { ca: 'ca.pem', ocsp: {} },
    { ca: 'ca.pem', ocsp: false },
    { ca: 'ca.pem', crl: { lists: 'a.crl', stale: 60 } },
    { ca: 'ca.pem', deny: [] },
    { ca: 'ca.pem', deny: { serial: ['1'] } },
    { ca: 'ca.pem', deny: { serials: '1' } },
    { ca: 'ca.pem', deny: { serials: [1] } },
    { ca: 'ca.pem', deny: { fingerprints: ['00'] } },
  ],
});

describe('certificate', () => {
  const decide = async (
    options: object,
    credential: Credential,
    {
      sent = [],
      vouchedBy = 'front',
      now = new Date(),
    }: {
      readonly sent?: readonly Credential[];
      readonly vouchedBy?: Voucher;
      readonly now?: Date;
    } = {},
  ) => {
    const services = testServices(pki.directory, () => now);
    const authorizer = await plugin.create(
      plugin.parseOptions({ ca: 'ca.pem', ...options }),
      services,
    );
    const certificate = {
      der: credential.der,
      fingerprint: fingerprintOf(credential.der),
      intermediates: sent.map(({ der }) => der),
      vouchedBy,
    };
    const request = accessRequest({ evidence: evidence({ certificate }) });
    return authorizer.authorize(request, new AbortController().signal);
  };
  const allows = async (options: object, credential = client) =>
    assert.equal((await decide(options, credential)).outcome, 'allow');
  const denies = async (options: object, reason: RegExp, credential = client) => {
    const decision = await decide(options, credential);
    assert.ok(decision.outcome === 'deny', decision.outcome);
    assert.match(decision.reason, reason);
    assert.deepEqual(Object.keys(decision), ['outcome', 'reason']);
  };

  it('T07 lets in a certificate of its CA, by its fingerprint and not by a name', async () => {
    assert.deepEqual(await decide({}, client), {
      outcome: 'allow',
      principal: {
        kind: 'certificate',
        name: fingerprintOf(client.der),
        label: 'O=Acme,OU=a,OU=b,CN=one',
      },
      remember: { seconds: 60, scope: 'distribution' },
    });
  });

  it('finds the chain by what the client sent', async () => {
    const middle = await pki.authority({ subject: '/CN=middle' }, root);
    const leaf = await pki.client(middle);
    assert.equal((await decide({}, leaf, { sent: [middle] })).outcome, 'allow');
    assert.equal((await decide({}, leaf)).outcome, 'deny');
  });

  it('remembers nothing past the end of the chain', async () => {
    const now = new Date(Math.floor(Date.now() / 1000) * 1000);
    const end = new Date(now.getTime() + 30_000);
    const short = await pki.client(root, { notAfter: end });
    const at = async (seconds: number) => {
      const decision = await decide({}, short, { now: new Date(end.getTime() - seconds * 1000) });
      assert.ok(decision.outcome === 'allow');
      return decision.remember?.seconds;
    };
    assert.equal(await at(30), 30);
    assert.equal(await at(0.5), 0.5);
    assert.equal(await at(0), undefined);
    assert.equal(await at(60), 60);
    assert.equal(await at(61), 60);
  });

  it('T01 believes no certificate that only the client speaks of', async () => {
    for (const [vouchedBy, outcome] of [
      ['client', 'deny'],
      ['front', 'allow'],
      ['connection', 'allow'],
    ] as const) {
      assert.equal((await decide({}, client, { vouchedBy })).outcome, outcome);
    }
  });

  it('denies with sentences that an operator understands', async () => {
    const authorizer = await plugin.create(
      plugin.parseOptions({ ca: 'ca.pem' }),
      testServices(pki.directory),
    );
    const signal = new AbortController().signal;
    assert.deepEqual(await authorizer.authorize(accessRequest(), signal), {
      outcome: 'deny',
      reason: 'no client certificate was presented',
    });
    const reason = 'the client certificate cannot be used: it holds a NUL character';
    const unusable = accessRequest({ evidence: evidence({ certificate: { unusable: reason } }) });
    assert.deepEqual(await authorizer.authorize(unusable, signal), {
      outcome: 'deny',
      reason,
    });
    const file = pki.file('ca.pem');
    const expired = await pki.client(root, {
      notBefore: new Date('2025-01-01T00:00:00Z'),
      notAfter: new Date('2026-01-01T00:00:00Z'),
    });
    await denies(
      {},
      new RegExp(
        `the certificate of O=Acme,CN=client is not accepted under ${file}: it expired on 2026-01-01T00:00:00Z$`,
      ),
      expired,
    );
    await denies(
      {},
      /its issuer CN=other is not among the accepted CAs/,
      await pki.client(await pki.authority({ subject: '/CN=other' })),
    );
  });

  it('holds names to every condition, exactly', async () => {
    await allows({ subject: { CN: 'one' } });
    await allows({ subject: { CN: ['two', 'one'], O: 'Acme' }, issuer: { CN: 'root' } });
    await allows({ subject: { '2.5.4.3': 'one' } });
    await denies({ subject: { CN: 'On' } }, /has the CN "one", which the rule does not accept/);
    await denies({ subject: { CN: 'ONE' } }, /has the CN "one"/);
    await denies({ subject: { CN: 'one', O: 'Other' } }, /has the O "Acme"/);
    await denies({ subject: { UID: 'one' } }, /the subject of the certificate has no UID/);
    await denies({ issuer: { CN: 'one' } }, /the issuer of the certificate has the CN "root"/);
  });

  it('T19d accepts no name that rides along with an accepted one', async () => {
    await allows({ subject: { OU: ['a', 'b'] } });
    await denies({ subject: { OU: 'a' } }, /has the OU "b"/);
    for (const subject of ['/CN=admin/CN=one', '/CN=one/CN=admin', '/CN=one+CN=admin']) {
      const leaf = await pki.client(root, { subject });
      await denies({ subject: { CN: 'one' } }, /has the CN "admin"/, leaf);
    }
    const trick = await pki.client(root, { subject: '/O=x,CN=one/CN=y' });
    await denies({ subject: { CN: 'one' } }, /has the CN "y"/, trick);
  });

  it('T19e denies serial numbers in every spelling of the list', async () => {
    for (const serial of [
      '0A01FF',
      '0a:01:ff',
      'a01ff',
      '000a01ff',
      '0x0a01ff',
      'decimal:655871',
    ]) {
      await denies(
        { deny: { serials: [serial] } },
        /the serial number a01ff of .*CN=.+ is on the deny-list/,
      );
    }
    await allows({ deny: { serials: ['655871', 'a01f', 'a01ff0'] } });
  });

  it('denies fingerprints, and the twins that an ECDSA signature has', async () => {
    const fingerprint = fingerprintOf(client.der);
    const colons = fingerprint.toUpperCase().match(/../g)?.join(':');
    await denies({ deny: { fingerprints: [fingerprint] } }, /is on the deny-list/);
    await denies({ deny: { fingerprints: [colons] } }, /is on the deny-list/);
    const verifier = await testServices(pki.directory).openCertificateAuthority(pki.file('ca.pem'));
    const verdict = await verifier.verify({ der: client.der, intermediates: [] });
    assert.ok(verdict.valid);
    assert.equal(verdict.certificate.twinFingerprints.length, 1);
    await denies(
      { deny: { fingerprints: verdict.certificate.twinFingerprints } },
      /on the deny-list/,
    );
    await allows({ deny: { fingerprints: ['0'.repeat(64)] } });
  });

  it('stops the start for a CA file that cannot be used', async () => {
    const make = (ca: string) =>
      Promise.try(() => plugin.create(plugin.parseOptions({ ca }), testServices(pki.directory)));
    await assert.rejects(make('absent.pem'), { code: 'FILE_UNREADABLE', message: /absent\.pem/ });
    const file = pki.write('client.pem', client.certificate);
    await assert.rejects(make(file), { code: 'FILE_UNREADABLE', message: /it is not a CA/ });
  });

  it('names the setting that is wrong, and what would be right', () => {
    for (const [options, message] of [
      [{}, /^it has to say by which CAs it goes: set either ca, the path of a file, or caPem/],
      [{ ca: 'x', caPem: 'y' }, /^it has to say by which CAs it goes: set either/],
      [{ caPem: 'y' }, /^caPem should hold CA certificates in PEM/],
      [
        { ca: 'x', deny: { serials: [10] } },
        /^deny\.serials\[0\] has to be a serial number in quotes/,
      ],
      [{ ca: 'x', deny: { serials: ['xyz'] } }, /^deny\.serials\[0\] has to be a serial number/],
      [{ ca: 'x', deny: { fingerprints: ['ab'] } }, /^deny\.fingerprints\[0\] has to be a SHA-256/],
      [{ ca: 'x', deny: { names: [] } }, /^deny has no setting "names"; there are serials and/],
      [{ ca: 'x', subject: { cn: 'x' } }, /^subject has no attribute "cn"; there are CN, /],
      [
        { ca: 'x', crt: 'y' },
        /^it has no setting "crt"; there are ca, caPem, subject, issuer, crl, ocsp and deny$/,
      ],
      [{ ca: 'x', subject: { CN: 5 } }, /^subject\.CN has to be the accepted value, or a list/],
    ] as const) {
      assert.throws(() => plugin.parseOptions(options), { message });
    }
  });
});
