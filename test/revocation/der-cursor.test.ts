import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DerError, derTags } from '../../src/identity/der.ts';
import { DerCursor } from '../../src/revocation/der-cursor.ts';

const tag = derTags.octetString;

function lengthOf(hex: string, size?: number): number {
  const bytes = Buffer.alloc(size ?? hex.length / 2);
  Buffer.from(hex, 'hex').copy(bytes);
  const cursor = new DerCursor(bytes);
  return cursor.enter(tag, bytes.length, 'value') - cursor.offset;
}

describe('DerCursor', () => {
  it('DerCursor reads every length in its one spelling', () => {
    assert.equal(lengthOf('0400'), 0);
    assert.equal(lengthOf('047f', 129), 127);
    assert.equal(lengthOf('048180', 131), 128);
    assert.equal(lengthOf('0482ffff', 65_539), 65_535);
    assert.equal(lengthOf('0483ffffff', 16_777_220), 16_777_215);
    assert.equal(lengthOf('048401000000', 16_777_222), 16_777_216);
  });

  it('DerCursor refuses every other spelling, and what is cut off', () => {
    for (const [hex, size] of [
      ['0480', 10],
      ['04817f', 200],
      ['04820080', 200],
      ['0483008000', 40_000],
      ['048400800000', 9_000_000],
      ['04850001000000', 17_000_000],
      ['04ff', 300],
      ['04', 1],
      ['0481', 2],
      ['0405', 6],
      ['0484ffffffff', 10],
      ['0500', 2],
    ] as const) {
      assert.throws(() => lengthOf(hex, size), DerError, hex);
    }
  });

  it('DerCursor reads nothing past the end that it is given', () => {
    const bytes = Buffer.from('04020102', 'hex');
    for (let end = 0; end < bytes.length; end += 1) {
      assert.throws(() => new DerCursor(bytes).enter(tag, end, 'value'), DerError);
    }
    assert.equal(new DerCursor(bytes).has(tag, 0), false);
    const cursor = new DerCursor(bytes);
    assert.deepEqual(Buffer.from(cursor.take(tag, 4, 'value')), bytes);
    cursor.finish(4, 'value');
    assert.throws(() => cursor.finish(3, 'value'), DerError);
  });
});
