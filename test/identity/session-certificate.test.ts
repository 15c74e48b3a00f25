import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { CertificateHolder } from '../../src/identity/certificate-holder.ts';
import { openSessionAuthority } from '../../src/identity/session-authority.ts';
import { openSessionVerifier } from '../../src/identity/session-verifier.ts';
import { type CertificateOptions, createPki, daysFrom, type Pki } from '../support/pki.ts';
import { runOk } from '../support/processes.ts';
import { secretFile, silent } from './session-fixture.ts';

const joe: CertificateHolder = { kind: 'user', login: 'joe', id: '5f0000000000000000abcdef' };
const web: CertificateHolder = { kind: 'consumer', id: 'web-01', record: `${'0'.repeat(23)}1` };
const week = 7 * 86_400;

async function opened(pki: Pki, options: CertificateOptions = {}, now = () => new Date()) {
  const ca = await pki.authority({ subject: '/CN=pulp.example/O=PULP', ...options });
  const files = { certificateFile: ca.certificatePath, keyFile: secretFile(ca.keyPath) };
  return {
    ca,
    authority: await openSessionAuthority(files, { now, log: silent }),
    verifier: await openSessionVerifier(files.certificateFile, { now, log: silent }),
  };
}

const presented = (pem: string) => ({
  der: new Uint8Array(new X509Certificate(pem).raw),
  intermediates: [],
});

describe('SessionAuthority', () => {
  for (const key of ['rsa-2048', 'ec-p256', 'ec-p384'] as const) {
    it(`issue() signs with ${key} what openssl and we accept, for clients alone`, async () => {
      using pki = createPki();
      const { ca, authority, verifier } = await opened(pki, { key });
      for (const holder of [joe, web, { ...joe, login: 'x'.repeat(255) }]) {
        const session = await authority.issue(holder, week);
        const file = pki.write('session.pem', session.certificate);
        const verify = (purpose: string) =>
          runOk('openssl', [
            ...['verify', '-x509_strict', '-purpose', purpose],
            ...['-CAfile', ca.certificatePath, file],
          ]);
        await verify('sslclient');
        await assert.rejects(verify('sslserver'));
        const verdict = await verifier.verify(presented(session.certificate));
        assert.ok(verdict.valid, JSON.stringify(verdict));
        assert.deepEqual(verdict.holder, holder);
        assert.equal(verdict.certificate.serial, session.serial);
        assert.equal(verdict.certificate.fingerprint, session.fingerprint);
        assert.deepEqual(verdict.certificate.notAfter, session.notAfter);
        const parsed = new X509Certificate(session.certificate);
        assert.ok(parsed.checkPrivateKey(createPrivateKey(session.key)));
      }
    });
  }

  it('issue() writes the subjects of Pulp 2', async () => {
    using pki = createPki();
    const { authority } = await opened(pki);
    const subjectOf = async (holder: CertificateHolder) =>
      new X509Certificate((await authority.issue(holder, week)).certificate).subject;
    assert.equal(await subjectOf(joe), 'CN=admin:joe:5f0000000000000000abcdef');
    assert.equal(await subjectOf(web), 'CN=web-01\nUID=000000000000000000000001');
  });

  it('issue() gives each its own key and a random serial number, and signs each rightly', async () => {
    using pki = createPki();
    const { authority, verifier } = await opened(pki);
    const made = await Promise.all(Array.from({ length: 200 }, () => authority.issue(joe, week)));
    assert.equal(new Set(made.map(({ key }) => key)).size, 200);
    assert.equal(new Set(made.map(({ serial }) => serial)).size, 200);
    for (const { certificate, serial } of made) {
      assert.match(serial, /^[1-9a-f][0-9a-f]{20,31}$/);
      // Signatures and serial numbers with leading zeros are among so many.
      assert.ok((await verifier.verify(presented(certificate))).valid);
    }
  });

  it('issue() ends after the lifetime, and never after the CA', async () => {
    using pki = createPki();
    const start = new Date('2026-11-21T12:00:00.900Z');
    let now = start;
    const { authority, verifier } = await opened(
      pki,
      { notBefore: new Date('2026-11-21T11:58:00Z'), notAfter: new Date('2026-12-21T12:00:00Z') },
      () => now,
    );
    const first = await authority.issue(joe, week);
    assert.equal(first.notBefore.toISOString(), '2026-11-21T11:58:00.000Z');
    assert.equal(first.notAfter.toISOString(), '2026-11-28T12:00:00.000Z');
    const long = await authority.issue(web, 3650 * 86_400);
    assert.equal(long.notAfter.toISOString(), '2026-12-21T12:00:00.000Z');
    for (const [days, valid] of [
      [6.99, true],
      [7.01, false],
    ] as const) {
      now = daysFrom(start, days);
      assert.equal((await verifier.verify(presented(first.certificate))).valid, valid, `${days}`);
    }
    now = daysFrom(start, 31);
    await assert.rejects(authority.issue(joe, week), {
      code: 'SESSION_AUTHORITY_UNUSABLE',
      message: /is not valid, it expired on 2026-12-21/,
    });
  });

  it('issue() writes dates after 2049 as RFC 5280 asks', async () => {
    using pki = createPki();
    const now = new Date('2049-12-31T00:00:00Z');
    const { authority, verifier } = await opened(
      pki,
      { notBefore: daysFrom(now, -1), notAfter: daysFrom(now, 900) },
      () => now,
    );
    const session = await authority.issue(joe, week);
    assert.equal(session.notAfter.toISOString(), '2050-01-07T00:00:00.000Z');
    const verdict = await verifier.verify(presented(session.certificate));
    assert.ok(verdict.valid);
    assert.deepEqual(verdict.certificate.notAfter, session.notAfter);
  });

  it('issue() refuses holders that no certificate can name, and lifetimes that are none', async () => {
    using pki = createPki();
    const { authority } = await opened(pki);
    await assert.rejects(authority.issue({ ...joe, login: 'a:b' }, week), TypeError);
    for (const seconds of [0, -1, Number.NaN]) {
      await assert.rejects(authority.issue(joe, seconds), TypeError);
    }
  });
});

describe('SessionVerifier', () => {
  it('accepts the certificates that Pulp 2 signed', async () => {
    using pki = createPki();
    const { ca, verifier } = await opened(pki, { key: 'rsa-2048' });
    const file = (name: string) => pki.file(name);
    // As Pulp did: a request signed without any extension.
    await runOk('openssl', [
      ...['req', '-new', '-newkey', 'rsa:2048', '-nodes', '-keyout', file('k.pem')],
      ...['-subj', '/CN=admin:joe:5f0000000000000000abcdef', '-out', file('r.pem')],
    ]);
    await runOk('openssl', [
      ...['x509', '-req', '-sha256', '-in', file('r.pem'), '-out', file('c.pem')],
      ...['-CA', ca.certificatePath, '-CAkey', ca.keyPath],
      ...['-set_serial', '0xfedcba98765432100123456789abcdef', '-days', '7'],
    ]);
    const verdict = await verifier.verify(presented(readFileSync(file('c.pem'), 'utf8')));
    assert.ok(verdict.valid, JSON.stringify(verdict));
    assert.deepEqual(verdict.holder, joe);
    assert.equal(verdict.certificate.serial, 'fedcba98765432100123456789abcdef');
  });

  it('refuses certificates of other CAs, of other purposes, and without a holder', async () => {
    using pki = createPki();
    const { ca, verifier } = await opened(pki);
    const subject = '/CN=admin:joe:5f0000000000000000abcdef';
    const other = await pki.authority({ subject: '/CN=pulp.example/O=PULP' });
    const foreign = await pki.client(other, { subject });
    const server = await pki.server(ca, { subject });
    const nobody = await pki.client(ca, { subject: '/O=Acme/CN=one' });
    const expired = await pki.client(ca, { subject, notAfter: daysFrom(new Date(), -0.5) });
    for (const [{ certificate }, reason] of [
      [foreign, /./],
      [server, /extendedKeyUsage does not name clientAuth/],
      [nobody, /it names neither a user nor a consumer/],
      [expired, /it expired on/],
    ] as const) {
      const verdict = await verifier.verify(presented(certificate));
      assert.ok(!verdict.valid);
      assert.match(verdict.reason, reason);
    }
  });
});
