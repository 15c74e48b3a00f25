/** What the service is told, and what it is not. */

import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { questionBytesMax } from '../../../auth-plugins/webhook/question.ts';
import { fingerprintOf } from '../../../src/identity/certificate.ts';
import type { CanonicalPath, Evidence } from '../../../src/plugin.ts';
import { makeList } from '../../revocation/list-maker.ts';
import { replaceFile } from '../../revocation/rule-fixture.ts';
import { evidence } from '../../support/evidence.ts';
import { type Credential, createPki } from '../../support/pki.ts';
import { openWebhook, type Service, startService } from './service.ts';

const pki = createPki();
let service: Service;
let root: Credential;
let client: Credential;

before(async () => {
  service = await startService();
  root = await pki.authority({ subject: '/CN=root' });
  pki.write('ca.pem', root.certificate);
  client = await pki.client(root, { subject: '/O=Acme/CN=one', serial: '0A01' });
});
after(async () => {
  await service[Symbol.asyncDispose]();
  pki[Symbol.dispose]();
});

function shown({ der }: Credential, vouchedBy: 'client' | 'front' = 'front') {
  return { der, fingerprint: fingerprintOf(der), intermediates: [], vouchedBy };
}

const credentials = {
  basic: { user: 'ann', password: 'pass-word' },
  bearer: 'bea.rer.token',
  query: 'portcullis-signature=s1gnature',
};

async function toldOf(parts: Partial<Evidence>, options: object = {}) {
  await using webhook = await openWebhook(service, options, pki.directory);
  await webhook.decide({ evidence: evidence(parts), requestId: 'request-1' });
  return service.told();
}

describe('webhook: what the service is told', () => {
  it('tells of the request, and nothing that is not there', async () => {
    assert.deepEqual(await toldOf({ remoteUser: 'bob' }), {
      version: 1,
      requestId: 'request-1',
      method: 'GET',
      path: '/pulp/repos/acme/el9/repodata/repomd.xml',
      distribution: 'acme/el9',
      pathInDistribution: '/repodata/repomd.xml',
      address: '192.0.2.1',
      secure: true,
      certificate: null,
      remoteUser: 'bob',
      user: null,
    });
    const { request } = service.requests.at(-1) ?? {};
    assert.equal(request?.method, 'POST');
    assert.equal(request?.headers['content-type'], 'application/json');
    assert.equal(request?.headers.authorization, undefined);
  });

  it('T62 tells no password, token or query, unless it is told to', async () => {
    const told = await toldOf(credentials);
    assert.equal(told.user, 'ann');
    const text = JSON.stringify(told);
    for (const secret of ['pass-word', 'bea.rer.token', 's1gnature']) {
      assert.equal(text.includes(secret), false, secret);
    }
    const { password, bearer, query } = await toldOf(credentials, {
      send: ['password', 'bearer', 'query'],
    });
    assert.deepEqual(
      { password, bearer, query },
      {
        password: credentials.basic.password,
        bearer: credentials.bearer,
        query: credentials.query,
      },
    );
    const one = await toldOf(credentials, { send: ['bearer'] });
    assert.equal(one.bearer, credentials.bearer);
    assert.equal('password' in one || 'query' in one, false);
  });

  it('T61 tells no secret that came over plain HTTP, and says that it did', async () => {
    const told = await toldOf(
      { ...credentials, secure: false },
      { send: ['password', 'bearer', 'query'] },
    );
    assert.deepEqual(
      [told.secure, told.password, told.bearer, told.query],
      [false, null, null, null],
    );
  });

  it('T17 tells names of a certificate only when it was verified, and of no other at all', async () => {
    const fingerprint = fingerprintOf(client.der);
    const certificate = shown(client);
    const unverified = { fingerprint, verified: false };
    assert.deepEqual((await toldOf({ certificate })).certificate, unverified);
    const certificates = { ca: 'ca.pem' };
    const verified = (await toldOf({ certificate }, { certificates })).certificate;
    const { notBefore, notAfter, ...others } = verified as Record<string, string>;
    assert.deepEqual(others, {
      fingerprint,
      verified: true,
      serial: 'a01',
      subject: [
        { oid: '2.5.4.10', value: 'Acme' },
        { oid: '2.5.4.3', value: 'one' },
      ],
      issuer: [{ oid: '2.5.4.3', value: 'root' }],
    });
    assert.ok(new Date(String(notBefore)) < new Date() && new Date() < new Date(String(notAfter)));
    const stranger = await pki.client(await pki.authority({ subject: '/CN=root' }));
    const told = await toldOf({ certificate: shown(stranger) }, { certificates });
    assert.deepEqual(told.certificate, {
      fingerprint: fingerprintOf(stranger.der),
      verified: false,
    });
    for (const useless of [shown(client, 'client'), { unusable: 'it is odd' }]) {
      assert.equal((await toldOf({ certificate: useless }, { certificates })).certificate, null);
    }
  });

  it('T11 goes by revocation lists: revoked is not verified, and what cannot be told is a fault', async () => {
    const certificate = shown(client);
    const certificates = { ca: 'ca.pem', crl: 'list.crl' };
    await using before = await openWebhook(service, { certificates }, pki.directory);
    await assert.rejects(
      before.decide({ evidence: evidence({ certificate }) }),
      /there is no revocation list of CN=root/,
    );
    replaceFile(pki.file('list.crl'), await makeList(root, { revoked: [{ serial: '0A01' }] }));
    const told = await toldOf({ certificate }, { certificates });
    assert.deepEqual(told.certificate, {
      fingerprint: fingerprintOf(client.der),
      verified: false,
    });
  });

  it('T60 asks nobody about what JSON cannot hold, or what is too long, and no `not` makes a yes of it', async () => {
    await using webhook = await openWebhook(service, { send: ['query'] });
    const asked = service.requests.length;
    await assert.rejects(webhook.decide({ path: '/pulp/repos/acme/\udc80' as CanonicalPath }), {
      message:
        'the service is not asked about the request: its path is not text that JSON can hold',
    });
    const text = JSON.stringify(await toldOf({ query: '' }, { send: ['query'] }));
    const room = questionBytesMax - Buffer.byteLength(text);
    const withQuery = (length: number) =>
      webhook.decide({
        evidence: evidence({ query: 'x'.repeat(length) }),
        requestId: 'request-1',
      });
    assert.equal((await withQuery(room)).outcome, 'allow');
    const before = service.requests.length;
    await assert.rejects(withQuery(room + 1), {
      message: `the service is not asked about the request: what there is to say of it is over ${questionBytesMax} bytes`,
    });
    assert.equal(service.requests.length, before);
    assert.ok(asked < before);
  });

  it('proves itself to the service by a certificate, and the service to it', async () => {
    const { certificatePath: certificate, keyPath: key } = client;
    chmodSync(key, 0o600);
    await using webhook = await openWebhook(
      service,
      { tls: { ca: 'ca.pem', certificate, key } },
      pki.directory,
    );
    assert.equal((await webhook.decide()).outcome, 'allow');
    await assert.rejects(openWebhook(service, { tls: { ca: 'absent.pem' } }, pki.directory), {
      code: 'FILE_UNREADABLE',
    });
  });
});
