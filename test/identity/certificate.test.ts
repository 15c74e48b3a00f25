import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { parseCertificate } from '../../src/identity/certificate.ts';
import { extensionsMax } from '../../src/identity/certificate-extensions.ts';
import { derTags } from '../../src/identity/der.ts';
import {
  encodeElement,
  encodeOid,
  encodeSequence,
  encodeTime,
  encodeUnsigned,
} from '../../src/identity/der-writer.ts';
import { type Credential, createPki, type Pki } from '../support/pki.ts';
import { replaceText, resign, type TbsParts } from '../support/resign.ts';
import { accepted, parsed, refused } from './chain-fixture.ts';

describe('parseCertificate', () => {
  let pki: Pki;
  let root: Credential;
  let client: Credential;

  before(async () => {
    pki = createPki();
    root = await pki.authority({ subject: '/CN=root' });
    client = await pki.client(root, { subject: '/O=Acme/CN=admin-one' });
  });
  after(() => pki[Symbol.dispose]());

  const changed = (change: (parts: TbsParts) => void) => resign(client, root, change);
  const refuse = (change: (parts: TbsParts) => void, reason: RegExp) =>
    refused({ leaf: changed(change), trusted: [root] }, reason);

  it('T19d keeps a NUL, a comma and other marks inside of the value that they are in', async () => {
    const leaf = changed((parts) => {
      parts.subject = replaceText(parts.subject, 'admin-one', 'admin\0one');
    });
    const { subject } = accepted({ leaf, trusted: [root] });
    assert.deepEqual(subject[1], { oid: '2.5.4.3', value: 'admin\0one' });
    const marks = await pki.client(root, { subject: '/O=Acme, Inc/CN=a,CN=admin+OU=x' });
    assert.deepEqual(
      parsed(marks).subject.map(({ value }) => value),
      // DER sorts the values of one part by their bytes.
      ['Acme, Inc', 'x', 'a,CN=admin'],
    );
  });

  it('T19d reads the same text from each type of string', async () => {
    for (const stringMask of ['utf8only', 'MASK:0x800', 'MASK:0x100', 'MASK:0x4']) {
      const leaf = await pki.client(root, { subject: '/CN=Jürgen', stringMask });
      assert.deepEqual(parsed(leaf).subject, [{ oid: '2.5.4.3', value: 'Jürgen' }], stringMask);
    }
  });

  it('T19d refuses values that are no valid text of their type', async () => {
    const withValue =
      (tag: number, ...bytes: number[]) =>
      (parts: TbsParts) => {
        const value = encodeElement(tag, Buffer.from(bytes));
        const attribute = encodeSequence(encodeOid('2.5.4.3'), value);
        parts.subject = encodeSequence(encodeElement(derTags.set, attribute));
      };
    await refuse(
      withValue(derTags.utf8String, 0xc3),
      /subject has an attribute that is not valid text/,
    );
    await refuse(withValue(derTags.utf8String, 0xc0, 0xae), /not valid text/);
    await refuse(withValue(derTags.printableString, 0xe9), /not valid text/);
    await refuse(withValue(derTags.bmpString, 0x00), /not valid text/);
    await refuse(withValue(derTags.bmpString, 0xd8, 0x00), /not valid text/);
    await refuse(withValue(derTags.universalString, 0, 0x11, 0, 0), /not valid text/);
    await refuse(withValue(derTags.universalString, 0, 0, 0xd8, 0), /not valid text/);
    await refuse(withValue(derTags.octetString, 0x61), /an attribute that is no text/);
    await refuse((parts) => {
      parts.subject = encodeSequence(encodeElement(derTags.set));
    }, /subject has an empty part/);
  });

  it('takes 64 attributes of a name, and not 65', async () => {
    const attribute = encodeElement(
      derTags.set,
      encodeSequence(encodeOid('2.5.4.11'), encodeElement(derTags.utf8String, Buffer.from('x'))),
    );
    const withMany = (count: number) => (parts: TbsParts) => {
      parts.subject = encodeSequence(...Array.from({ length: count }, () => attribute));
    };
    accepted({ leaf: changed(withMany(64)), trusted: [root] });
    await refuse(withMany(65), /subject has more than 64 attributes/);
  });

  it('T19e gives serial numbers one spelling, and refuses negative and overlong ones', async () => {
    const withSerial =
      (...bytes: number[]) =>
      (parts: TbsParts) => {
        parts.serial = encodeElement(derTags.integer, Buffer.from(bytes));
      };
    const serialOf = (...bytes: number[]) => parsed(changed(withSerial(...bytes))).serial;
    assert.equal(serialOf(0x01), '1');
    assert.equal(serialOf(0x00), '0');
    assert.equal(serialOf(0x0a, 0xbc), 'abc');
    assert.equal(serialOf(0x00, 0xff), 'ff');
    const most = Array.from({ length: 20 }, () => 0xff);
    assert.equal(serialOf(0x00, ...most), 'ff'.repeat(20));
    await refuse(withSerial(0x00, ...most, 0xff), /serial number is longer than 20 bytes/);
    await refuse(withSerial(0x80), /serial number is negative/);
    await refuse(withSerial(0x00, 0x01), /not encoded as DER wants/);
    await refuse(withSerial(), /serial number is empty/);
  });

  const own = (critical: boolean, oid = '1.2.3.4') =>
    encodeSequence(
      encodeOid(oid),
      ...(critical ? [encodeElement(derTags.boolean, Buffer.of(0xff))] : []),
      encodeElement(derTags.octetString, Buffer.of(5, 0)),
    );
  const withExtensions =
    (...list: Buffer[]) =>
    (parts: TbsParts) => {
      parts.extensions = encodeElement(0xa3, encodeSequence(...list));
    };

  it('takes as many extensions as its limit, and not one more', async () => {
    const withMany = (count: number) =>
      withExtensions(...Array.from({ length: count }, (_, index) => own(false, `1.2.3.${index}`)));
    accepted({ leaf: changed(withMany(extensionsMax)), trusted: [root] });
    await refuse(withMany(extensionsMax + 1), /it has more than 4096 extensions/);
  });

  it('refuses an extension that is there twice', async () => {
    accepted({ leaf: changed(withExtensions(own(false))), trusted: [root] });
    await refuse(withExtensions(own(false), own(false)), /extension 1\.2\.3\.4 is there twice/);
    await refuse(withExtensions(own(true)), /critical extension/);
    await refuse(withExtensions(), /extensions are empty/);
  });

  it('refuses times that are none, and reads both kinds', async () => {
    const time = (tag: number, text: string) => encodeElement(tag, Buffer.from(text));
    const withEnd = (end: Buffer) => (parts: TbsParts) => {
      parts.validity = encodeSequence(encodeTime(new Date('2020-01-01')), end);
    };
    const late = changed(withEnd(encodeTime(new Date('2050-01-01T00:00:00Z'))));
    assert.equal(parsed(late).notAfter.toISOString(), '2050-01-01T00:00:00.000Z');
    const leap = changed(withEnd(time(derTags.generalizedTime, '20280229235959Z')));
    assert.equal(parsed(leap).notAfter.toISOString(), '2028-02-29T23:59:59.000Z');
    const early = changed(withEnd(time(derTags.generalizedTime, '00500101000000Z')));
    assert.equal(parsed(early).notAfter.toISOString(), '0050-01-01T00:00:00.000Z');
    const old = changed(withEnd(time(derTags.utcTime, '500101000000Z')));
    assert.equal(parsed(old).notAfter.toISOString(), '1950-01-01T00:00:00.000Z');
    for (const end of [
      time(derTags.utcTime, '2601010000Z'),
      time(derTags.utcTime, '260101000000+0100'),
      time(derTags.utcTime, '260631000000Z'),
      time(derTags.utcTime, '20260101000000Z'),
      time(derTags.generalizedTime, '20260101000000.5Z'),
      time(derTags.generalizedTime, '20261301000000Z'),
      time(derTags.generalizedTime, '20270229000000Z'),
      time(derTags.generalizedTime, '20270001000000Z'),
      time(derTags.generalizedTime, '20270200000000Z'),
      time(derTags.generalizedTime, '20270101240000Z'),
      time(derTags.generalizedTime, '20270101006000Z'),
      time(derTags.generalizedTime, '20270101000060Z'),
      time(derTags.generalizedTime, '202701010000 0Z'),
      time(derTags.generalizedTime, '202701010000000'),
      time(derTags.generalizedTime, '260101000000Z'),
      time(derTags.utf8String, '260101000000Z'),
      time(derTags.utcTime, ''),
    ]) {
      await refuse(withEnd(end), /validity is not a time/);
    }
  });

  it('refuses versions that are unknown and extensions that are before their time', async () => {
    const version = (value: bigint) => (parts: TbsParts) => {
      parts.version = encodeElement(0xa0, encodeUnsigned(value));
    };
    await refuse(version(3n), /version is not known/);
    await refuse(version(0n), /version is not known/);
    await refuse(version(1n), /signed part holds more than it may/);
    await refuse((parts) => {
      parts.version = Buffer.alloc(0);
    }, /signed part holds more than it may/);
  });

  it('accepts a client certificate of version 1, which has no extensions', async () => {
    const leaf = changed((parts) => {
      parts.version = Buffer.alloc(0);
      parts.extensions = Buffer.alloc(0);
    });
    accepted({ leaf, trusted: [root] });
  });

  it('refuses a certificate whose two statements of the algorithm differ', async () => {
    await refuse((parts) => {
      parts.algorithm = encodeSequence(encodeOid('1.2.840.10045.4.3.3'));
    }, /two statements of the signature algorithm differ/);
  });

  it('T84 refuses whatever is not one certificate from its first to its last byte', () => {
    const { der } = client;
    for (const bytes of [
      new Uint8Array(),
      Uint8Array.of(0x30),
      Uint8Array.of(0x30, 0x80),
      Uint8Array.of(0x30, 0x84, 0xff, 0xff, 0xff, 0xff),
      Uint8Array.of(0x30, 0x00),
      Uint8Array.of(0x1f, 0x01, 0x00),
      Buffer.concat([der, Buffer.of(0)]),
      Buffer.concat([Buffer.of(0x30, 0x83, 0), der.subarray(2)]),
      new Uint8Array(60_000).fill(0x30),
    ]) {
      assert.ok('problem' in parseCertificate(bytes));
    }
    for (let length = 0; length < der.length; length += 1) {
      assert.ok('problem' in parseCertificate(der.subarray(0, length)), `${length} bytes`);
    }
  });
});
