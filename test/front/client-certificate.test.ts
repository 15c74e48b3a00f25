import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  CertificateReader,
  certificateCharactersMax,
  readClientCertificate,
} from '../../src/front/client-certificate.ts';
import { type Credential, createPki } from '../support/pki.ts';

const pki = createPki();
let leaf: Credential;
let intermediate: Credential;

before(async () => {
  const root = await pki.authority();
  intermediate = await pki.authority({}, root);
  leaf = await pki.client(intermediate);
});
after(() => pki[Symbol.dispose]());

/** The DER of what was read, the leaf first; a reason where it cannot be used. */
function read(text: string | undefined): readonly Buffer[] | string | undefined {
  const certificate = readClientCertificate(text, 'front');
  if (certificate === undefined) return undefined;
  if ('unusable' in certificate) return certificate.unusable;
  return [certificate.der, ...certificate.intermediates].map((der) => Buffer.from(der));
}

const trimmed = (): string => leaf.certificate.trim();

describe('readClientCertificate', () => {
  const spellings: readonly [string, () => string][] = [
    ['raw PEM ($ssl_client_raw_cert)', () => leaf.certificate],
    ['PEM without its last line feed', trimmed],
    ['PEM with CRLF', () => leaf.certificate.replaceAll('\n', '\r\n')],
    ['tab-continued PEM ($ssl_client_cert)', () => trimmed().replaceAll('\n', '\n\t')],
    ['space-continued PEM', () => trimmed().replaceAll('\n', '\n ')],
    ['escaped PEM ($ssl_client_escaped_cert)', () => encodeURIComponent(leaf.certificate)],
    [
      'escaped PEM with lower-case digits',
      () => encodeURIComponent(leaf.certificate).replaceAll(/%../g, (hex) => hex.toLowerCase()),
    ],
    ['spaces for line feeds (Apache before 2.4.10)', () => trimmed().replaceAll('\n', ' ')],
  ];
  for (const [name, spell] of spellings) {
    test(`T08 readClientCertificate() reads ${name}`, () => {
      assert.deepEqual(read(spell()), [Buffer.from(leaf.der)]);
    });
  }

  test('readClientCertificate() keeps intermediates behind the leaf, in every spelling', () => {
    const chain = leaf.certificate + intermediate.certificate;
    const expected = [Buffer.from(leaf.der), Buffer.from(intermediate.der)];
    assert.deepEqual(read(chain), expected);
    assert.deepEqual(read(encodeURIComponent(chain)), expected);
    assert.deepEqual(read(chain.trim().replaceAll('\n', ' ')), expected);
  });

  test('readClientCertificate() takes empty for absent', () => {
    assert.equal(read(''), undefined);
    assert.equal(read(undefined), undefined);
  });

  const refused: readonly [string, () => string][] = [
    ['text', () => 'alice'],
    ['text before the block', () => `x${leaf.certificate}`],
    ['text after the block', () => `${leaf.certificate}x`],
    ['a private key beside it', () => leaf.certificate + leaf.key],
    ['a private key alone', () => leaf.key],
    ['a NUL', () => leaf.certificate.replace('M', '\0')],
    ['a broken escape', () => `${encodeURIComponent(leaf.certificate)}%0`],
    [
      'escapes that were escaped again',
      () => encodeURIComponent(encodeURIComponent(leaf.certificate)),
    ],
    ['half a block', () => leaf.certificate.slice(0, 200)],
    ['an empty block', () => '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n'],
    ['base64 that is not', () => leaf.certificate.replace(/[A-Za-z]{4}\n/, '!!!!\n')],
    ['eleven certificates', () => leaf.certificate.repeat(11)],
    ['bare base64', () => Buffer.from(leaf.der).toString('base64')],
  ];
  for (const [name, make] of refused) {
    test(`T08 readClientCertificate() cannot use ${name}, and says why`, () => {
      const answer = read(make());
      assert.equal(typeof answer, 'string');
      assert.match(String(answer), /^the client certificate cannot be used: ./);
      assert.doesNotMatch(String(answer), /[\r\n]/);
    });
  }

  test('readClientCertificate() reads text up to its limit, and one past it not', () => {
    const atLimit = 'A'.repeat(certificateCharactersMax);
    assert.doesNotMatch(String(read(atLimit)), /longer than 262144/);
    assert.match(String(read(`${atLimit}A`)), /longer than 262144 characters/);
  });
});

describe('CertificateReader', () => {
  test('read() reads a text once, and keeps unusable ones apart from good ones', () => {
    const reader = new CertificateReader();
    const first = reader.read(leaf.certificate);
    assert.equal(reader.read(`${leaf.certificate}`), first);
    assert.ok('unusable' in (reader.read('alice') ?? {}));
    assert.ok('fingerprint' in (first ?? {}));
    assert.equal(reader.read(undefined), undefined);
  });

  test('read() keeps texts up to its limit, and at one past it lets the oldest go', () => {
    const { length } = leaf.certificate;
    const reader = new CertificateReader(length + 5);
    reader.read(leaf.certificate);
    reader.read('12345');
    assert.equal(reader.characters, length + 5);
    reader.read('6');
    assert.equal(reader.characters, 6);
  });
});
