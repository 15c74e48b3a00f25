/** Tokens of customers, which are ours: made, listed, changed, rotated, revoked, deleted. */

import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Document } from '../../src/stores/document.ts';
import { isSecretForm } from '../../src/tokens/secret.ts';
import { overlapSecondsMax, reasonCharactersMax } from '../../src/tokens/token.ts';
import type { GivenApi } from './contract.ts';

const path = '/v2/tokens/';

/** What the answers have that the tests look at. */
export interface TokenBody {
  readonly id: string;
  readonly customer: string;
  readonly state: string;
  readonly created: string;
  readonly secret_since: string;
  readonly previous_secret_until: string | null;
  readonly last_used: string | null;
  readonly downloads: number;
  readonly revoked: { readonly reason: string } | null;
  readonly secret?: string;
}

export function testTokens(given: () => GivenApi): void {
  const make = async (body: object): Promise<TokenBody & { readonly secret: string }> =>
    (await given().client.ok(201, 'POST', path, { body })) as TokenBody & { secret: string };
  testShown(given, make);
  testSlips(given, make);
  testChanges(given, make);
  testEnds(given, make);
  testRefusals(given, make);
}

type Make = (body: object) => Promise<TokenBody & { readonly secret: string }>;

function testShown(given: () => GivenApi, make: Make): void {
  it('api makes a token, shows its secret once, and everything else ever after', async () => {
    const { client, api } = given();
    const body = {
      customer: 'acme',
      description: 'build farm',
      valid_from: '2026-01-01T00:00:00Z',
      valid_until: '2999-01-01T02:00:00+02:00',
      distributions: ['acme/el9'],
      paths: ['acme/el9/Packages/*'],
      ...{ downloads_max: 3, bytes_max: 1_000_000, addresses_max: 2 },
    };
    const { status, body: made, headers } = await client.call('POST', path, { body });
    assert.equal(status, 201);
    const { secret, ...shown } = made;
    assert.ok(isSecretForm(secret), secret);
    assert.equal(headers.location, shown._href);
    assert.equal(headers['cache-control'], 'no-store');
    assert.deepEqual(shown, {
      ...{ _id: shown.id, id: shown.id, ...body, valid_until: '2999-01-01T00:00:00Z' },
      ...{ state: 'good', downloads: 0, bytes: 0, addresses: [], last_used: null },
      ...{ by: 'admin', created: shown.created, secret_since: shown.created },
      ...{ previous_secret_until: null, revoked: null },
      ...{ _ns: 'tokens', _href: `/pulp/api${path}${shown.id}/` },
    });
    assert.deepEqual(await client.ok(200, 'GET', `${path}${shown.id}/`), shown);
    const kept = JSON.stringify(await api.parts.store.get('tokens', shown.id));
    assert.equal(kept.includes(secret.slice(4)), false);
    assert.equal(api.log.join('').includes(secret.slice(4)), false);
    assert.match(api.log.join(''), new RegExp(`"tokenId":"${shown.id}","customer":"acme"`));
  });

  it('api lists the tokens of all customers, or of these, with their counts', async () => {
    const { client, api } = given();
    const ids: string[] = [];
    for (const customer of ['list-b', 'list-a', 'list-a']) ids.push((await make({ customer })).id);
    const [first = '', second = '', third = ''] = ids;
    const used = { downloads: 7, bytes: 70, lastUsed: new Date('2026-03-04T05:06:07.890Z') };
    await api.parts.store.update('token_counts', second, { $set: used });
    const list = async (query: string) =>
      (await client.ok(200, 'GET', `${path}${query}`)) as readonly (TokenBody & {
        bytes: number;
      })[];
    const ofA = await list('?customer=list-a');
    assert.deepEqual(ofA.map(({ id }) => id).sort(), [second, third].sort());
    const [counted] = ofA.filter(({ id }) => id === second);
    assert.deepEqual(
      [counted?.downloads, counted?.bytes, counted?.last_used],
      [7, 70, '2026-03-04T05:06:07Z'],
    );
    const both = await list('?customer=list-b&customer=list-a&customer=nobody');
    assert.deepEqual(
      both.map(({ customer }) => customer),
      ['list-a', 'list-a', 'list-b'],
    );
    assert.deepEqual(await list('?customer=list'), []);
    const all = (await list('')).map(({ id }) => id);
    assert.ok(ids.every((id) => all.includes(id)));
    assert.ok(all.indexOf(first) > all.indexOf(third));
    assert.equal(JSON.stringify(await list('')).includes('pct_'), false);
  });

  it('api searches tokens by their terms, and by nothing of their secrets', async () => {
    const { client } = given();
    const { id } = await make({ customer: 'found', valid_until: '2999-01-01T00:00:00Z' });
    const search = async (criteria: object): Promise<readonly string[]> => {
      const body = { criteria: { ...criteria } };
      const found = (await client.ok(200, 'POST', `${path}search/`, { body })) as TokenBody[];
      return found.map((token) => token.id);
    };
    const later = { $gt: { $date: '2998-12-31T00:00:00Z' } };
    assert.deepEqual(await search({ filters: { customer: 'found', valid_until: later } }), [id]);
    assert.deepEqual(await search({ filters: { id, revoked: null, by: 'admin' } }), [id]);
    assert.deepEqual(await search({ filters: { customer: 'found', downloads_max: 1 } }), []);
    const query = new URLSearchParams({ filters: JSON.stringify({ customer: 'found' }) });
    query.append('field', 'state');
    const [shown] = (await client.ok(200, 'GET', `${path}search/?${query}`)) as object[];
    assert.deepEqual(Object.keys(shown ?? {}).sort(), ['_href', '_id', 'id', 'state']);
    for (const hidden of ['secret', 'secrets', 'secrets.digest', 'digest', 'downloads', 'state']) {
      const body = { criteria: { filters: { [hidden]: 'x' } } };
      await client.refused(400, 'PLP0015', 'POST', `${path}search/`, { body });
    }
  });

  it('api says of a token what hinders its use', async () => {
    const { client, api } = given();
    const stateOf = async (id: string): Promise<string> =>
      ((await client.ok(200, 'GET', `${path}${id}/`)) as TokenBody).state;
    const customer = 'states';
    assert.equal((await make({ customer, valid_from: '2999-01-01T00:00:00Z' })).state, 'early');
    assert.equal((await make({ customer, valid_until: '2020-01-01T00:00:00Z' })).state, 'expired');
    const { id } = await make({ customer, downloads_max: 2, bytes_max: 10, addresses_max: 1 });
    const count = async (counts: Document): Promise<string> => {
      await api.parts.store.update('token_counts', id, { $set: counts });
      return stateOf(id);
    };
    assert.equal(await count({ downloads: 1, bytes: 9, addresses: ['192.0.2.1'] }), 'good');
    assert.equal(await count({ downloads: 2 }), 'used_up');
    assert.equal(await count({ downloads: 1, bytes: 10 }), 'used_up');
  });
}

function testSlips(given: () => GivenApi, make: Make): void {
  it('api tells which token has a secret that was found, and that none has it any more', async () => {
    const { client, api } = given();
    const { secret, ...shown } = await make({ customer: 'found' });
    const identify = { method: 'POST', path: `${path}actions/identify/` } as const;
    const ask = (text: string) =>
      client.call(identify.method, identify.path, { body: { secret: text } });
    assert.deepEqual((await ask(secret)).body, shown);
    const body = { overlap_seconds: 60 };
    await client.ok(200, 'POST', `${path}${shown.id}/actions/rotate/`, { body });
    assert.equal((await ask(secret)).body.id, shown.id);
    await client.ok(200, 'POST', `${path}${shown.id}/actions/rotate/`, { body: {} });
    for (const unknown of [secret, '', 'pct_', secret.toLowerCase(), 'x'.repeat(5000)]) {
      const { status, text } = await ask(unknown);
      assert.equal(status, 404, text);
      if (unknown !== '') assert.equal(text.includes(unknown), false);
    }
    assert.equal(api.log.join('').includes(secret.slice(4, 20)), false);
  });

  it('T62 api knows no token by its secret, and keeps it out of the log', async () => {
    const { client, api } = given();
    const { secret } = await make({ customer: 'slip' });
    await client.refused(404, 'PLP0009', 'GET', `${path}${secret}/`);
    await client.refused(404, 'PLP0009', 'POST', `${path}${secret}/actions/revoke/`, {
      body: { reason: 'leaked' },
    });
    assert.equal(api.log.join('').includes(secret.slice(4, 20)), false);
    assert.match(api.log.join(''), /"path":"\/pulp\/api\/v2\/tokens\/pct_\[secret\]\/"/);
  });
}

function testChanges(given: () => GivenApi, make: Make): void {
  it('api changes what a token is good for, and leaves what is not named', async () => {
    const { client } = given();
    const limits = { downloads_max: 3, distributions: ['a', 'b'], description: 'one' };
    const { secret: _, ...made } = await make({ customer: 'changed', ...limits });
    const put = (delta: object) => client.ok(200, 'PUT', `${path}${made.id}/`, { body: { delta } });
    assert.deepEqual(await put({}), made);
    assert.deepEqual(await put({ downloads_max: 5 }), { ...made, downloads_max: 5 });
    const taken = { downloads_max: null, distributions: null, description: null, customer: null };
    const free = { downloads_max: null, distributions: null, description: null };
    assert.deepEqual(await put(taken), { ...made, ...free });
    const valid_until = '2998-01-01T00:00:00Z';
    const moved = await put({ customer: 'renamed', valid_until });
    assert.deepEqual(moved, { ...made, ...free, customer: 'renamed', valid_until });
  });

  it('api gives a token another secret, with the one before for the overlap or not at all', async () => {
    const { client } = given();
    const made = await make({ customer: 'rotated' });
    const rotate = (body: object) =>
      client.ok(200, 'POST', `${path}${made.id}/actions/rotate/`, { body }) as Promise<TokenBody>;
    const first = await rotate({ overlap_seconds: 3600 });
    assert.ok(isSecretForm(first.secret ?? '') && first.secret !== made.secret);
    const overlap = Date.parse(first.previous_secret_until ?? '') - Date.parse(first.secret_since);
    assert.equal(overlap, 3_600_000);
    assert.equal(first.created, made.created);
    const second = await rotate({});
    assert.equal(second.previous_secret_until, null);
    assert.equal(new Set([made.secret, first.secret, second.secret]).size, 3);
    const { secret: _, ...shown } = second;
    assert.deepEqual(await client.ok(200, 'GET', `${path}${made.id}/`), shown);
    await rotate({ overlap_seconds: overlapSecondsMax });
  });
}

function testEnds(given: () => GivenApi, make: Make): void {
  it('api revokes a token for good, and keeps the first reason', async () => {
    const { client } = given();
    const { id } = await make({ customer: 'revoked' });
    const revoke = async (reason: string): Promise<TokenBody> =>
      (await client.ok(200, 'POST', `${path}${id}/actions/revoke/`, {
        body: { reason },
      })) as TokenBody;
    const revoked = await revoke('leaked');
    assert.deepEqual([revoked.state, revoked.revoked?.reason], ['revoked', 'leaked']);
    assert.deepEqual(await revoke('again'), revoked);
    const rotate = `${path}${id}/actions/rotate/`;
    const refused = await client.refused(400, 'PLP0015', 'POST', rotate, { body: {} });
    assert.match(refused.error_message, /^A revoked token gets no other secret: /);
    const found = await client.ok(200, 'POST', `${path}search/`, {
      body: { criteria: { filters: { 'revoked.reason': 'leaked' } } },
    });
    assert.deepEqual(found, [revoked]);
  });

  it('api deletes a token with its counts', async () => {
    const { client, api } = given();
    const { id } = await make({ customer: 'deleted' });
    assert.equal(await client.ok(200, 'DELETE', `${path}${id}/`), null);
    assert.equal(await api.parts.store.get('token_counts', id), undefined);
    for (const [method, target, body] of [
      ['GET', `${path}${id}/`, undefined],
      ['DELETE', `${path}${id}/`, undefined],
      ['PUT', `${path}${id}/`, { delta: { customer: 'x' } }],
      ['POST', `${path}${id}/actions/rotate/`, {}],
      ['POST', `${path}${id}/actions/revoke/`, { reason: 'x' }],
    ] as const) {
      const options = body === undefined ? {} : { body };
      const missing = await client.refused(404, 'PLP0009', method, target, options);
      assert.deepEqual(missing.resources, { token: id });
    }
  });
}

function testRefusals(given: () => GivenApi, make: Make): void {
  const wrong: readonly (readonly [property: string, problem: RegExp, body: object])[] = [
    ['customer', /it is empty/, { customer: '' }],
    ['customer', /longer than 255 characters/, { customer: 'c'.repeat(256) }],
    ['customer', /a control character/, { customer: 'a\nb' }],
    ['description', /longer than 1000/, { description: 'd'.repeat(1001) }],
    ['valid_from', /no time with its zone, as 20/, { valid_from: '2026-01-01' }],
    ['valid_from', /no time with its zone/, { valid_from: '2026-01-01T00:00:00' }],
    ['valid_until', /no time with its zone/, { valid_until: 'tomorrow' }],
    ['valid_until', /no time with its zone/, { valid_until: '2026-02-30T00:00:00Z' }],
    [
      'valid_until',
      /it is not after valid_from/,
      { valid_from: '2027-01-01T00:00:00Z', valid_until: '2027-01-01T00:00:00Z' },
    ],
    ['distributions', /names nothing/, { distributions: [] }],
    ['distributions', /item 1: .*"\*"/, { distributions: ['*'] }],
    ['paths', /item 2: .*empty segment/, { paths: ['a', '/a'] }],
    ['paths', /"\*" beside other/, { paths: ['a*'] }],
    ['downloads_max', /whole number from 1 to/, { downloads_max: 0 }],
    ['downloads_max', /a whole number/, { downloads_max: 1.5 }],
    ['bytes_max', /whole number from 1 to/, { bytes_max: -1 }],
    ['addresses_max', /whole number from 1 to 1000/, { addresses_max: 1001 }],
  ];
  for (const [index, [property, problem, body]] of wrong.entries()) {
    it(`api makes no token, and changes none, to a wrong ${property} (${index})`, async () => {
      const { client } = given();
      const all = { body: { customer: 'wrong', ...body } };
      const refused = await client.refused(400, 'PLP0015', 'POST', path, all);
      assert.deepEqual(refused.property_names, [property]);
      assert.match(refused.error_message, problem);
      const { id } = await make({ customer: 'right' });
      const put = { body: { delta: body } };
      const unchanged = await client.refused(400, 'PLP0015', 'PUT', `${path}${id}/`, put);
      assert.deepEqual(unchanged.property_names, [`delta.${property}`]);
    });
  }

  it('api makes no token without a customer, and none with a secret that somebody chose', async () => {
    const { client } = given();
    await client.refused(400, 'PLP0016', 'POST', path, { body: {} });
    const chosen = { customer: 'x', secret: 'pct_x' };
    await client.refused(400, 'PLP0017', 'POST', path, { body: chosen });
  });

  it('api takes overlaps and reasons up to their limits', async () => {
    const { client } = given();
    const { id } = await make({ customer: 'limits' });
    const actions = `${path}${id}/actions/`;
    for (const overlap_seconds of [-1, overlapSecondsMax + 1, 0.5]) {
      const body = { overlap_seconds };
      await client.refused(400, 'PLP0015', 'POST', `${actions}rotate/`, { body });
    }
    for (const reason of ['', 'r'.repeat(reasonCharactersMax + 1), 'r\0']) {
      const body = { reason };
      await client.refused(400, 'PLP0015', 'POST', `${actions}revoke/`, { body });
    }
    const body = { reason: 'r'.repeat(reasonCharactersMax) };
    await client.ok(200, 'POST', `${actions}revoke/`, { body });
  });
}
