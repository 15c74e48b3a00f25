/** What tokens keep to as operators see them, on any store. */

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { everything } from '../../src/stores/filter.ts';
import { where } from '../../src/stores/parse-filter.ts';
import type { Store } from '../../src/stores/store.ts';
import { digestOf } from '../../src/tokens/secret.ts';
import {
  noCounts,
  overlapSecondsMax,
  tokenCollection,
  tokenCountCollection,
} from '../../src/tokens/token.ts';
import { Tokens } from '../../src/tokens/tokens.ts';
import type { StoreContract, StoreHost } from '../contracts/store-fixture.ts';
import { openTokenStore, terms } from './token-fixture.ts';

export function testTokens(contract: StoreContract): void {
  describe(`tokens on ${contract.name}`, { skip: contract.skip }, () => {
    let host: StoreHost;
    let store: Store;
    let tokens: Tokens;
    let now = new Date('2026-01-02T03:04:05Z');
    before(async () => {
      host = await contract.host();
    });
    beforeEach(async () => {
      await store?.close();
      store = await openTokenStore(host.settings());
      now = new Date('2026-01-02T03:04:05Z');
      tokens = new Tokens(store, () => now);
    });
    after(async () => {
      await store?.close();
      await host[Symbol.asyncDispose]();
    });

    const create = async (some: Parameters<typeof terms>[0] = {}) => {
      const result = await tokens.create(terms(some), 'admin');
      assert.ok(result.outcome === 'created');
      return result;
    };

    it('tells the secret once, and keeps its digest alone', async () => {
      const { token, secret } = await create({ downloadsMax: 3 });
      assert.deepEqual(token, {
        ...terms({ downloadsMax: 3 }),
        _id: token._id,
        ...{ by: 'admin', created: now, revoked: null },
        ...{ secretSince: now, previousSecretUntil: null },
      });
      assert.deepEqual(await tokens.byId(token._id), { ...token, counts: noCounts });
      const kept = JSON.stringify([
        await store.find(tokenCollection, { filter: everything }),
        await store.find(tokenCountCollection, { filter: everything }),
      ]);
      assert.equal(kept.includes(secret), false);
      assert.equal(kept.includes(secret.slice(4, 20)), false);
      assert.equal(kept.includes(digestOf(secret)), true);
      assert.equal(JSON.stringify(token).includes(digestOf(secret)), false);
    });

    it('are listed by customer, with what was counted', async () => {
      const one = await create({ customer: 'One' });
      const other = await create({ customer: 'One', downloadsMax: 5 });
      await create({ customer: 'Two' });
      await store.update(tokenCountCollection, other.token._id, {
        $set: { downloads: 2, bytes: 10, lastUsed: now },
      });
      const filter = where({ customer: 'One' });
      const found = await tokens.find({ filter, sort: [['_id', 1]], fields: ['customer'] });
      const counts = { downloads: 2, bytes: 10, addresses: [], lastUsed: now };
      assert.deepEqual(
        found,
        [
          { ...one.token, counts: noCounts },
          { ...other.token, counts },
        ].toSorted((a, b) => (a._id < b._id ? -1 : 1)),
      );
      assert.equal((await tokens.find({ filter: everything })).length, 3);
    });

    it('are refused with terms that no token may have, and nothing is made', async () => {
      const refused = await tokens.create(terms({ customer: '' }), 'admin');
      assert.deepEqual(refused, {
        outcome: 'invalid',
        problems: [{ property: 'customer', problem: 'it is empty' }],
      });
      assert.deepEqual(await tokens.find({ filter: everything }), []);
    });

    it('change their terms, and keep what was counted', async () => {
      const { token } = await create({ downloadsMax: 3, paths: ['acme'] });
      await store.update(tokenCountCollection, token._id, { $set: { downloads: 3 } });
      const changed = await tokens.change(token._id, { downloadsMax: 5, paths: null });
      const expected = { ...token, downloadsMax: 5, paths: null };
      assert.deepEqual(changed, { outcome: 'changed', token: expected });
      assert.equal((await tokens.byId(token._id))?.counts.downloads, 3);
      assert.deepEqual(await tokens.change(token._id, { bytesMax: 0 }), {
        outcome: 'invalid',
        problems: [
          {
            property: 'bytesMax',
            problem: `it is no whole number from 1 to ${Number.MAX_SAFE_INTEGER}`,
          },
        ],
      });
      assert.deepEqual(await tokens.change('none', {}), { outcome: 'missing' });
    });

    it('judge a window by both its ends, though one alone is changed', async () => {
      const { token } = await create({ validFrom: new Date(5000) });
      const changed = await tokens.change(token._id, { validUntil: new Date(4000) });
      assert.equal(changed.outcome, 'invalid');
    });

    it('get another secret, and the one before is good for the overlap', async () => {
      const { token, secret } = await create();
      const first = digestOf(secret);
      now = new Date('2026-01-03T00:00:00Z');
      const rotated = await tokens.rotate(token._id, 3600);
      assert.ok(rotated.outcome === 'rotated');
      assert.notEqual(digestOf(rotated.secret), first);
      assert.deepEqual(rotated.token.secretSince, now);
      assert.deepEqual(rotated.token.previousSecretUntil, new Date('2026-01-03T01:00:00Z'));
      assert.deepEqual(await digests(token._id), [digestOf(rotated.secret), first]);
      const again = await tokens.rotate(token._id, 60);
      assert.ok(again.outcome === 'rotated');
      assert.deepEqual(await digests(token._id), [
        digestOf(again.secret),
        digestOf(rotated.secret),
      ]);
      const atOnce = await tokens.rotate(token._id, 0);
      assert.ok(atOnce.outcome === 'rotated');
      assert.deepEqual(await digests(token._id), [digestOf(atOnce.secret)]);
      assert.equal(atOnce.token.previousSecretUntil, null);
    });

    it('overlap for no longer than the limit', async () => {
      const { token } = await create();
      for (const seconds of [overlapSecondsMax, overlapSecondsMax + 1]) {
        const rotated = await tokens.rotate(token._id, seconds);
        assert.ok(rotated.outcome === 'rotated');
        const until = new Date(now.getTime() + 1000 * overlapSecondsMax);
        assert.deepEqual(rotated.token.previousSecretUntil, until);
      }
    });

    it('are revoked for good, and the first reason stays', async () => {
      const { token } = await create();
      const how = { by: 'admin', reason: 'leaked' };
      const expected = { ...token, revoked: { at: now, ...how } };
      const revoked = await tokens.revoke(token._id, how);
      assert.deepEqual(revoked, { outcome: 'revoked', token: expected });
      const again = await tokens.revoke(token._id, { by: 'other', reason: 'again' });
      assert.deepEqual(again, { outcome: 'revoked-before', token: expected });
      assert.deepEqual(await tokens.rotate(token._id, 0), { outcome: 'revoked' });
      assert.deepEqual(await tokens.revoke('none', how), { outcome: 'missing' });
      assert.deepEqual(await tokens.rotate('none', 0), { outcome: 'missing' });
    });

    it('are deleted with their counts', async () => {
      const { token } = await create();
      assert.equal(await tokens.delete(token._id), 'deleted');
      assert.equal(await tokens.delete(token._id), 'missing');
      assert.equal(await tokens.byId(token._id), undefined);
      assert.equal(await store.get(tokenCountCollection, token._id), undefined);
    });

    it('T56 are found by texts alone, never by an operator', async () => {
      await create();
      assert.throws(
        () => where({ customer: { $ne: null } as never }),
        /no plain value|not a plain/,
      );
      assert.equal(await tokens.byId('$ne'), undefined);
    });

    async function digests(id: string): Promise<readonly unknown[]> {
      const document = await store.get(tokenCollection, id);
      assert.ok(Array.isArray(document?.secrets));
      return document.secrets.map((secret) => secret.digest);
    }
  });
}
