import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { matchesPulpHash, parsePulpHash } from '../../src/identity/pulp-hash.ts';

/** Computed with Python's hmac, as Pulp 2 does. */
const vectors = [
  { password: 'admin', stored: 'AAECAwQFBgc=,6RMjVnW61zCpqcS8HXbec6hm0Lz4hTlO3Rt6SnX/YDI=' },
  {
    // Longer than a block of SHA-256; the salt has bytes that are no text.
    password: 'x'.repeat(100),
    stored: '/wCAQUJDRAo=,jztqHHKjg3OVpx0eZo6APLgDPBOnInUoHwItN0SBWWk=',
  },
];

describe('matchesPulpHash', () => {
  it("knows the passwords of Pulp 2's hashes, and no others", async () => {
    for (const { password, stored } of vectors) {
      const hash = parsePulpHash(stored);
      assert.ok(hash !== undefined);
      assert.equal(await matchesPulpHash(Buffer.from(password), hash), true);
      assert.equal(await matchesPulpHash(Buffer.from(`${password}x`), hash), false);
    }
  });

  it('T49 lets other work in between', async () => {
    const hash = parsePulpHash(vectors[0]?.stored ?? '');
    assert.ok(hash !== undefined);
    let turns = 0;
    const count = (): void => {
      turns += 1;
      next = setImmediate(count);
    };
    let next = setImmediate(count);
    await matchesPulpHash(Buffer.from('x'), hash);
    clearImmediate(next);
    assert.ok(turns >= 49, `${turns}`);
  });
});

describe('parsePulpHash', () => {
  it('refuses what Pulp 2 does not write', () => {
    const good = vectors[0]?.stored ?? '';
    for (const stored of [
      '',
      ',',
      good.replace(',', ''),
      good.replace(',', ',,'),
      `${good},`,
      `${good}\n`,
      ` ${good}`,
      good.replace('AAEC', 'AAE'),
      good.slice(0, -4),
      good.replace('DI=', 'DJ='),
      '$scrypt$ln=15,r=8,p=3$a$b',
    ]) {
      assert.equal(parsePulpHash(stored), undefined, stored);
    }
  });
});
