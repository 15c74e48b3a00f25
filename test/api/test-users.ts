/** The users of sections 4.1 and 9.9 of the facts about Pulp 2. */

import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { GivenApi } from './contract.ts';
import { admin } from './running-api.ts';

const path = '/v2/users/';

interface UserBody {
  readonly _id: { readonly $oid: string };
  readonly id: string;
  readonly login: string;
  readonly name: string;
  readonly roles: readonly string[];
}

export function testUsers(given: () => GivenApi): void {
  testMaking(given);
  testChanging(given);
  testSearching(given);
  testLastSuperUser(given);
}

function testMaking(given: () => GivenApi): void {
  it('api makes a user of a login alone, and of everything', async () => {
    const { client } = given();
    const { status, body, headers } = await client.call('POST', path, { body: { login: 'min' } });
    assert.equal(status, 201);
    assert.equal(headers.location, '/pulp/api/v2/users/min/');
    assert.match(body.id, /^[0-9a-f]{24}$/);
    const { id } = body;
    const rest = { roles: [], _ns: 'users', _href: '/pulp/api/v2/users/min/' };
    assert.deepEqual(body, { _id: { $oid: id }, id, login: 'min', name: 'min', ...rest });
    assert.deepEqual(await client.ok(200, 'GET', '/v2/users/min/'), body);
    const full = { login: 'Full.User@x-y_z', name: 'Full', password: 'secret of full' };
    const made = (await client.ok(201, 'POST', path, { body: full })) as UserBody;
    assert.equal(made.name, 'Full');
    assert.ok(!JSON.stringify(await client.ok(200, 'GET', path)).includes('password'));
    await client.ok(200, 'GET', '/v2/users/Full.User@x-y_z/', {
      as: { login: full.login, password: full.password },
    });
  });

  it('api makes one user of a login, of several at once as well', async () => {
    const { client } = given();
    const body = { login: 'twin' };
    const made = await Promise.all([1, 2, 3].map(() => client.call('POST', path, { body })));
    assert.deepEqual(made.map(({ status }) => status).sort(), [201, 409, 409]);
    const refused = await client.refused(409, 'PLP0018', 'POST', path, { body });
    assert.equal(refused.resource_id, 'twin');
  });

  const logins: readonly unknown[] = [
    ...['', 'a:b', 'a/b', 'a b', 'a\0', 'ü', '__proto__', 'constructor', 'a'.repeat(256)],
    ...['a'.repeat(10_000), null, 1, true, [], { $ne: null }],
  ];
  for (const login of logins) {
    it(`api makes no user of the login ${JSON.stringify(login).slice(0, 30)}`, async () => {
      const { client } = given();
      const body = await client.refused(400, 'PLP0015', 'POST', path, { body: { login } });
      assert.deepEqual(body.property_names, ['login']);
      assert.deepEqual(body.error.data.property_names, ['login']);
    });
  }

  it('api makes a user of the longest login, and of no password that cannot be one', async () => {
    const { client } = given();
    await client.ok(201, 'POST', path, { body: { login: 'l'.repeat(255) } });
    for (const password of ['', 'a\0', 'a\n', 'p'.repeat(1025), '\ud800', 7]) {
      const body = { login: 'nopass', password };
      const refused = await client.refused(400, 'PLP0015', 'POST', path, { body });
      assert.deepEqual(refused.property_names, ['password']);
    }
    await client.refused(404, 'PLP0009', 'GET', '/v2/users/nopass/');
  });
}

function testChanging(given: () => GivenApi): void {
  it('api changes the name, the password and the roles of a user', async () => {
    const { client } = given();
    const before = await client.user('change');
    const put = (delta: unknown) =>
      client.ok(200, 'PUT', '/v2/users/change/', { body: { delta } }) as Promise<UserBody>;
    assert.equal((await put({ name: 'Changed' })).name, 'Changed');
    assert.equal((await put({ name: null, password: null, roles: null })).name, 'Changed');
    await client.ok(200, 'GET', '/v2/users/change/', { as: before });
    await put({ password: 'another one' });
    await client.refused(401, 'PLP0030', 'GET', '/v2/users/change/', { as: before });
    const as = { login: 'change', password: 'another one' };
    await client.ok(200, 'GET', '/v2/users/change/', { as });
    assert.deepEqual((await put({ roles: ['super-users'] })).roles, ['super-users']);
    await client.ok(200, 'GET', path, { as });
    assert.deepEqual((await put({ roles: [] })).roles, []);
    await client.refused(401, 'PLP0026', 'GET', path, { as });
  });

  it('api refuses to change what a user does not have', async () => {
    const { client } = given();
    await client.user('refuse');
    const target = '/v2/users/refuse/';
    const refused = (code: string, body: unknown) =>
      client.refused(400, code, 'PUT', target, { body });
    await refused('PLP0017', { delta: { login: 'other' } });
    await refused('PLP0017', { delta: { grants: [] } });
    await refused('PLP0015', { delta: { roles: ['no-such-role'] } });
    await refused('PLP0015', { delta: { roles: 'super-users' } });
    await refused('PLP0015', {
      delta: {
        roles: Array(501)
          .fill('a')
          .map((a, i) => a + i),
      },
    });
    await refused('PLP0015', { delta: { password: '' } });
    await refused('PLP0015', { delta: null });
    await refused('PLP0016', {});
  });

  it('api gives nobody a role by the right to change their own user', async () => {
    const { client } = given();
    const as = await client.user('climber');
    const target = '/v2/users/climber/';
    const body = { delta: { roles: ['super-users'] } };
    await client.refused(401, 'PLP0026', 'PUT', target, { as, body });
    await client.ok(200, 'PUT', target, { as, body: { delta: { name: 'Climber', roles: [] } } });
  });

  it('api names the user and the operation that is not allowed', async () => {
    const { client } = given();
    const as = await client.user('plain');
    const body = await client.refused(401, 'PLP0026', 'DELETE', '/v2/users/admin/', { as });
    assert.equal(body.error_message, 'Permission denied: user plain cannot perform DELETE.');
    assert.equal(body.auth_error_code, 'permission_denied');
    assert.deepEqual(body.error.data, { user: 'plain', operation: 'DELETE' });
  });

  it('api deletes a user, who is not there afterwards', async () => {
    const { client } = given();
    const as = await client.user('gone');
    assert.equal(await client.ok(200, 'DELETE', '/v2/users/gone/'), null);
    for (const [method, options] of [
      ['GET', {}],
      ['PUT', { body: { delta: {} } }],
      ['DELETE', {}],
    ] as const) {
      const body = await client.refused(404, 'PLP0009', method, '/v2/users/gone/', options);
      assert.deepEqual(body.resources, { user: 'gone' });
    }
    await client.refused(401, 'PLP0030', 'POST', '/v2/actions/login/', { as });
  });
}

function testSearching(given: () => GivenApi): void {
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

  it('api lets READ search, and no less', async () => {
    const { client } = given();
    const as = await client.user('searcher');
    const options = { as, body: { criteria: {} } };
    const body = await client.refused(401, 'PLP0026', 'POST', '/v2/users/search/', options);
    assert.equal(body.error.data.operation, 'READ');
  });
}

function testLastSuperUser(given: () => GivenApi): void {
  const roles = (names: readonly string[]) => ({ body: { delta: { roles: names } } });

  it('api keeps the last super-user, who is neither deleted nor demoted', async () => {
    const { client } = given();
    const body = await client.refused(400, 'PLP0015', 'DELETE', '/v2/users/admin/');
    assert.deepEqual(body.property_names, ['login']);
    await client.refused(400, 'PLP0015', 'PUT', '/v2/users/admin/', roles([]));
    await client.ok(200, 'GET', path);
  });

  it('api keeps one of two super-users who are deleted at once', async () => {
    const { client } = given();
    for (let round = 0; round < 5; round += 1) {
      const as = await client.user('second');
      await client.ok(200, 'PUT', '/v2/users/second/', roles(['super-users']));
      const outcomes = await Promise.all([
        client.call('DELETE', '/v2/users/second/', { as: admin }),
        client.call('PUT', '/v2/users/admin/', { as, ...roles([]) }),
      ]);
      const statuses = outcomes.map(({ status }) => status);
      assert.ok(statuses.includes(200), `${statuses}`);
      assert.ok(!statuses.every((status) => status === 200), `${statuses}`);
      const left = statuses[0] === 200 ? admin : as;
      await client.ok(200, 'GET', path, { as: left });
      if (left === admin) continue;
      await client.ok(200, 'PUT', '/v2/users/admin/', { as, ...roles(['super-users']) });
      await client.ok(200, 'DELETE', '/v2/users/second/');
    }
  });
}
