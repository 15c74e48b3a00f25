import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { fingerprintOf } from '../../src/identity/certificate.ts';
import {
  type CertificateName,
  idOfName,
  idsOfCertificate,
  readCertificateName,
  type WrittenCertificateName,
} from '../../src/people/certificate-name.ts';
import type { VerifiedCertificate } from '../../src/plugin.ts';
import { accepted } from '../identity/chain-fixture.ts';
import { type Credential, createPki } from '../support/pki.ts';

describe('the name of a certificate on a deny-list', () => {
  const pki = createPki();
  after(() => pki[Symbol.dispose]());
  let root: Credential;
  let client: Credential;
  let verified: VerifiedCertificate;
  before(async () => {
    root = await pki.authority({ subject: '/O=Acme/CN=Root' });
    client = await pki.client(root, { serial: '0a01ff' });
    verified = verify(client, root);
  });
  const meets = (written: WrittenCertificateName, certificate = verified): boolean =>
    idsOfCertificate(certificate).includes(idOfName(read(written)));

  it('is the same by its PEM, by its fingerprint, and by its issuer and serial number', () => {
    const fingerprint = fingerprintOf(client.der);
    const spelled = fingerprint.toUpperCase().match(/../g)?.join(':');
    for (const written of [
      { certificate: client.certificate },
      { certificate: `Certificate:\n    Data: as openssl prints it\n${client.certificate}` },
      { fingerprint },
      { fingerprint: spelled },
      { issuer: root.certificate, serial: '0A:01:FF' },
      { issuer: root.certificate, serial: `decimal:${0x0a01ff}` },
    ]) {
      assert.equal(meets(written), true, JSON.stringify(written));
    }
  });

  it('is of one certificate alone', async () => {
    const other = await pki.client(root, { serial: '0a01fe' });
    const stranger = await pki.authority({ subject: '/O=Acme/CN=Other' });
    const namesake = verify(await pki.client(stranger, { serial: '0a01ff' }), stranger);
    assert.equal(meets({ certificate: other.certificate }), false);
    assert.equal(meets({ issuer: stranger.certificate, serial: '0a01ff' }), false);
    assert.equal(meets({ certificate: client.certificate }, namesake), false);
    assert.equal(meets({ fingerprint: '0'.repeat(64) }), false);
  });

  it('meets the twin of an ECDSA signature, whichever was put on the list', () => {
    assert.equal(verified.twinFingerprints.length, 1);
    for (const fingerprint of verified.twinFingerprints) assert.equal(meets({ fingerprint }), true);
  });

  it('says what is wrong with one, and in which property', () => {
    const wrong: readonly [WrittenCertificateName, keyof WrittenCertificateName, RegExp][] = [
      [{}, 'certificate', /exactly one of/],
      [{ certificate: client.certificate, fingerprint: 'x' }, 'certificate', /exactly one of/],
      [{ certificate: client.certificate, serial: '1' }, 'certificate', /exactly one of/],
      [{ certificate: 'x' }, 'certificate', /no certificate/],
      [{ certificate: client.certificate + root.certificate }, 'certificate', /more than 1/],
      [{ certificate: client.key }, 'certificate', /private key/],
      [{ fingerprint: 'a'.repeat(63) }, 'fingerprint', /64 hex digits/],
      [{ serial: '1' }, 'issuer', /one issuer/],
      [{ issuer: root.certificate }, 'serial', /no serial number/],
      [{ issuer: root.certificate, serial: 'f'.repeat(41) }, 'serial', /no serial number/],
      [{ issuer: 'x', serial: '1' }, 'issuer', /no certificate/],
    ];
    for (const [written, property, problem] of wrong) {
      const name = readCertificateName(written);
      assert.ok('problem' in name, JSON.stringify(written));
      assert.equal(name.property, property);
      assert.match(name.problem, problem);
    }
  });
});

function read(written: WrittenCertificateName): CertificateName {
  const name = readCertificateName(written);
  assert.ok(!('problem' in name), JSON.stringify(name));
  return name;
}

function verify(leaf: Credential, root: Credential): VerifiedCertificate {
  return accepted({ leaf, trusted: [root] });
}
