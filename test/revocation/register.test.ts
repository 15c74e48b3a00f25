import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RevocationRegister } from '../../src/revocation/register.ts';
import type { VerifiedList } from '../../src/revocation/verify-lists.ts';

function listOf(serials: readonly number[], more: Partial<VerifiedList> = {}): VerifiedList {
  return {
    authority: 'id',
    authorityText: 'CN=root',
    number: 5n,
    thisUpdate: 1000,
    nextUpdate: 2000,
    entries: {
      width: 1,
      serials: Uint8Array.from(serials),
      times: Float64Array.from(serials, () => 0),
      reasons: Uint8Array.from(serials, () => 255),
    },
    ...more,
  };
}

describe('RevocationRegister', () => {
  it('RevocationRegister changes with every list that is another, and not with the same again', () => {
    let changes = 0;
    const register = new RevocationRegister(() => {
      changes += 1;
    });
    const offered: readonly (readonly [list: VerifiedList, changes: number])[] = [
      [listOf([1, 2]), 1],
      [listOf([1, 2]), 1],
      [listOf([1, 3]), 2],
      [listOf([1]), 3],
      [listOf([1], { nextUpdate: 3000 }), 4],
      [listOf([1], { nextUpdate: 3000, number: 6n }), 5],
      [listOf([1], { nextUpdate: 3000, number: 6n, thisUpdate: 1001 }), 6],
      [listOf([1], { authority: 'other' }), 7],
    ];
    for (const [list, expected] of offered) {
      assert.deepEqual(register.offer([list], 'a.crl'), []);
      assert.equal(changes, expected);
    }
    assert.equal(register.find('id')?.serials.find('3'), undefined);
    assert.equal(register.lists.length, 2);
  });

  it('T14 RevocationRegister keeps out what is older, and takes the others of the source', () => {
    const register = new RevocationRegister(() => {});
    register.offer([listOf([1])], 'a.crl');
    const older: readonly (readonly [list: VerifiedList, reason: RegExp])[] = [
      [listOf([], { number: 4n }), /has the number 4, and the one in force 5/],
      [listOf([], { number: undefined }), /has no number, and the one in force 5/],
      [listOf([], { thisUpdate: 999 }), /is of 1970-01-01T00:16:39Z, and the one in force of/],
    ];
    for (const [list, reason] of older) {
      const [problem = '', ...others] = register.offer(
        [list, listOf([7], { authority: 'other' })],
        'b.crl',
      );
      assert.match(problem, reason);
      assert.deepEqual(others, []);
      assert.notEqual(register.find('id')?.serials.find('1'), undefined);
      assert.notEqual(register.find('other')?.serials.find('7'), undefined);
    }
  });
});
