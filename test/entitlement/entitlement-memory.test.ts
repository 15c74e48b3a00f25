import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { EntitlementMemory } from '../../src/entitlement/entitlement-memory.ts';
import { fingerprintOf } from '../../src/identity/certificate.ts';
import { parseCertificatePem } from '../../src/pem.ts';

function certificate(name: string) {
  const file = path.join(import.meta.dirname, `../fixtures/entitlement/certs/${name}.pem`);
  const pem = parseCertificatePem(readFileSync(file, 'utf8'));
  assert.ok('certificates' in pem && pem.certificates[0] !== undefined);
  const [der] = pem.certificates;
  return { der, fingerprint: fingerprintOf(der) };
}

const one = certificate('v3-basic');
const two = certificate('v1-basic');
const three = certificate('v3-one');
const bytesMax = 1e6;

describe('EntitlementMemory', () => {
  it('EntitlementMemory decodes each certificate once', () => {
    const memory = new EntitlementMemory();
    const first = memory.read(one);
    assert.ok('find' in first);
    assert.equal(memory.read({ ...one }), first);
    assert.notEqual(memory.read(two), first);
    assert.equal(memory.size, 2);
  });

  it('EntitlementMemory keeps also that there is none', () => {
    const memory = new EntitlementMemory();
    const identity = memory.read(certificate('identity'));
    assert.deepEqual(identity, { unusable: 'it is not an entitlement certificate' });
    assert.equal(memory.read(certificate('identity')), identity);
    const broken = { der: Uint8Array.of(0x30), fingerprint: 'x' };
    assert.deepEqual(memory.read(broken), { unusable: 'its outer structure is cut off' });
  });

  it('EntitlementMemory keeps as many as its limit says, and drops who was not asked for longest', () => {
    const memory = new EntitlementMemory({ entriesMax: 2, bytesMax });
    const first = memory.read(one);
    const second = memory.read(two);
    assert.equal(memory.read(one), first);
    memory.read(three);
    assert.equal(memory.size, 2);
    assert.equal(memory.read(one), first);
    assert.notEqual(memory.read(two), second);
  });

  it('EntitlementMemory keeps as many bytes as its limit says', () => {
    const bytesOf = (...certificates: readonly (typeof one)[]): number => {
      const holds = (limit: number): boolean => {
        const memory = new EntitlementMemory({ entriesMax: 10, bytesMax: limit });
        for (const each of certificates) memory.read(each);
        return memory.size === certificates.length;
      };
      let [tooFew, enough] = [0, bytesMax];
      while (enough - tooFew > 1) {
        const middle = Math.floor((tooFew + enough) / 2);
        if (holds(middle)) enough = middle;
        else tooFew = middle;
      }
      return enough;
    };
    assert.equal(bytesOf(one, two), bytesOf(one) + bytesOf(two));
    const tight = new EntitlementMemory({ entriesMax: 10, bytesMax: bytesOf(one, two) - 1 });
    tight.read(one);
    tight.read(two);
    assert.equal(tight.size, 1);
    const none = new EntitlementMemory({ entriesMax: 10, bytesMax: 0 });
    assert.ok('find' in none.read(one));
    assert.equal(none.size, 0);
  });
});
