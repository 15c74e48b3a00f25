import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { openCertificateAuthority } from '../../src/identity/certificate-authority.ts';
import { createLogger } from '../../src/log.ts';
import { type Credential, createPki, daysFrom, type Pki } from '../support/pki.ts';

describe('openCertificateAuthority', () => {
  let pki: Pki;
  let root: Credential;
  let lines: string[];

  before(async () => {
    pki = createPki();
    root = await pki.authority({ subject: '/CN=root' });
  });
  after(() => pki[Symbol.dispose]());

  const open = (file: string) => {
    lines = [];
    const log = createLogger({ level: 'warn', write: (line) => lines.push(line) });
    return openCertificateAuthority(file, { now: () => new Date(), log });
  };
  const refuse = (file: string, reason: RegExp) =>
    assert.rejects(open(file), (error: Error & { readonly code?: string }) => {
      assert.equal(error.code, 'FILE_UNREADABLE');
      assert.ok(error.message.startsWith(`Cannot use the CA file ${file}: `), error.message);
      assert.match(error.message, reason);
      return true;
    });

  it('verifies against the CAs of a bundle with comments', async () => {
    const other = await pki.authority({ subject: '/CN=other' });
    const file = pki.write(
      'bundle.pem',
      '# Acme\n\n',
      root.certificate,
      'CN = other\n',
      other.certificate,
    );
    const verifier = await open(file);
    for (const ca of [root, other]) {
      const client = await pki.client(ca);
      const verdict = await verifier.verify({ der: client.der, intermediates: [] });
      assert.ok(verdict.valid);
    }
    const stranger = await pki.client(await pki.authority());
    const verdict = await verifier.verify({ der: stranger.der, intermediates: [] });
    assert.ok(!verdict.valid);
    assert.deepEqual(lines, []);
  });

  it('T84 answers for bytes that are no certificate with a refusal', async () => {
    const verifier = await open(pki.write('plain.pem', root.certificate));
    const verdict = await verifier.verify({ der: new Uint8Array(3), intermediates: [] });
    assert.ok(!verdict.valid);
  });

  it('refuses files that are missing, empty, no files, or no certificates', async () => {
    await refuse(pki.file('absent.pem'), /there is no such file/);
    await refuse(pki.write('empty.pem'), /it is empty/);
    await refuse(pki.write('blank.pem', '\n \n'), /it is empty/);
    mkdirSync(pki.file('directory.pem'));
    await refuse(pki.file('directory.pem'), /it is not a regular file/);
    await refuse(`${pki.file('plain.pem')}/x`, /a part of the path is not a directory/);
    await refuse('/dev/zero', /not a regular file/);
    await refuse(pki.write('text.pem', 'hello'), /no certificate.*should hold CA certificates/);
    await refuse(pki.write('key.pem', root.certificate, root.key), /private key/);
    const bad = '-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n';
    await refuse(pki.write('der.pem', root.certificate, bad), /certificate 2 cannot be read: its/);
  });

  it('refuses certificates that could never verify another', async () => {
    const client = await pki.client(root);
    await refuse(
      pki.write('client.pem', root.certificate, client.certificate),
      /certificate 2, .*CN=client, is no usable CA: it is not a CA/,
    );
    const weak = await pki.authority({ key: 'rsa-1024' });
    await refuse(pki.write('weak.pem', weak.certificate), /1024 bits/);
    const server = await pki.authority({ extensions: { extendedKeyUsage: 'serverAuth' } });
    await refuse(pki.write('server.pem', server.certificate), /does not name clientAuth/);
    const odd = await pki.authority({ extensions: { '1.2.3.4': 'critical,ASN1:NULL' } });
    await refuse(pki.write('odd.pem', odd.certificate), /critical extension/);
    const narrow = await pki.authority({
      extensions: { nameConstraints: 'critical,permitted;DNS:.x' },
    });
    await refuse(pki.write('narrow.pem', narrow.certificate), /constraints on names/);
  });

  it('refuses CAs that sign each other in a circle', async () => {
    const one = await pki.authority({ subject: '/CN=one' });
    const two = await pki.authority({ subject: '/CN=two' }, one);
    const back = await pki.authority({ subject: '/CN=one', key: one }, two);
    await refuse(pki.write('circle.pem', back.certificate, two.certificate), /in a circle/);
  });

  it('keeps a CA whose dates are over, says so, and lets nobody in by it', async () => {
    const old = await pki.authority({
      subject: '/CN=old',
      notBefore: daysFrom(new Date(), -3),
      notAfter: daysFrom(new Date(), -1),
    });
    const file = pki.write('old.pem', old.certificate, root.certificate);
    const verifier = await open(file);
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? '', /CN=old.*it expired on/);
    const verify = async (ca: Credential) =>
      verifier.verify({ der: (await pki.client(ca)).der, intermediates: [] });
    assert.ok((await verify(root)).valid);
    assert.ok(!(await verify(old)).valid);
  });
});
