import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { certificateFileBytesMax, readCertificateFile } from '../../src/admin/certificate-file.ts';
import { needs } from '../support/needs.ts';
import { createPki } from '../support/pki.ts';

describe('readCertificateFile', { skip: needs('openssl') }, () => {
  it('readCertificateFile leaves the key and everything else where it is', async () => {
    using pki = createPki();
    const { certificate, key } = await pki.client(await pki.authority());
    const data = '-----BEGIN ENTITLEMENT DATA-----\nAAAA\n-----END ENTITLEMENT DATA-----\n';
    const file = pki.write('all.pem', 'subject=joe\n', key, certificate, data);
    assert.equal(await readCertificateFile('certificate', file), certificate);
  });

  it('readCertificateFile refuses what is not one certificate', async () => {
    using pki = createPki();
    const { certificate } = await pki.authority();
    const refuse = (text: string, message: string) => {
      const file = pki.write('file.pem', text);
      const expected = `Cannot read --issuer ${file}: ${message}`;
      const error = { code: 'FILE_UNREADABLE', message: expected };
      return assert.rejects(readCertificateFile('issuer', file), error);
    };
    await refuse('nothing', 'it holds no certificate');
    await refuse(certificate + certificate, 'it holds more than one certificate');
    await refuse('', 'it is empty');
  });

  it('readCertificateFile reads so many bytes at most', async () => {
    using pki = createPki();
    const { certificate } = await pki.authority();
    const file = (bytes: number) =>
      pki.write('file.pem', certificate, '#'.repeat(bytes - certificate.length));
    const right = await readCertificateFile('certificate', file(certificateFileBytesMax));
    assert.equal(right, certificate);
    const wrong = readCertificateFile('certificate', file(certificateFileBytesMax + 1));
    await assert.rejects(wrong, /: it is longer than 262144 bytes$/);
  });
});
