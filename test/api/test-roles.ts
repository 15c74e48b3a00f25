/** The roles of sections 4.1 and 9.9 of the facts about Pulp 2. */

import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { GivenApi } from './contract.ts';

const path = '/v2/roles/';

interface RoleBody {
  readonly id: string;
  readonly display_name: string;
  readonly permissions: Readonly<Record<string, readonly string[]>>;
  readonly users: readonly string[];
}

export function testRoles(given: () => GivenApi): void {
  testRolesThemselves(given);
  testMembers(given);
  testSuperUsers(given);
}

function testRolesThemselves(given: () => GivenApi): void {
  it('api makes, shows, changes and deletes a role', async () => {
    const { client } = given();
    const sent = { role_id: 'keepers', display_name: 'Keepers', description: null };
    const { status, body, headers } = await client.call('POST', path, { body: sent });
    assert.equal(status, 201);
    assert.equal(headers.location, '/pulp/api/v2/roles/keepers/');
    const { _id } = body;
    assert.deepEqual(body, {
      _id,
      id: 'keepers',
      display_name: 'Keepers',
      description: null,
      permissions: {},
      users: [],
      _ns: 'roles',
      _href: '/pulp/api/v2/roles/keepers/',
    });
    const one = '/v2/roles/keepers/';
    assert.deepEqual(await client.ok(200, 'GET', one), body);
    const delta = { description: 'They keep.', display_name: null };
    const changed = await client.ok(200, 'PUT', one, { body: { delta } });
    assert.deepEqual(changed, { ...body, description: 'They keep.' });
    const listed = (await client.ok(200, 'GET', path)) as RoleBody[];
    assert.ok(listed.some(({ id }) => id === 'keepers'));
    const again = await client.refused(409, 'PLP0018', 'POST', path, { body: sent });
    assert.equal(again.resource_id, 'keepers');
    assert.equal(await client.ok(200, 'DELETE', one), null);
    for (const method of ['GET', 'DELETE'] as const) {
      const missing = await client.refused(404, 'PLP0009', method, one);
      assert.deepEqual(missing.resources, { role: 'keepers' });
    }
    await client.refused(404, 'PLP0009', 'PUT', one, { body: { delta: {} } });
  });

  it('api makes no role of a bad id, and changes nothing else of one', async () => {
    const { client } = given();
    for (const id of ['', 'a b', 'a.b', 'a@b', 'a/b', '__proto__', 'r'.repeat(256), null, 1]) {
      const body = { role_id: id };
      const refused = await client.refused(400, 'PLP0015', 'POST', path, { body });
      assert.deepEqual(refused.property_names, ['role_id']);
      assert.match(refused.error_message, /^Invalid properties: \['role_id'\]: it .+[^.]\.$/);
    }
    await client.refused(400, 'PLP0016', 'POST', path, { body: {} });
    await client.ok(201, 'POST', path, { body: { role_id: 'r'.repeat(255) } });
    await client.ok(201, 'POST', path, { body: { role_id: 'fixed' } });
    const target = '/v2/roles/fixed/';
    await client.refused(400, 'PLP0017', 'PUT', target, { body: { delta: { id: 'x' } } });
    await client.refused(400, 'PLP0016', 'PUT', target, { body: {} });
    const long = { delta: { description: 'd'.repeat(4097) } };
    await client.refused(400, 'PLP0015', 'PUT', target, { body: long });
  });
}

function testMembers(given: () => GivenApi): void {
  it('api gives a role to a user and takes it away', async () => {
    const { client } = given();
    await client.user('member');
    await client.ok(201, 'POST', path, { body: { role_id: 'club' } });
    const target = '/v2/roles/club/users/';
    const body = { login: 'member' };
    for (let twice = 0; twice < 2; twice += 1) {
      assert.equal(await client.ok(200, 'POST', target, { body }), null);
    }
    const members = (await client.ok(200, 'GET', target)) as { login: string; roles: string[] }[];
    assert.deepEqual(
      members.map(({ login, roles }) => [login, roles]),
      [['member', ['club']]],
    );
    assert.deepEqual(((await client.ok(200, 'GET', '/v2/roles/club/')) as RoleBody).users, [
      'member',
    ]);
    const filters = { roles: 'club' };
    const found = await client.ok(200, 'POST', '/v2/users/search/', {
      body: { criteria: { filters, fields: ['roles'] } },
    });
    assert.equal((found as unknown[]).length, 1);
    for (let twice = 0; twice < 2; twice += 1) {
      assert.equal(await client.ok(200, 'DELETE', `${target}member/`), null);
    }
    assert.deepEqual(await client.ok(200, 'GET', target), []);
  });

  it('api names what is missing when a role is given or taken', async () => {
    const { client } = given();
    await client.ok(201, 'POST', path, { body: { role_id: 'empty' } });
    const body = { login: 'admin' };
    for (const [method, target, options] of [
      ['GET', '/v2/roles/none/users/', {}],
      ['POST', '/v2/roles/none/users/', { body }],
      ['DELETE', '/v2/roles/none/users/admin/', {}],
    ] as const) {
      const refused = await client.refused(404, 'PLP0009', method, target, options);
      assert.deepEqual(refused.resources, { role: 'none' });
    }
    const target = '/v2/roles/empty/users/';
    const unknown = { body: { login: 'no"ne' } };
    const { error_message: text } = await client.refused(400, 'PLP0015', 'POST', target, unknown);
    assert.equal(text, `Invalid properties: ['login']: there is no user "no\\"ne".`);
    await client.refused(400, 'PLP0016', 'POST', target, { body: {} });
    await client.refused(404, 'PLP0009', 'DELETE', `${target}none/`);
  });

  it('api gives nobody what a deleted role of the same id allowed', async () => {
    const { client } = given();
    const as = await client.user('former');
    const body = { role_id: 'reborn' };
    await client.ok(201, 'POST', path, { body });
    await client.ok(200, 'POST', '/v2/roles/reborn/users/', { body: { login: 'former' } });
    const grant = { ...body, resource: '/v2/tasks/', operations: ['READ'] };
    const action = '/v2/permissions/actions/grant_to_role/';
    await client.ok(200, 'POST', action, { body: grant });
    await client.ok(200, 'GET', '/v2/tasks/', { as });
    await client.ok(200, 'DELETE', '/v2/roles/reborn/');
    await client.refused(401, 'PLP0026', 'GET', '/v2/tasks/', { as });
    await client.ok(201, 'POST', path, { body });
    await client.ok(200, 'POST', action, { body: grant });
    await client.refused(401, 'PLP0026', 'GET', '/v2/tasks/', { as });
  });
}

function testSuperUsers(given: () => GivenApi): void {
  it('api shows the super-users, and changes nothing of their role', async () => {
    const { client } = given();
    const target = '/v2/roles/super-users/';
    const role = (await client.ok(200, 'GET', target)) as RoleBody;
    assert.deepEqual(role.users, ['admin']);
    assert.deepEqual(role.permissions, { '/': ['CREATE', 'READ', 'UPDATE', 'DELETE', 'EXECUTE'] });
    await client.refused(400, 'PLP0015', 'DELETE', target);
    const body = { delta: { display_name: 'x' } };
    await client.refused(400, 'PLP0015', 'PUT', target, { body });
    await client.refused(409, 'PLP0018', 'POST', path, { body: { role_id: 'super-users' } });
    await client.refused(400, 'PLP0015', 'DELETE', `${target}users/admin/`);
  });

  it('api lets a super-user do everything, until the role is taken', async () => {
    const { client } = given();
    const as = await client.user('deputy');
    const target = '/v2/roles/super-users/users/';
    await client.refused(401, 'PLP0026', 'GET', path, { as });
    await client.ok(200, 'POST', target, { body: { login: 'deputy' } });
    await client.ok(200, 'GET', path, { as });
    await client.ok(200, 'DELETE', `${target}deputy/`);
    await client.refused(401, 'PLP0026', 'GET', path, { as });
  });

  it('api keeps one super-user of many who take the role from each other at once', async () => {
    const { client } = given();
    const target = '/v2/roles/super-users/users/';
    const names = ['s1', 's2', 's3', 's4'];
    for (const login of names) {
      await client.user(login);
      await client.ok(200, 'POST', target, { body: { login } });
    }
    const all = ['admin', ...names];
    const headers = { 'X-Remote-User': 'admin' };
    const as = undefined;
    const outcomes = await Promise.all(
      all.map((login) => client.call('DELETE', `${target}${login}/`, { as, headers })),
    );
    const { superUsers } = given().api.parts.people;
    assert.equal((await superUsers.active()).size > 0, true);
    assert.ok(outcomes.some(({ status }) => status !== 200));
  });
}
