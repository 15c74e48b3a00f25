/** What rules are told of tokens, and what is charged to them, on any store. */

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { createLogger } from '../../src/log.ts';
import type { StoreSettings } from '../../src/stores/open.ts';
import type { Store } from '../../src/stores/store.ts';
import { newSecret } from '../../src/tokens/secret.ts';
import { type TokenTerms, tokenCountCollection } from '../../src/tokens/token.ts';
import { Tokens } from '../../src/tokens/tokens.ts';
import { UsageBook, usageEntriesMax } from '../../src/tokens/usage-book.ts';
import type { StoreContract, StoreHost } from '../contracts/store-fixture.ts';
import { openTokenStore, type TokenWorker, terms, tokenWorker } from './token-fixture.ts';

const { signal } = new AbortController();

export function testCustomerTokens(contract: StoreContract): void {
  describe(`tokens of customers on ${contract.name}`, { skip: contract.skip }, () => {
    let host: StoreHost;
    let settings: StoreSettings;
    let store: Store;
    let operator: Tokens;
    let now = new Date();
    const opened: Store[] = [];
    before(async () => {
      host = await contract.host();
    });
    beforeEach(async () => {
      now = new Date('2026-01-02T00:00:00Z');
      settings = host.settings();
      store = await open();
      operator = new Tokens(store, () => now);
    });
    after(async () => {
      for (const each of opened) await each.close();
      await host[Symbol.asyncDispose]();
    });

    async function open(): Promise<Store> {
      const each = await openTokenStore(settings);
      opened.push(each);
      return each;
    }

    async function worker(): Promise<TokenWorker> {
      return tokenWorker(await open(), () => now);
    }

    async function create(some: Partial<TokenTerms> = {}) {
      const made = await operator.create(terms(some), 'admin');
      assert.ok(made.outcome === 'created');
      return { id: made.token._id, secret: made.secret };
    }

    const ask = async (
      { tokens }: TokenWorker,
      secret: string,
      path = 'acme/el9/file',
      address = '192.0.2.1',
    ): Promise<string> => {
      const [vendor, name, ...rest] = path.split('/');
      const verdict = await tokens.verify({
        ...{ secret, address },
        distribution: `${vendor}/${name}`,
        pathInDistribution: `/${rest.join('/')}`,
      });
      if (verdict.outcome === 'admitted') return `admitted ${verdict.id} ${verdict.customer}`;
      return 'reason' in verdict ? `${verdict.outcome}: ${verdict.reason}` : verdict.outcome;
    };

    const settle = async (
      { tokens }: TokenWorker,
      id: string,
      bytes = 10,
      address = '192.0.2.1',
    ): Promise<string> => {
      const settlement = await tokens.settle(id, { bytes, address }, signal);
      return settlement.outcome === 'settled' ? 'settled' : settlement.reason;
    };

    it('are admitted, and nothing else is', async () => {
      const one = await worker();
      const { id, secret } = await create();
      assert.equal(await ask(one, secret), `admitted ${id} Acme`);
      assert.match(await ask(one, newSecret()), /^unusable: the store has no such token/);
      for (const wrong of ['', 'pct_', `${secret}x`, secret.slice(4), id]) {
        assert.equal(await ask(one, wrong), 'unusable: it is no token');
      }
    });

    it('T97 are good from their first moment up to their last, by the clock that is passed in', async () => {
      const one = await worker();
      const { secret } = await create({
        validFrom: new Date('2026-02-01T00:00:00Z'),
        validUntil: new Date('2026-03-01T00:00:00Z'),
      });
      for (const [time, expected] of [
        ['2026-01-31T23:59:59.999Z', /^unusable: .*not valid before 2026-02-01T00:00:00Z/],
        ['2026-02-01T00:00:00Z', /^admitted/],
        ['2026-02-28T23:59:59.999Z', /^admitted/],
        ['2026-03-01T00:00:00Z', /^unusable: .*expired at 2026-03-01T00:00:00Z/],
        ['no time', /^unusable: .*expired/],
      ] as const) {
        now = new Date(time);
        assert.match(await ask(one, secret), expected, time);
      }
    });

    it('are good for their distributions and paths alone', async () => {
      const one = await worker();
      const { secret } = await create({
        distributions: ['acme/el9', 'acme/el8'],
        paths: ['acme/*/Packages', 'acme/el9/repodata'],
      });
      for (const [path, expected] of [
        ['acme/el9/Packages/a.rpm', /^admitted/],
        ['acme/el8/Packages/', /^admitted/],
        ['acme/el9/repodata/repomd.xml', /^admitted/],
        ['acme/el8/repodata/repomd.xml', /^refused: .*not for this path/],
        ['acme/el9/', /^refused: .*not for this path/],
        ['acme/el10/Packages/a.rpm', /^refused: .*not for this distribution/],
      ] as const) {
        assert.match(await ask(one, secret, path), expected, path);
      }
    });

    it('T54 are useless once they are revoked or deleted, also between verdict and delivery', async () => {
      const one = await worker();
      const { id, secret } = await create();
      assert.match(await ask(one, secret), /^admitted/);
      await operator.revoke(id, { by: 'admin', reason: 'it leaked' });
      assert.match(
        await ask(one, secret),
        /^unusable: .*revoked at 2026-01-02T00:00:00Z: it leaked/,
      );
      assert.match(await settle(one, id), /was revoked/);
      await operator.delete(id);
      assert.match(await ask(one, secret), /no such token/);
      assert.match(await settle(one, id), /was deleted/);
    });

    it('have two secrets while a rotation overlaps, and one after that', async () => {
      const one = await worker();
      const { id, secret } = await create();
      const rotated = await operator.rotate(id, 60);
      assert.ok(rotated.outcome === 'rotated');
      assert.match(await ask(one, secret), /^admitted/);
      assert.match(await ask(one, rotated.secret), /^admitted/);
      now = new Date(now.getTime() + 59_999);
      assert.match(await ask(one, secret), /^admitted/);
      now = new Date(now.getTime() + 1);
      assert.match(await ask(one, secret), /^unusable: .*got another secret.*2026-01-02T00:01:00Z/);
      assert.match(await ask(one, rotated.secret), /^admitted/);
    });

    it('T64 are charged exactly as often as their limit, by many at once in several processes', async () => {
      const workers = await Promise.all([worker(), worker(), worker(), worker()]);
      const { id, secret } = await create({ downloadsMax: 3 });
      const outcomes = await Promise.all(
        Array.from({ length: 100 }, (_, index) => settle(workers[index % 4] as TokenWorker, id)),
      );
      assert.equal(outcomes.filter((outcome) => outcome === 'settled').length, 3);
      assert.match(
        outcomes.find((outcome) => outcome !== 'settled') ?? '',
        /3 downloads is reached/,
      );
      const { counts } = (await operator.byId(id)) ?? {};
      assert.deepEqual(counts, { downloads: 3, bytes: 30, addresses: [], lastUsed: now });
      assert.match(await ask(workers[0], secret), /^refused: .*limit of 3 downloads is reached/);
      await operator.change(id, { downloadsMax: 4 });
      assert.equal(await settle(workers[1], id), 'settled');
      assert.match(await settle(workers[2], id), /4 downloads/);
    });

    it('T64 are charged no more bytes than their limit', async () => {
      const one = await worker();
      const { id, secret } = await create({ bytesMax: 25 });
      const outcomes = await Promise.all(Array.from({ length: 20 }, () => settle(one, id, 10)));
      assert.equal(outcomes.filter((outcome) => outcome === 'settled').length, 2);
      assert.match(outcomes.at(-1) ?? '', /limit of 25 bytes leaves 5, and 10 are asked for/);
      assert.match(await ask(one, secret), /^admitted/);
      assert.equal(await settle(one, id, 5), 'settled');
      assert.match(await ask(one, secret), /^refused: .*limit of 25 bytes is reached/);
      assert.match(await settle(one, id, 0), /limit of 25 bytes is reached/);
    });

    it('T64 are used from no more addresses than their limit, an IPv6 network being one', async () => {
      const one = await worker();
      const { id, secret } = await create({ addressesMax: 2 });
      const from = (address: string | undefined) => settle(one, id, 1, address);
      assert.equal(await from('192.0.2.1'), 'settled');
      assert.equal(await from('2001:db8:0:1::1'), 'settled');
      assert.equal(await from('2001:db8:0:1:ffff::9'), 'settled');
      assert.equal(await from('192.0.2.1'), 'settled');
      assert.match(await from('192.0.2.2'), /2 addresses is reached, and 192\.0\.2\.2 is another/);
      assert.match(await from('2001:db8:0:2::1'), /2001:db8:0:2::\/64 is another/);
      const unknown = await one.tokens.settle(id, { bytes: 1, address: undefined }, signal);
      assert.match(JSON.stringify(unknown), /the address of the client is not known/);
      assert.match(await ask(one, secret, 'acme/el9/x', '192.0.2.2'), /^refused: .*2 addresses/);
      assert.match(await ask(one, secret, 'acme/el9/x', '192.0.2.1'), /^admitted/);
      const { counts } = (await operator.byId(id)) ?? {};
      assert.deepEqual(counts?.addresses, ['192.0.2.1', '2001:db8:0:1::/64']);
      assert.equal(counts?.downloads, 4);
    });

    it('are not charged for who has gone while others were', async () => {
      const one = await worker();
      const { id } = await create({ downloadsMax: 5 });
      const gone = AbortSignal.abort();
      const first = settle(one, id);
      const second = one.tokens.settle(id, { bytes: 1, address: '192.0.2.1' }, gone);
      assert.equal(await first, 'settled');
      assert.equal((await second).outcome, 'refused');
      assert.equal((await operator.byId(id))?.counts.downloads, 1);
    });

    it('cost no write without counted limits, and are counted in batches', async () => {
      const one = await worker();
      const { id } = await create();
      const before = await store.get(tokenCountCollection, id);
      for (let time = 0; time < 5; time += 1) assert.equal(await settle(one, id), 'settled');
      assert.deepEqual(await store.get(tokenCountCollection, id), before);
      await one.usage.flush();
      const written = await store.get(tokenCountCollection, id);
      assert.equal(written?._version, 2);
      const { counts } = (await operator.byId(id)) ?? {};
      assert.deepEqual(counts, { downloads: 5, bytes: 50, addresses: [], lastUsed: now });
      await one.usage.flush();
      assert.equal((await store.get(tokenCountCollection, id))?._version, 2);
      assert.deepEqual(one.log, []);
    });

    it('are counted again what could not be written', async () => {
      const log: string[] = [];
      const logger = createLogger({ level: 'info', write: (line) => log.push(line) });
      const { id } = await create();
      let isAway = true;
      const usage = new UsageBook(async () => {
        if (isAway) throw new Error('it is away');
        return store;
      }, logger);
      usage.record(id, 10, now);
      await usage.flush();
      assert.match(log.join(), /it is away/);
      usage.record(id, 10, now);
      isAway = false;
      await usage.flush();
      assert.equal((await operator.byId(id))?.counts.downloads, 2);
    });

    it('are counted up to the limit of the book, and past it that is said', async () => {
      const log: string[] = [];
      const logger = createLogger({ level: 'info', write: (line) => log.push(line) });
      const written = new Set<string>();
      const update = async (_: string, id: string) => {
        written.add(id);
        return { outcome: 'missing' } as const;
      };
      const usage = new UsageBook(async () => ({ update }), logger);
      for (let index = 0; index < usageEntriesMax; index += 1) usage.record(`${index}`, 1, now);
      usage.record('0', 1, now);
      await usage.flush();
      assert.equal(written.size, usageEntriesMax);
      assert.deepEqual(log, []);
      for (let index = 0; index <= usageEntriesMax; index += 1) usage.record(`${index}`, 1, now);
      await usage.flush();
      assert.match(log.join(), /not counted.*"downloads":1[,}]/);
    });

    it('T52 are guessed a bounded number of times from a network, which keeps no right one out', async () => {
      const one = await worker();
      const { secret } = await create();
      const late = await create();
      assert.match(await ask(one, secret), /^admitted/);
      const guesses: string[] = [];
      for (let guess = 0; guess < 110; guess += 1) guesses.push(await ask(one, newSecret()));
      assert.equal(guesses.filter((answer) => answer === 'too-many').length > 0, true);
      assert.equal(guesses.filter((answer) => answer.startsWith('unusable')).length >= 100, true);
      assert.match(await ask(one, secret), /^admitted/);
      assert.match(await ask(one, secret, 'acme/el9/x', '198.51.100.1'), /^admitted/);
      assert.match(await ask(one, late.secret, 'acme/el9/x', '198.51.100.1'), /^admitted/);
    });

    it('T52 are heard all at once, however many clients come in the morning', async () => {
      const one = await worker();
      const made = await Promise.all(Array.from({ length: 3 }, () => create()));
      const clients = Array.from({ length: 150 }, (_, index) => made[index % 3]?.secret ?? '');
      const answers = await Promise.all(clients.map((secret) => ask(one, secret)));
      assert.equal(answers.filter((answer) => answer.startsWith('admitted')).length, 150);
    });

    it('fail closed where their counts cannot be read', async () => {
      const one = await worker();
      const { id, secret } = await create({ downloadsMax: 3 });
      await store.update(tokenCountCollection, id, { $set: { downloads: 'none' } });
      await assert.rejects(ask(one, secret), { code: 'STORE_SCHEMA' });
      await assert.rejects(settle(one, id), { code: 'STORE_SCHEMA' });
      await store.remove(tokenCountCollection, id);
      assert.match(await ask(one, secret), /^refused: .*was deleted/);
      assert.match(await settle(one, id), /was deleted/);
    });
  });
}
