import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { readEntitlement } from '../../src/entitlement/read-entitlement.ts';
import { parseCertificate } from '../../src/identity/certificate.ts';

const fixtures = path.join(import.meta.dirname, '../fixtures/entitlement');
const rows = readFileSync(path.join(fixtures, 'vectors.tsv'), 'utf8')
  .trimEnd()
  .split('\n')
  .slice(1)
  .map((line) => line.split('\t'));

/** As `1.0`; undefined when the certificate is in no version that grants. */
type Version = string | undefined;

/**
 * The path that a rule is asked about. The table has paths as the reference takes them, which squashes
 * slashes and steps and, in version 1, needs no slash in front. No such path reaches a rule: requests
 * with them are refused, and a query is cut off, before there is one. In version 3 the table has the
 * query as a part of the name, as `%3F` would make it.
 */
function asAsked(written: string, version: Version): string {
  if (!version?.startsWith('1.')) return path.posix.normalize(written);
  const [withoutQuery = ''] = written.split('?');
  return path.posix.join('/', withoutQuery);
}

function decide(certificate: string, asked: string): 'allow' | 'deny' {
  const pem = readFileSync(path.join(fixtures, certificate));
  const parsed = parseCertificate(new Uint8Array(new X509Certificate(pem).raw));
  assert.ok(!('problem' in parsed));
  const entitlement = readEntitlement(parsed.extensions.others);
  if ('unusable' in entitlement) return 'deny';
  return entitlement.find(asked).granted ? 'allow' : 'deny';
}

describe('entitlement vectors', () => {
  it('entitlement vectors are all there', () => {
    assert.equal(rows.length, 123);
    const certificates = readdirSync(path.join(fixtures, 'certs'));
    assert.deepEqual(
      [...new Set(rows.map(([certificate = '']) => path.basename(certificate)))].toSorted(),
      certificates.toSorted(),
    );
    const different = rows.filter(([, , , reference, ours]) => reference !== ours);
    assert.equal(different.length, 10);
  });

  for (const [certificate = '', version, written = '', , expected] of rows) {
    it(`entitlement vectors: ${certificate} ${expected}s ${written}`, () => {
      assert.equal(decide(certificate, asAsked(written, version)), expected);
    });
  }

  it('entitlement vectors: a question mark in a name is none of a path, in either version', () => {
    const name = '/content/dist/rhel/server/6/6Server/x86_64/os?x=1';
    assert.equal(decide('certs/v1-basic.pem', name), 'deny');
    assert.equal(decide('certs/v3-basic.pem', name), 'deny');
  });
});
