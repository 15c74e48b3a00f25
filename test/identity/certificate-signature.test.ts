import assert from 'node:assert/strict';
import { createPublicKey, X509Certificate } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { isCertificateSignedBy } from '../../src/identity/certificate-signature.ts';
import { derTags } from '../../src/identity/der.ts';
import { encodeElement } from '../../src/identity/der-writer.ts';
import { type Credential, createPki, type KeyAlgorithm, type Pki } from '../support/pki.ts';
import { parsed, refused } from './chain-fixture.ts';

describe('isCertificateSignedBy', () => {
  let pki: Pki;
  let root: Credential;
  let client: Credential;

  before(async () => {
    pki = createPki();
    root = await pki.authority({ subject: '/CN=root' });
    client = await pki.client(root);
  });
  after(() => pki[Symbol.dispose]());

  const keyOf = ({ certificate }: Credential) => createPublicKey(certificate);

  it('is true of the key that signed, and of no other', async () => {
    for (const key of ['ec-p256', 'ec-p384', 'rsa-2048'] as const satisfies KeyAlgorithm[]) {
      const issuer = await pki.authority({ key });
      const other = await pki.authority({ key });
      const certificate = parsed(await pki.client(issuer));
      assert.equal(isCertificateSignedBy(certificate, keyOf(issuer)), true);
      assert.equal(isCertificateSignedBy(certificate, keyOf(other)), false);
      assert.equal(isCertificateSignedBy(certificate, keyOf(client)), false);
    }
  });

  it('T19a is false of algorithms that are not accepted, though OpenSSL knows them', async () => {
    const issuer = await pki.authority({ key: 'ed25519' });
    const certificate = parsed(await pki.client(issuer));
    assert.equal(new X509Certificate(certificate.der).verify(keyOf(issuer)), true);
    assert.equal(isCertificateSignedBy(certificate, keyOf(issuer)), false);
  });

  it('is not misled by a good certificate that a bad one carries inside, which OpenSSL finds first', async () => {
    const inside = encodeElement(derTags.octetString, Buffer.from(`\n${client.certificate}`));
    const carrier = await pki.client(undefined, {
      subject: '/CN=root',
      extensions: {
        '1.2.3.4': `DER:${inside.toString('hex')}`,
        authorityKeyIdentifier: 'none',
      },
    });
    assert.equal(new X509Certificate(carrier.der).verify(keyOf(root)), true);
    assert.equal(isCertificateSignedBy(parsed(carrier), keyOf(root)), false);
    refused({ leaf: carrier, trusted: [root] }, /with the key that signed it/);
  });
});
