/** What the deny-list keeps to, on any store. */

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import {
  DeniedCertificates,
  deniedCertificateCollections,
  deniedCertificates,
} from '../../src/people/denied-certificates.ts';
import { everything } from '../../src/stores/filter.ts';
import { openStore, type StoreSettings } from '../../src/stores/open.ts';
import { where } from '../../src/stores/parse-filter.ts';
import type { Store } from '../../src/stores/store.ts';
import type { StoreContract, StoreHost } from '../contracts/store-fixture.ts';

const fingerprint = 'a1'.repeat(32);
const issuer = [
  { oid: '2.5.4.10', value: 'Acme' },
  { oid: '2.5.4.3', value: 'Root' },
];
const denial = { reason: 'The laptop was stolen', by: 'admin' };
const since = new Date('2026-01-02T03:04:05Z');

export function testDeniedCertificates(contract: StoreContract): void {
  describe(`the deny-list on ${contract.name}`, { skip: contract.skip }, () => {
    let host: StoreHost;
    let settings: StoreSettings;
    let store: Store;
    let list: DeniedCertificates;
    before(async () => {
      host = await contract.host();
    });
    beforeEach(async () => {
      await store?.close();
      settings = host.settings();
      store = await open(settings);
      list = new DeniedCertificates(store, () => since);
    });
    after(async () => {
      await store?.close();
      await host[Symbol.asyncDispose]();
    });

    it('keeps what was denied, why, by whom and since when', async () => {
      const one = await list.add({ fingerprint }, denial);
      assert.deepEqual(one, {
        _id: `sha256:${fingerprint}`,
        ...{ fingerprint, serial: null, issuer: null, issuerText: null },
        ...denial,
        since,
      });
      const other = await list.add({ issuer, serial: 'a01ff' }, denial);
      assert.match(other?._id ?? '', /^serial:[0-9a-f]{64}:a01ff$/);
      assert.deepEqual(other?.issuer, issuer);
      assert.equal(other?.issuerText, 'O=Acme,CN=Root');
      assert.deepEqual(await list.byId(other._id), other);
      assert.deepEqual(await list.find({ filter: where({ serial: 'a01ff' }) }), [other]);
      const all = await list.find({ filter: everything, sort: [['_id', 1]], fields: ['reason'] });
      assert.deepEqual(all, [other, one]);
    });

    it('keeps the first reason when it is denied again, by two at once as well', async () => {
      const results = await Promise.all(
        ['one', 'two'].map((reason) => list.add({ fingerprint }, { ...denial, reason })),
      );
      const [added, ...more] = results.filter((result) => result !== undefined);
      assert.deepEqual(more, []);
      assert.equal((await list.byId(`sha256:${fingerprint}`))?.reason, added?.reason);
    });

    it('takes off what was on it', async () => {
      const denied = await list.add({ fingerprint }, denial);
      assert.ok(denied);
      assert.equal(await list.remove(denied._id), 'removed');
      assert.equal(await list.remove(denied._id), 'missing');
      assert.equal(await list.byId(denied._id), undefined);
    });

    it('is seen by another opening of the store as a change of its collection', async () => {
      await using other = await open(settings);
      const revision = await other.revision();
      await list.add({ fingerprint }, denial);
      const { collections } = await other.changedSince(revision);
      assert.deepEqual([...collections], [deniedCertificates]);
    });
  });
}

function open(settings: StoreSettings): Promise<Store> {
  return openStore({ settings, access: 'write', collections: deniedCertificateCollections });
}
