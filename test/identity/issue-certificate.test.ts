import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import { type IssueRequest, issueCertificate } from '../../src/identity/issue-certificate.ts';
import { createPki, daysFrom } from '../support/pki.ts';
import { runOk } from '../support/processes.ts';
import { accepted, parsed } from './chain-fixture.ts';

const dates = { notBefore: daysFrom(new Date(), -1), notAfter: daysFrom(new Date(), 36_500) };
const named = (name: string): Omit<IssueRequest, 'kind'> => ({
  ...dates,
  subject: [
    { oid: '2.5.4.10', value: 'Acmé' },
    { oid: '2.5.4.3', value: name },
  ],
});
const derOf = (pem: string) => ({ der: new Uint8Array(new X509Certificate(pem).raw) });

describe('issueCertificate', () => {
  it('makes chains that openssl and we accept, each for its purpose', async () => {
    using pki = createPki();
    const root = issueCertificate({ kind: 'authority', ...named('root') });
    const middle = issueCertificate({ kind: 'authority', ...named('middle'), issuer: root });
    const client = issueCertificate({ kind: 'client', ...named('one'), issuer: middle });
    const hosts = ['localhost', '127.0.0.1', '::1', '2001:db8::ff:5'];
    const server = issueCertificate({ kind: 'server', ...named('s'), issuer: root, hosts });
    const rootFile = pki.write('root.pem', root.certificate);
    const middleFile = pki.write('middle.pem', middle.certificate);
    const verify = (purpose: string, name: string, certificate: string) =>
      runOk('openssl', [
        ...['verify', '-x509_strict', '-purpose', purpose],
        ...['-CAfile', rootFile, '-untrusted', middleFile, pki.write(name, certificate)],
      ]);
    await verify('sslclient', 'client.pem', client.certificate);
    await verify('sslserver', 'server.pem', server.certificate);
    await assert.rejects(verify('sslclient', 'server.pem', server.certificate));
    accepted({
      leaf: derOf(client.certificate),
      sent: [derOf(middle.certificate)],
      trusted: [derOf(root.certificate)],
    });
    assert.equal(
      new X509Certificate(server.certificate).subjectAltName,
      'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, IP Address:2001:DB8:0:0:0:0:FF:5',
    );
  });

  it('gives each certificate its own key and a random serial number', () => {
    const made = Array.from({ length: 20 }, () =>
      issueCertificate({ kind: 'authority', ...named('x') }),
    );
    const serials = new Set(made.map(({ certificate }) => parsed(derOf(certificate)).serial));
    assert.equal(serials.size, 20);
    assert.equal(new Set(made.map(({ key }) => key)).size, 20);
    for (const serial of serials) assert.ok(serial.length > 24, serial);
  });

  it('signs for an authority that openssl made', async () => {
    using pki = createPki();
    const root = await pki.authority({
      extensions: { subjectKeyIdentifier: 'none', authorityKeyIdentifier: 'none' },
    });
    const client = issueCertificate({ kind: 'client', ...named('one'), issuer: root });
    accepted({ leaf: derOf(client.certificate), trusted: [root] });
  });

  it('refuses to issue without an issuer, and with one that it cannot sign for', async () => {
    using pki = createPki();
    const rsa = await pki.authority({ key: 'rsa-2048' });
    const issue = (issuer?: IssueRequest['issuer']) =>
      issueCertificate({ kind: 'client', ...named('x'), ...(issuer && { issuer }) });
    assert.throws(() => issue(), /Cannot issue a client certificate: it needs an issuer/);
    assert.throws(() => issue({ ...rsa, certificate: rsa.key }), /its issuer is not one/);
    assert.throws(() => issue(rsa), /key is not ECDSA/);
  });
});
