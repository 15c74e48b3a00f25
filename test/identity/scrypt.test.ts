import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  formatScryptHash,
  matchesScryptHash,
  parseScryptHash,
  scryptDigest,
  scryptLimits,
  scryptWork,
} from '../../src/identity/scrypt.ts';

const salt = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex');
const digest = Buffer.alloc(32, 7);
const spelled = `$scrypt$ln=15,r=8,p=3$AAECAwQFBgcICQoLDA0ODw$${'BwcH'.repeat(10)}Bwc`;

describe('scryptDigest', () => {
  it('computes the example of RFC 7914 section 12', async () => {
    const made = await scryptDigest(Buffer.from('pleaseletmein'), Buffer.from('SodiumChloride'), {
      logN: 14,
      p: 1,
    });
    assert.equal(
      made.toString('hex'),
      '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2',
    );
  });

  it('has the memory for all that may be stored', async () => {
    const cost = { logN: scryptLimits.logNMax, p: 1 };
    assert.equal((await scryptDigest(Buffer.from('x'), salt, cost)).length, 32);
    const wide = { logN: scryptLimits.logNMin, p: scryptLimits.pMax };
    assert.equal((await scryptDigest(Buffer.from('x'), salt, wide)).length, 32);
  });
});

describe('parseScryptHash', () => {
  it('reads what formatScryptHash writes, with the parameters beside the hash', () => {
    assert.equal(formatScryptHash({ logN: 15, p: 3, salt, digest }), spelled);
    assert.deepEqual(parseScryptHash(spelled), { logN: 15, p: 3, salt, digest });
    for (const logN of [scryptLimits.logNMin, scryptLimits.logNMax]) {
      for (const p of [1, scryptLimits.pMax]) {
        const hash = { logN, p, salt, digest };
        assert.deepEqual(parseScryptHash(formatScryptHash(hash)), hash);
      }
    }
  });

  it('T49 refuses hashes that would cost more than a login may, or next to nothing', () => {
    for (const cost of ['ln=09,r=8,p=3', 'ln=9,r=8,p=3', 'ln=19,r=8,p=1', 'ln=15,r=8,p=17']) {
      assert.equal(parseScryptHash(spelled.replace('ln=15,r=8,p=3', cost)), undefined, cost);
    }
  });

  it('refuses every other spelling', () => {
    for (const stored of [
      '',
      'plain',
      spelled.slice(1),
      `${spelled}\n`,
      `${spelled}=`,
      spelled.replace('r=8', 'r=16'),
      spelled.replace('p=3', 'p=0'),
      spelled.replace('ln=15', 'ln=+5'),
      // Bits that do not count are zero in the one spelling.
      `${spelled.slice(0, -1)}d`,
      spelled.replace('AAECAwQFBgcICQoLDA0ODw', 'AAECAwQFBgcICQoLDA0ODx'),
      spelled.replace('$scrypt$', '$2b$10$'),
    ]) {
      assert.equal(parseScryptHash(stored), undefined, stored);
    }
  });
});

describe('matchesScryptHash', () => {
  it('knows the password by which the hash was made, and no other', async () => {
    const cost = { logN: 10, p: 2 };
    const hash = { ...cost, salt, digest: await scryptDigest(Buffer.from('right'), salt, cost) };
    assert.equal(await matchesScryptHash(Buffer.from('right'), hash), true);
    assert.equal(await matchesScryptHash(Buffer.from('wrong'), hash), false);
    assert.equal(await matchesScryptHash(Buffer.from('right'), { ...hash, p: 1 }), false);
  });
});

describe('scryptWork', () => {
  it('is the same for the equal choices of a cost, roughly', () => {
    assert.equal(scryptWork({ logN: 15, p: 3 }), 98_304);
    assert.equal(scryptWork({ logN: 14, p: 6 }), 98_304);
  });
});
