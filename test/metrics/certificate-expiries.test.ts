import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readCertificateExpiries } from '../../src/metrics/certificate-expiries.ts';
import { certificateNameCharactersMax } from '../../src/metrics/snapshot.ts';
import { createPki } from '../support/pki.ts';

describe('readCertificateExpiries', () => {
  test('readCertificateExpiries() tells of each file what ends first', async () => {
    using pki = createPki();
    const late = await pki.authority({ notAfter: new Date('2040-01-01T00:00:00Z') });
    const early = await pki.authority({ notAfter: new Date('2030-01-01T00:00:00Z') });
    const files = [
      { name: 'listen.tls.certificate', file: late.certificatePath },
      { name: 'bundle', file: pki.write('bundle.pem', late.certificate, early.certificate) },
    ];
    assert.deepEqual(await readCertificateExpiries(files), [
      { name: 'listen.tls.certificate', expiresAt: Date.UTC(2040, 0) / 1000 },
      { name: 'bundle', expiresAt: Date.UTC(2030, 0) / 1000 },
    ]);
  });

  test('readCertificateExpiries() leaves out what it cannot read', async () => {
    using pki = createPki();
    const garbage = `-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`;
    const files = [
      pki.file('missing'),
      pki.directory,
      pki.write('x', 'x'),
      pki.write('y', garbage),
    ];
    const named = files.map((file) => ({ name: file, file }));
    assert.deepEqual(await readCertificateExpiries(named), []);
  });

  test('readCertificateExpiries() keeps the end of a name that is too long', async () => {
    using pki = createPki();
    const { certificatePath: file } = await pki.authority();
    const longest = 'x'.repeat(certificateNameCharactersMax);
    const named = [longest, `y${longest}`].map((name) => ({ name, file }));
    const names = (await readCertificateExpiries(named)).map(({ name }) => name);
    assert.deepEqual(names, [longest, longest]);
  });
});
