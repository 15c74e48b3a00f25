import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DerError } from '../../src/identity/der.ts';
import { demandDer, nestingMax, valuesMax } from '../../src/identity/der-form.ts';
import { encodeElement } from '../../src/identity/der-writer.ts';

const bytes = (hex: string): Uint8Array => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const nested = (depth: number): Buffer =>
  depth === 1 ? Buffer.of(5, 0) : encodeElement(0x30, nested(depth - 1));

describe('demandDer', () => {
  for (const [name, hex] of [
    ['a name of a host', '3009 8207 61 2e 62 2e 63 2e 64'],
    ['a name of a directory', '3012 a410 300e 310c 300a 0603 550403 0c03 6f6e65'],
    ['what another type has', '3010 a00e 0604 2a030405 a006 0c04 c3a46262'],
    ['booleans', '3006 0101ff 010100'],
    ['integers', '300d 020100 02017f 02020080 0201ff'],
    ['bits', '3008 030100 0303 04fff0'],
    ['nothing', '0500'],
    ['times', '3020 170d 3236303130313030303030305a 180f 32303236303130313030303030305a'],
    ['a type of its own with anything in it', '8003 ff00ff'],
  ] as const) {
    it(`demandDer takes ${name}`, () => demandDer(bytes(hex), 'value'));
  }

  for (const [name, hex] of [
    ['nothing at all', ''],
    ['a value that is cut off', '3003 8207 61'],
    ['two values', '0500 0500'],
    ['bytes behind a value', '3000 00'],
    ['a length in more bytes than it takes', '308103 820161'],
    ['an indefinite length', '3080 820161 0000'],
    ['a value of several bytes of tag', '3f2101 00'],
    ['a string in pieces', '2404 0402 6161'],
    ['a boolean of another value', '010101'],
    ['an integer with a zero too many', '0202007f'],
    ['a negative integer with a byte too many', '0202ff80'],
    ['an integer of no bytes', '0200'],
    ['bits of which more are unused than there are', '0302 0880'],
    ['unused bits that are 1', '0302 0481'],
    ['unused bits of no byte', '030101'],
    ['a null that is something', '050100'],
    ['an object identifier that is cut off', '0602 2a83'],
    ['an object identifier with a byte too many', '0603 2a8001'],
    ['text that is not UTF-8', '0c01 ff'],
    ['half a character', '1e01 00'],
    ['a time of no calendar', '170d 3236313330313030303030305a'],
    ['a type that no certificate has', '0901 03'],
    ['what is wrong further inside', '3005 a403 3001 05'],
  ] as const) {
    it(`demandDer refuses ${name}`, () => {
      assert.throws(() => demandDer(bytes(hex), 'value'), DerError);
    });
  }

  it(`demandDer takes values ${nestingMax} deep, and no deeper`, () => {
    demandDer(nested(nestingMax), 'value');
    assert.throws(
      () => demandDer(nested(nestingMax + 1), 'value'),
      /its value is nested more than/,
    );
  });

  it('T83 demandDer is not exhausted by what is nested as deep as it can be', () => {
    assert.throws(() => demandDer(nested(5000), 'value'), /is nested more than/);
  });

  it(`demandDer takes ${valuesMax} values, and not one more`, () => {
    const list = (count: number): Buffer =>
      encodeElement(0x30, Buffer.alloc(count * 2, '0500', 'hex'));
    demandDer(list(valuesMax - 1), 'value');
    assert.throws(() => demandDer(list(valuesMax), 'value'), /its value has more than 4096 values/);
  });
});
