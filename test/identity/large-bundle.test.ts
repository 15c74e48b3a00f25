import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openCertificateAuthority } from '../../src/identity/certificate-authority.ts';
import { createLogger } from '../../src/log.ts';
import { authorityPemLimits, certificateToPem } from '../../src/pem.ts';
import { type Credential, createPki, daysFrom, type Pki } from '../support/pki.ts';
import { replaceText, resign } from '../support/resign.ts';

const { certificatesMax } = authorityPemLimits;

describe('a CA file of as many certificates as there may be', () => {
  let pki: Pki;
  let root: Credential;
  let expired: Credential;
  before(async () => {
    pki = createPki();
    root = await pki.authority({ subject: '/CN=root 0000' });
    const dates = { notBefore: daysFrom(new Date(), -9), notAfter: daysFrom(new Date(), -1) };
    expired = await pki.authority({ ...dates, subject: '/CN=expired' });
  });
  after(() => pki[Symbol.dispose]());

  const nameOf = (number: number): string => `root ${String(number).padStart(4, '0')}`;

  /** Another root with the key of the first. */
  const rootOf = (number: number): Credential =>
    resign(root, root, (parts) => {
      const name = nameOf(number);
      parts.issuer = replaceText(parts.issuer, 'root 0000', name);
      parts.subject = replaceText(parts.subject, 'root 0000', name);
    });

  /** The expired root, so many others, and what people leave between blocks. */
  const bundleOf = (others: number): string => {
    const roots = Array.from({ length: others }, (_, number) =>
      certificateToPem(rootOf(number).der),
    );
    return [expired.certificate, ...roots].join('\r\nsubject=/CN=rubbish \u0007\n\n');
  };

  it('lets in by the first and the last of them, by none that is over, and takes not one more', async () => {
    const lines: string[] = [];
    const log = createLogger({ level: 'warn', write: (line) => lines.push(line) });
    const open = (file: string) => openCertificateAuthority(file, { now: () => new Date(), log });
    const verifier = await open(pki.write('bundle.pem', bundleOf(certificatesMax - 1)));
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? '', /CN=expired.*it expired on/);
    const client = await pki.client(root);
    const last = resign(client, root, (parts) => {
      parts.issuer = replaceText(parts.issuer, 'root 0000', nameOf(certificatesMax - 2));
    });
    const isValid = async (one: Credential) =>
      (await verifier.verify({ der: one.der, intermediates: [] })).valid;
    assert.equal(await isValid(client), true);
    assert.equal(await isValid(last), true);
    const stranger = await pki.client(await pki.authority({ subject: '/CN=root 0000' }));
    assert.equal(await isValid(stranger), false);
    assert.equal(await isValid(await pki.client(expired)), false);
    const more = pki.write('more.pem', bundleOf(certificatesMax));
    await assert.rejects(open(more), /it holds more than 1000 certificates/);
  });
});
