/** The certificates that clients came with, on any store. */

import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { it } from 'node:test';
import {
  pendingCertificatesMax,
  tidyDocumentsMax,
  tidyMilliseconds,
} from '../../src/audit/limits.ts';
import {
  CertificateWriter,
  findSeenCertificate,
  tidyCertificates,
} from '../../src/audit/seen-certificates.ts';
import type { ClientCertificate } from '../../src/model.ts';
import { parseCertificatePem } from '../../src/pem.ts';
import type { Store } from '../../src/stores/store.ts';
import { epoch } from './decisions.ts';

const day = 86_400_000;

function certificate(text: string): ClientCertificate {
  const der = Buffer.from(text);
  const fingerprint = hash('sha256', der, 'hex');
  return { der, fingerprint, intermediates: [Buffer.from('its CA')], vouchedBy: 'front' };
}

export function testSeenCertificates(open: () => Promise<Store>): void {
  it('CertificateWriter keeps a certificate with what came with it, once a day', async () => {
    await using store = await open();
    const writer = new CertificateWriter(async () => store);
    const one = certificate('one');
    assert.equal(writer.see(one, new Date(epoch)), true);
    assert.equal(writer.see(one, new Date(epoch)), false);
    await writer.flush(new Date(epoch));
    assert.equal(writer.see(one, new Date(epoch)), false);
    const pem = (await findSeenCertificate(store, one.fingerprint)) ?? '';
    const parsed = parseCertificatePem(pem);
    assert.ok('certificates' in parsed);
    assert.deepEqual(
      parsed.certificates.map((der) => Buffer.from(der).toString()),
      ['one', 'its CA'],
    );
    assert.equal(await findSeenCertificate(store, 'ab'.repeat(32)), undefined);
    assert.equal(writer.see(one, new Date(epoch + day)), true);
    await writer.flush(new Date(epoch + day));
  });

  it('CertificateWriter holds back no more certificates than its bound', async () => {
    const writer = new CertificateWriter(async () => assert.fail('away'));
    for (let index = 0; index < pendingCertificatesMax; index += 1) {
      assert.equal(writer.see(certificate(`${index}`), new Date(epoch)), true);
    }
    assert.equal(writer.see(certificate('one more'), new Date(epoch)), false);
  });

  it('T86 whoever makes certificates without end has no more written than are removed', async () => {
    await using store = await open();
    const writer = new CertificateWriter(async () => store);
    const flood = async (from: number, at: number): Promise<number> => {
      let taken = 0;
      for (let index = 0; index <= pendingCertificatesMax; index += 1) {
        if (writer.see(certificate(`${from + index}`), new Date(at))) taken += 1;
        if (index % 400 === 0) await writer.flush(new Date(at));
      }
      await writer.flush(new Date(at));
      return taken;
    };
    assert.equal(await flood(0, epoch), pendingCertificatesMax);
    assert.equal(await flood(2000, epoch + tidyMilliseconds - 1), 0);
    assert.equal(await tidyCertificates(store, 10), pendingCertificatesMax - 10);
    assert.ok(pendingCertificatesMax - 10 > tidyDocumentsMax);
    assert.equal(await flood(4000, epoch + tidyMilliseconds), pendingCertificatesMax);
  });

  it('tidyCertificates removes those that were not seen for longest', async () => {
    await using store = await open();
    const [first, again, last] = ['first', 'again', 'last'].map(certificate);
    const writer = new CertificateWriter(async () => store);
    for (const [index, seen] of [
      [first, again],
      [again, last],
    ].entries()) {
      const now = new Date(epoch + index * day);
      for (const one of seen) if (one !== undefined) writer.see(one, now);
      await writer.flush(now);
    }
    assert.equal(await tidyCertificates(store, 3), 0);
    assert.equal(await tidyCertificates(store, 2), 1);
    assert.equal(await findSeenCertificate(store, first?.fingerprint ?? ''), undefined);
    assert.notEqual(await findSeenCertificate(store, again?.fingerprint ?? ''), undefined);
  });
}
