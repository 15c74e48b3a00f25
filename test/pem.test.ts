import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  authorityPemLimits,
  certificateToPem,
  clientPemLimits,
  parseCertificatePem,
} from '../src/pem.ts';
import { type Credential, createPki, type Pki } from './support/pki.ts';

describe('parseCertificatePem', () => {
  let pki: Pki;
  let one: Credential;
  let other: Credential;

  before(async () => {
    pki = createPki();
    one = await pki.authority();
    other = await pki.client(one);
  });
  after(() => pki[Symbol.dispose]());

  const problemOf = (text: string, limits = clientPemLimits): string => {
    const result = parseCertificatePem(text, limits);
    assert.ok('problem' in result, 'it was accepted');
    assert.doesNotMatch(result.problem, /[\r\n\0]/);
    return result.problem;
  };

  it('T08 reads what openssl writes, with LF and CRLF, with and without the last line end', () => {
    for (const text of [
      one.certificate,
      one.certificate.replaceAll('\n', '\r\n'),
      one.certificate.trimEnd(),
      `\n${one.certificate}\n\n`,
    ]) {
      assert.deepEqual(parseCertificatePem(text), { certificates: [one.der] });
    }
  });

  it('T08 reads several blocks in their order', () => {
    assert.deepEqual(parseCertificatePem(other.certificate + one.certificate), {
      certificates: [other.der, one.der],
    });
  });

  it('T08 refuses everything but certificates, and quotes nothing of it', () => {
    const pem = one.certificate;
    const cases: [text: string, problem: RegExp][] = [
      ['', /no certificate/],
      ['\n\n', /no certificate/],
      [pem + one.key, /private key/],
      [one.key + pem, /private key/],
      ['-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n', /line 1 .*no certificate/],
      [pem.replaceAll('CERTIFICATE', 'TRUSTED CERTIFICATE'), /no certificate/],
      [`subject=CN = one\n${pem}`, /line 1 stands outside/],
      [`${pem}trailing`, /stands outside/],
      [`${pem} `, /stands outside/],
      [` ${pem}`, /outside|no certificate/],
      [pem.replace('MII', 'MI\0'), /NUL/],
      [`${pem}\0`, /NUL/],
      [pem.replace('MII', 'M!I'), /not valid base64/],
      [pem.replace('MII', 'M I'), /not valid base64/],
      [pem.replace('MII', 'MI'), /not valid base64/],
      [pem.replaceAll('\n', '\r'), /no certificate|outside/],
      [pem.replace('-----END CERTIFICATE-----\n', ''), /no end/],
      [pem.replace('-----END', '----END'), /neither base64/],
      [pem + pem.slice(0, 60), /no end/],
      ['-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n', /not valid base64/],
      [`-----BEGIN CERTIFICATE-----\nProc-Type: 4\n\n${pem}`, /base64/],
    ];
    for (const [text, problem] of cases)
      assert.match(problemOf(text), problem, JSON.stringify(text.slice(0, 80)));
  });

  it('refuses base64 that is not canonical', () => {
    const block = (body: string) =>
      `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`;
    assert.deepEqual(parseCertificatePem(block('AQ==')), { certificates: [Uint8Array.of(1)] });
    for (const body of ['AQ', 'AQ=', 'AR==', 'AQ===', 'AQ==AQ==', '_-==']) {
      assert.match(problemOf(block(body)), /base64/, body);
    }
  });

  it('takes ten certificates of a client, and not eleven', () => {
    const ten = parseCertificatePem(one.certificate.repeat(clientPemLimits.certificatesMax));
    assert.ok('certificates' in ten);
    assert.equal(ten.certificates.length, 10);
    assert.match(problemOf(one.certificate.repeat(11)), /more than 10 certificates/);
  });

  it('takes 64 KiB of certificates, decoded, and not a byte more', () => {
    const pem = (bytes: number) => certificateToPem(new Uint8Array(bytes).fill(0x30));
    const most = parseCertificatePem(pem(clientPemLimits.bytesMax));
    assert.ok('certificates' in most);
    assert.match(problemOf(pem(clientPemLimits.bytesMax + 1)), /longer than 65536 bytes/);
    assert.match(problemOf('\n'.repeat(2 * clientPemLimits.bytesMax + 1)), /longer than/);
  });

  it('takes a thousand certificates of a CA file, and not one more', () => {
    const most = parseCertificatePem(one.certificate.repeat(1000), authorityPemLimits);
    assert.ok('certificates' in most);
    assert.match(problemOf(one.certificate.repeat(1001), authorityPemLimits), /more than 1000/);
    const pem = (bytes: number) => certificateToPem(new Uint8Array(bytes).fill(0x30));
    assert.ok('certificates' in parseCertificatePem(pem(4 * 2 ** 20), authorityPemLimits));
    assert.match(problemOf(pem(4 * 2 ** 20 + 1), authorityPemLimits), /longer than 4194304 bytes/);
  });

  it('lets text stand between the blocks of a CA file, but no other block', () => {
    const bundle = `# Acme\nsubject=CN = one\n${one.certificate}\nthe other: -----\n${other.certificate}end`;
    assert.deepEqual(parseCertificatePem(bundle, authorityPemLimits), {
      certificates: [one.der, other.der],
    });
    assert.match(problemOf(bundle + one.key, authorityPemLimits), /private key/);
    assert.match(problemOf(`text ${one.key}`, authorityPemLimits), /private key/);
    assert.match(problemOf('only text', authorityPemLimits), /no certificate/);
  });
});
