import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  DerError,
  DerReader,
  derTags,
  readBoolean,
  readOctetAlignedBits,
  readOid,
  readSmallInteger,
  readWhole,
} from '../../src/identity/der.ts';
import {
  encodeElement,
  encodeOid,
  encodeTime,
  encodeUnsigned,
} from '../../src/identity/der-writer.ts';
import { readNamedBits } from '../../src/identity/named-bits.ts';

const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');

describe('DerReader', () => {
  it('reads elements one after the other', () => {
    const reader = new DerReader(bytes('02 01 05  04 00  30 03 02 01 07'));
    assert.deepEqual([...reader.read(derTags.integer, 'x').content], [5]);
    assert.deepEqual([...reader.read(derTags.octetString, 'x').raw], [4, 0]);
    assert.equal(reader.readOptional(derTags.integer, 'x'), undefined);
    assert.equal(reader.done, false);
    assert.throws(() => reader.end('list'), /its list holds more than it may/);
    assert.equal(reader.readAny('x').tag, derTags.sequence);
    assert.equal(reader.done, true);
    reader.end('list');
    assert.throws(() => reader.readAny('thing'), /its thing is missing/);
  });

  it('refuses BER that is not DER, and what is cut off', () => {
    for (const hex of [
      '30 80 00 00',
      '30 81 7f',
      '30 81 05 00 00 00 00 00',
      '30 82 00 85',
      '30 84 00 00 00 01 00',
      '30 ff',
      '1f 81 00 00',
      '30',
      '30 82 01',
      '30 05 00',
    ]) {
      assert.throws(() => new DerReader(bytes(hex)).readAny('x'), DerError, hex);
    }
  });

  it('reads what encodeElement writes, at every form of length', () => {
    for (const length of [0, 1, 0x7f, 0x80, 0xff, 0x100, 0xffff]) {
      const content = new Uint8Array(length).fill(7);
      const element = encodeElement(derTags.octetString, content);
      assert.equal(readWhole(element, derTags.octetString, 'x').content.length, length);
      const longer = Buffer.concat([element, Buffer.of(0)]);
      assert.throws(() => readWhole(longer, derTags.octetString, 'x'), DerError);
    }
    assert.throws(() => encodeElement(derTags.octetString, new Uint8Array(0x1_0000)), RangeError);
  });

  it('throws nothing but DerError, whatever the bytes', () => {
    const readers = [readBoolean, readNamedBits, readOctetAlignedBits, readOid, readSmallInteger];
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (input) => {
        for (const read of [...readers, (all: Uint8Array) => new DerReader(all).readAny('x')]) {
          try {
            read(input, 'x');
          } catch (error) {
            assert.ok(error instanceof DerError);
          }
        }
      }),
    );
  });
});

describe('DER values', () => {
  it('readSmallInteger reads up to 2^31 - 1', () => {
    assert.equal(readSmallInteger(bytes('00'), 'x'), 0);
    assert.equal(readSmallInteger(bytes('7f ff ff ff'), 'x'), 2 ** 31 - 1);
    for (const hex of ['00 80 00 00 00', '01 00 00 00 00', '80', '00 7f', '']) {
      assert.throws(() => readSmallInteger(bytes(hex), 'x'), DerError, hex);
    }
  });

  it('readBoolean knows two values', () => {
    assert.equal(readBoolean(bytes('ff'), 'x'), true);
    assert.equal(readBoolean(bytes('00'), 'x'), false);
    for (const hex of ['01', '', 'ff ff']) {
      assert.throws(() => readBoolean(bytes(hex), 'x'), DerError, hex);
    }
  });

  it('readNamedBits counts from the left, tolerates trailing zeros, and refuses hidden bits', () => {
    assert.deepEqual([...readNamedBits(bytes('07 80'), 'x')], [0]);
    assert.deepEqual([...readNamedBits(bytes('01 06'), 'x')], [5, 6]);
    assert.deepEqual([...readNamedBits(bytes('00 80'), 'x')], [0]);
    assert.deepEqual([...readNamedBits(bytes('07 06 80'), 'x')], [5, 6, 8]);
    assert.deepEqual([...readNamedBits(bytes('00'), 'x')], []);
    for (const hex of ['', '01', '08 80', '07 81', '02 06']) {
      assert.throws(() => readNamedBits(bytes(hex), 'x'), DerError, hex);
    }
  });

  it('readOid reads what encodeOid writes, and refuses padding and cuts', () => {
    for (const oid of [
      '2.5.4.3',
      '1.2.840.113549.1.1.11',
      '0.9.2342.19200300.100.1.1',
      '2.999.1',
      '1.3.6.1.4.1.2312.9',
    ]) {
      assert.equal(readOid(readWhole(encodeOid(oid), derTags.oid, 'x').content, 'x'), oid);
    }
    for (const hex of ['', '80', '55 04 80 03', '55 84', '55 ff ff ff ff ff ff ff ff ff 7f']) {
      assert.throws(() => readOid(bytes(hex), 'x'), DerError, hex);
    }
  });

  it('encodeUnsigned never writes a negative number', () => {
    assert.deepEqual([...encodeUnsigned(0n)], [2, 1, 0]);
    assert.deepEqual([...encodeUnsigned(127n)], [2, 1, 127]);
    assert.deepEqual([...encodeUnsigned(128n)], [2, 2, 0, 128]);
    assert.deepEqual([...encodeUnsigned(256n)], [2, 2, 1, 0]);
  });

  it('encodeTime changes its form in 2050', () => {
    assert.equal(
      encodeTime(new Date('2049-12-31T23:59:59Z')).toString('latin1', 2),
      '491231235959Z',
    );
    assert.equal(
      encodeTime(new Date('2050-01-01T00:00:00Z')).toString('latin1', 2),
      '20500101000000Z',
    );
  });
});
