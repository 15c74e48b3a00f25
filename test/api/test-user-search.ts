/** Searches, by the users: sections 4.0 and 9.10 of the facts about Pulp 2. */

import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { GivenApi } from './contract.ts';

const path = '/v2/users/';

interface UserBody {
  readonly _id: { readonly $oid: string };
  readonly id: string;
  readonly login: string;
}

export function testUserSearch(given: () => GivenApi): void {
  const search = async (given: GivenApi, criteria: unknown): Promise<readonly UserBody[]> =>
    (await given.client.ok(200, 'POST', '/v2/users/search/', {
      body: { criteria },
    })) as readonly UserBody[];
  const logins = (users: readonly UserBody[]) => users.map(({ login }) => login);

  it('api searches users by criteria, by POST and by GET', async () => {
    const { client } = given();
    const made: UserBody[] = [];
    for (const login of ['s-a', 's-b', 's-c']) {
      made.push((await client.ok(201, 'POST', path, { body: { login } })) as UserBody);
    }
    const filters = { login: { $regex: '^s-' } };
    const sort = [['login', 'descending']];
    assert.deepEqual(logins(await search(given(), { filters, sort })), ['s-c', 's-b', 's-a']);
    const page = { filters, sort: [['login', 1]], skip: 1, limit: 1 };
    assert.deepEqual(logins(await search(given(), page)), ['s-b']);
    const ids = [{ $oid: made[0]?.id }, made[1]?.id];
    for (const name of ['id', '_id']) {
      const found = await search(given(), { filters: { [name]: { $in: ids } }, sort });
      assert.deepEqual(logins(found), ['s-b', 's-a']);
    }
    const both = { $and: [{ login: 's-a' }, { $or: [{ roles: [] }, { id: made[0]?.id }] }] };
    assert.deepEqual(logins(await search(given(), { filters: both })), ['s-a']);
    assert.ok((await search(given(), {})).length > 3);
    const query = new URLSearchParams({ filters: JSON.stringify(filters), limit: '1', skip: '2' });
    query.append('sort', JSON.stringify([['login', -1]]));
    query.append('field', 'login');
    const found = (await client.ok(200, 'GET', `/v2/users/search/?${query}`)) as UserBody[];
    assert.deepEqual(found, [
      { _id: made[0]?._id, id: made[0]?.id, login: 's-a', _href: '/pulp/api/v2/users/s-a/' },
    ]);
  });

  it('api searches as Pulp was tested: everything, both ways, by fields, one and the next', async () => {
    const { client } = given();
    const all = await search(given(), {});
    assert.deepEqual(all, await search(given(), { filters: null, sort: null, fields: null }));
    const ids = all.map(({ id }) => id).sort();
    const byId = async (criteria: object) =>
      (await search(given(), criteria)).map((user) => user.id);
    assert.deepEqual(await byId({ sort: [['id', 'ascending']] }), ids);
    assert.deepEqual(await byId({ sort: [['id', 'descending']] }), ids.toReversed());
    assert.deepEqual(await byId({ sort: [['_id', -1]] }), ids.toReversed());
    const [one = '', ...others] = ids;
    assert.deepEqual(await byId({ filters: { id: { $nin: others } } }), [one]);
    assert.deepEqual(await byId({ filters: { _id: { $nin: others } } }), [one]);
    assert.deepEqual(await byId({ sort: [['id', 1]], limit: 1 }), [one]);
    assert.deepEqual(await byId({ sort: [['id', 1]], skip: 1 }), others);
    const always = ['_href', '_id', 'id', 'login'];
    for (const fields of [['name'], ['name', 'roles'], ['id'], []]) {
      const [user] = await search(given(), { filters: { id: one }, fields });
      const names = new Set([...always, ...fields]);
      assert.deepEqual(new Set(Object.keys(user ?? {})), names);
      const query = new URLSearchParams({ filters: JSON.stringify({ id: one }) });
      for (const field of fields) query.append('field', field);
      const target = `/v2/users/search/?${query}`;
      const [same] = (await client.ok(200, 'GET', target)) as UserBody[];
      if (fields.length > 0) assert.deepEqual(same, user);
    }
    assert.deepEqual(await client.ok(200, 'GET', '/v2/users/search/'), all);
  });

  it('api refuses criteria that are none', async () => {
    const { client } = given();
    const target = '/v2/users/search/';
    await client.refused(400, 'PLP0016', 'POST', target, { body: {} });
    for (const criteria of [
      null,
      [],
      { filter: {} },
      { filters: [] },
      { filters: { $where: 'true' } },
      { filters: { login: { $function: {} } } },
      { filters: { password: { $regex: '^.' } } },
      { filters: { 'password.x': 1 } },
      { filters: { $or: [{ $nor: [{ grants: null }] }] } },
      { sort: [['password', 1]] },
      { sort: [['login', 2]] },
      { limit: 0 },
      { limit: 1.5 },
      { limit: '1' },
      { skip: -1 },
      { fields: 'login' },
    ]) {
      await client.refused(400, 'PLP0015', 'POST', target, { body: { criteria } });
    }
    for (const query of ['filters=%7B', 'sort=x', 'limit=0', 'limit=x', 'skip=-1', 'filters=[]']) {
      await client.refused(400, 'PLP0015', 'GET', `${target}?${query}`);
    }
  });

  it('api says what is wrong with criteria', async () => {
    const { client } = given();
    const target = '/v2/users/search/';
    const fields = '_id, id, login, name, roles';
    for (const [criteria, reason] of [
      [
        { filter: {} },
        /\['filter'\]: there is no such criterion; there are filters, sort, limit, /,
      ],
      [{ filters: [] }, /\['filters'\]: it should be an object\.$/],
      [
        { filters: { password: 1 } },
        new RegExp(`'password'\\]: it cannot be searched; what can is ${fields}\\.$`),
      ],
      [{ filters: { $where: 'true' } }, /^Cannot filter: .*\$where/],
      [{ sort: [['login', 2]] }, /\['sort\.0\.1'\]: it should be "ascending" or "descending"\.$/],
      [{ sort: [['login']] }, /\['sort\.0.*\]: it /],
      [{ limit: 0 }, /\['limit'\]: it is less than 1\.$/],
      [{ limit: 1.5 }, /\['limit'\]: it should be a whole number\.$/],
    ] as const) {
      const body = { criteria };
      const refused = await client.refused(400, 'PLP0015', 'POST', target, { body });
      assert.match(refused.error_message, reason);
    }
    const refused = await client.refused(400, 'PLP0015', 'GET', `${target}?filters=%7B`);
    assert.match(refused.error_message, /\['filters'\]: it is no JSON, or nested too deep\.$/);
  });

  it('api lets READ search, and no less', async () => {
    const { client } = given();
    const as = await client.user('searcher');
    const options = { as, body: { criteria: {} } };
    const body = await client.refused(401, 'PLP0026', 'POST', '/v2/users/search/', options);
    assert.equal(body.error.data.operation, 'READ');
  });
}
