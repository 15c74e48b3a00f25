import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { AuthorityStore } from '../../src/identity/authority-store.ts';
import { verifyChain } from '../../src/identity/chain.ts';
import { derTags } from '../../src/identity/der.ts';
import { encodeElement, encodeOid, encodeSequence } from '../../src/identity/der-writer.ts';
import { mutate } from '../support/mutate.ts';
import { type Credential, createPki, type Pki } from '../support/pki.ts';
import { randomSource } from '../support/random.ts';
import { resign, type TbsParts } from '../support/resign.ts';
import { accepted, parsed, refused } from './chain-fixture.ts';

const mutations = 5000;

describe('verifyChain, given hostile bytes,', () => {
  let pki: Pki;
  let root: Credential;
  let middle: Credential;
  let leaf: Credential;

  before(async () => {
    pki = createPki();
    root = await pki.authority({ subject: '/CN=root' });
    middle = await pki.authority({ subject: '/CN=middle' }, root);
    leaf = await pki.client(middle);
  });
  after(() => pki[Symbol.dispose]());

  it('T84 refuses every mutation of a good certificate, soon and without an exception', async () => {
    const random = randomSource(84);
    const authorities = new AuthorityStore([parsed(root)]);
    let slowest = 0;
    for (let round = 0; round < mutations; round += 1) {
      const changed = mutate(leaf.der, random);
      const start = performance.now();
      const verdict = verifyChain({
        leaf: changed,
        intermediates: [middle.der],
        authorities,
        now: new Date(),
      });
      slowest = Math.max(slowest, performance.now() - start);
      assert.ok(!verdict.valid || Buffer.from(changed).equals(leaf.der), `round ${round}`);
    }
    assert.ok(slowest < 1000, `the slowest took ${slowest} ms`);
  });

  it('T84 refuses every mutation of an intermediate, or finds it as it was', async () => {
    const random = randomSource(85);
    const authorities = new AuthorityStore([parsed(root)]);
    for (let round = 0; round < mutations; round += 1) {
      const changed = mutate(middle.der, random);
      const verdict = verifyChain({
        leaf: leaf.der,
        intermediates: [changed],
        authorities,
        now: new Date(),
      });
      assert.ok(!verdict.valid || Buffer.from(changed).equals(middle.der), `round ${round}`);
    }
  });

  it('T84 answers for whatever a trusted CA may have signed', async () => {
    const random = randomSource(86);
    const authorities = new AuthorityStore([parsed(middle)]);
    let valid = 0;
    for (let round = 0; round < mutations / 5; round += 1) {
      const odd = resign(leaf, middle, (parts) => {
        const names = Object.keys(parts) as (keyof TbsParts)[];
        const name = names[random(names.length)] ?? 'subject';
        parts[name] = Buffer.from(mutate(parts[name], random));
      });
      const request = { leaf: odd.der, intermediates: [], authorities, now: new Date() };
      const verdict = verifyChain(request);
      if (verdict.valid) valid += 1;
      else assert.notEqual(verdict.reason, '');
    }
    // Some mutations change a name or the key, and leave a certificate that is as good.
    assert.ok(valid > 0 && valid < mutations / 10, `${valid} were accepted`);
  });

  it('T83 is not exhausted by values nested in an extension', async () => {
    let nested: Buffer = encodeElement(derTags.octetString, Buffer.of(5, 0));
    for (let depth = 0; depth < 12_000; depth += 1) {
      if (nested.length > 45_000) break;
      nested = encodeElement(depth % 2 === 0 ? derTags.octetString : derTags.sequence, nested);
    }
    const deep = resign(leaf, middle, (parts) => {
      parts.extensions = withExtensions(nested);
    });
    // Our own reader never looks inside, and pkijs not deeper than its limit.
    accepted({ leaf: deep, sent: [middle], trusted: [root] });
  });

  it('accepts a certificate as long and with as many extensions as a v1 entitlement', async () => {
    const value = Buffer.from('/content/dist/rhel/server/7/$releasever');
    const many = Array.from({ length: 185 * 5 }, () => encodeElement(derTags.utf8String, value));
    const long = resign(leaf, middle, (parts) => {
      parts.extensions = withExtensions(...many);
    });
    assert.ok(long.der.length > 45_000, `${long.der.length} bytes`);
    accepted({ leaf: long, sent: [middle], trusted: [root] });
  });

  it('takes 4096 extensions, and not one more', async () => {
    const withMany = (count: number) =>
      resign(leaf, middle, (parts) => {
        parts.extensions = withExtensions(...Array.from({ length: count }, () => Buffer.of(5, 0)));
      });
    accepted({ leaf: withMany(4096), sent: [middle], trusted: [root] });
    refused({ leaf: withMany(4097), sent: [middle], trusted: [root] }, /more than 4096 extensions/);
  });
});

function withExtensions(...values: readonly Buffer[]): Buffer {
  const list = values.map((value, index) =>
    encodeSequence(encodeOid(`1.3.6.1.${index}`), encodeElement(derTags.octetString, value)),
  );
  return encodeElement(0xa3, encodeSequence(...list));
}
