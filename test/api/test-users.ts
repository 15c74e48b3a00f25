/** The users of sections 4.1 and 9.9 of the facts about Pulp 2. */

import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { GivenApi } from './contract.ts';

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
    // T94: the rights of this user on their own account would be those to search all users.
    'search',
    ...['a'.repeat(10_000), null, 1, true, [], { $ne: null }],
  ];
  for (const login of logins) {
    it(`api makes no user of the login ${JSON.stringify(login).slice(0, 30)}`, async () => {
      const { client } = given();
      const body = await client.refused(400, 'PLP0015', 'POST', path, { body: { login } });
      assert.deepEqual(body.property_names, ['login']);
      assert.match(body.error_message, /^Invalid properties: \['login'\]: it .+[^.]\.$/);
      assert.deepEqual(body.error.data.property_names, ['login']);
    });
  }

  it('api says why a login, a password or a name can be none', async () => {
    const { client } = given();
    for (const [body, reason] of [
      [
        { login: 'a:b' },
        `['login']: it has other characters than letters, digits, "-", "_", "." and "@".`,
      ],
      [{ login: 'search' }, "['login']: it is a reserved name."],
      [{ login: 'l'.repeat(256) }, "['login']: it is longer than 255 characters."],
      [{ login: 7 }, "['login']: it should be a text."],
      [{ login: 'x', password: '' }, "['password']: it is empty."],
      [{ login: 'x', name: 'n'.repeat(4097) }, "['name']: it is longer than 4096 characters."],
      [{ login: 'x', name: '\0' }, "['name']: it has a NUL or is not valid Unicode."],
      [
        { login: 1, name: 2 },
        "['login', 'name']: login: it should be a text; name: it should be a text.",
      ],
    ] as const) {
      const refused = await client.refused(400, 'PLP0015', 'POST', path, { body });
      assert.equal(refused.error_message, `Invalid properties: ${reason}`);
    }
  });

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
