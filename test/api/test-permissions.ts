/** The permissions of sections 3, 4.1 and 9.9 of the facts about Pulp 2. */

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { operations } from '../../src/people/operation.ts';
import type { Client, Credentials, Method } from './client.ts';
import type { GivenApi } from './contract.ts';

const actions = '/v2/permissions/actions/';

type Change = 'grant_to_user' | 'revoke_from_user' | 'grant_to_role' | 'revoke_from_role';

async function change(client: Client, name: Change, body: unknown): Promise<void> {
  assert.equal(await client.ok(200, 'POST', `${actions}${name}/`, { body }), null);
}

export function testPermissions(given: () => GivenApi): void {
  testOperations(given);
  testLists(given);
  testRoleGrants(given);
  testBadGrants(given);
}

function testOperations(given: () => GivenApi): void {
  /** A call for each operation, on something that is not there: what is refused is refused before. */
  const calls: readonly (readonly [operation: string, method: Method, path: string])[] = [
    ['CREATE', 'POST', '/v2/roles/'],
    ['READ', 'GET', '/v2/roles/none/'],
    ['UPDATE', 'PUT', '/v2/roles/none/'],
    ['DELETE', 'DELETE', '/v2/roles/none/'],
    ['EXECUTE', 'POST', '/v2/permissions/actions/grant_to_user/'],
  ];
  for (const [operation, method, path] of calls) {
    it(`api asks ${operation} of ${method} ${path}`, async () => {
      const { client } = given();
      const as = await client.user(`op-${operation}`);
      const { login } = as;
      const may = async () => (await client.call(method, path, { as, body: {} })).status !== 401;
      assert.equal(await may(), false);
      // At the resource, above it, and at the root of all.
      for (const resource of [path, '/v2/', '/']) {
        const grant = { login, resource, operations: [operation] };
        await change(client, 'grant_to_user', grant);
        await change(client, 'grant_to_user', grant);
        assert.equal(await may(), true, resource);
        await change(client, 'revoke_from_user', grant);
        await change(client, 'revoke_from_user', grant);
        assert.equal(await may(), false, resource);
        const others = operations.filter((other) => other !== operation);
        await change(client, 'grant_to_user', { login, resource, operations: others });
        assert.equal(await may(), false, `${others} at ${resource}`);
        await change(client, 'revoke_from_user', { login, resource, operations: others });
      }
      const beside = path.replace(/\/$/, 'x/');
      await change(client, 'grant_to_user', { login, resource: beside, operations: [operation] });
      assert.equal(await may(), false, beside);
    });
  }

  it('api takes operations in any case, and a resource however it is written', async () => {
    const { client } = given();
    const as = await client.user('spelled');
    for (const resource of ['v2/tasks', '/pulp/api/v2/tasks/', '//v2//tasks']) {
      const body = { login: 'spelled', resource, operations: ['read', 'Read'] };
      await change(client, 'grant_to_user', body);
      await client.ok(200, 'GET', '/v2/tasks/', { as });
      await change(client, 'revoke_from_user', { ...body, resource: '/v2/tasks/' });
      await client.refused(401, 'PLP0026', 'GET', '/v2/tasks/', { as });
    }
  });

  it('T95 api gives nobody power over a user or a role that is made under the name of another', async () => {
    const { client } = given();
    const as = await client.user('helper');
    await client.user('helped');
    const role = { body: { role_id: 'staff', display_name: null, description: null } };
    const deputies = { body: { role_id: 'deputies' } };
    await client.ok(201, 'POST', '/v2/roles/', role);
    await client.ok(201, 'POST', '/v2/roles/', deputies);
    await client.ok(200, 'POST', '/v2/roles/deputies/users/', { body: { login: 'helper' } });
    const uses = [
      ['grant_to_user', { login: 'helper' }, '/v2/users/helped/', 'UPDATE'],
      ['grant_to_role', { role_id: 'deputies' }, '/v2/users/helped/', 'READ'],
      ['grant_to_user', { login: 'helper' }, '/v2/roles/staff/users/', 'UPDATE'],
      ['grant_to_role', { role_id: 'deputies' }, '/v2/roles/staff/', 'READ'],
      // What is above goes on.
      ['grant_to_user', { login: 'helper' }, '/v2/roles/', 'DELETE'],
    ] as const;
    for (const [name, holder, resource, operation] of uses) {
      await change(client, name, { ...holder, resource, operations: [operation] });
    }
    const put = { as, body: { delta: { password: 'known to helper' } } };
    const join = { as, body: { login: 'helper' } };
    await client.ok(200, 'PUT', '/v2/users/helped/', put);
    await client.ok(200, 'GET', '/v2/users/helped/', { as });
    await client.ok(200, 'POST', '/v2/roles/staff/users/', join);
    await client.ok(200, 'GET', '/v2/roles/staff/', { as });
    await client.ok(200, 'DELETE', '/v2/users/helped/');
    await client.ok(200, 'DELETE', '/v2/roles/staff/', { as });
    await client.user('helped');
    await client.ok(201, 'POST', '/v2/roles/', role);
    await client.refused(401, 'PLP0026', 'PUT', '/v2/users/helped/', put);
    await client.refused(401, 'PLP0026', 'GET', '/v2/users/helped/', { as });
    await client.refused(401, 'PLP0026', 'POST', '/v2/roles/staff/users/', join);
    await client.refused(401, 'PLP0026', 'GET', '/v2/roles/staff/', { as });
    await client.ok(200, 'DELETE', '/v2/roles/staff/', { as });
    await client.ok(200, 'GET', '/v2/users/helper/', { as });
  });

  it('api lets a new user log in, log out, and see and change their own user alone', async () => {
    const { client } = given();
    const as = await client.user('new');
    await client.user('other');
    await client.ok(200, 'POST', '/v2/actions/login/', { as });
    await client.ok(200, 'POST', '/v2/actions/logout/', { as });
    await client.ok(200, 'GET', '/v2/users/new/', { as });
    const body = { delta: { name: 'N' } };
    await client.ok(200, 'PUT', '/v2/users/new/', { as, body });
    await client.refused(401, 'PLP0026', 'DELETE', '/v2/users/new/', { as });
    await client.refused(401, 'PLP0026', 'GET', '/v2/users/other/', { as });
    await client.refused(401, 'PLP0026', 'GET', '/v2/users/newer/', { as });
    await client.refused(401, 'PLP0026', 'PUT', '/v2/users/other/', { as, body });
    await client.refused(401, 'PLP0026', 'GET', '/v2/permissions/', { as });
  });
}

function testLists(given: () => GivenApi): void {
  it('api lists the permissions of a resource, and of all', async () => {
    const { client } = given();
    await client.user('lister');
    const resource = '/v2/repositories/listed/';
    const body = { login: 'lister', resource, operations: ['DELETE', 'READ'] };
    await change(client, 'grant_to_user', body);
    const query = new URLSearchParams({ resource: '/pulp/api/v2/repositories/listed' });
    // biome-ignore lint/suspicious/noExplicitAny: what JSON gives.
    const [only, ...none] = (await client.ok(200, 'GET', `/v2/permissions/?${query}`)) as any[];
    assert.deepEqual(none, []);
    const { id } = only;
    const users = { lister: ['READ', 'DELETE'] };
    assert.deepEqual(only, { _id: { $oid: id }, id, resource, users, _ns: 'permissions' });
    // biome-ignore lint/suspicious/noExplicitAny: what JSON gives.
    const all = (await client.ok(200, 'GET', '/v2/permissions/')) as any[];
    assert.deepEqual(
      all.find((permission) => permission.resource === resource),
      only,
    );
    assert.ok(all.some((permission) => permission.resource === '/v2/users/lister/'));
    for (const unknown of ['/v2/nothing/', '', 'x', '%00']) {
      assert.deepEqual(await client.ok(200, 'GET', `/v2/permissions/?resource=${unknown}`), []);
    }
    await client.ok(200, 'DELETE', '/v2/users/lister/');
    assert.deepEqual(await client.ok(200, 'GET', `/v2/permissions/?${query}`), []);
  });
}

function testRoleGrants(given: () => GivenApi): void {
  const setUp = async (client: Client, login: string, ...roles: readonly string[]) => {
    const as: Credentials = await client.user(login);
    for (const role of roles) {
      await client.ok(201, 'POST', '/v2/roles/', { body: { role_id: role } });
      await client.ok(200, 'POST', `/v2/roles/${role}/users/`, { body: { login } });
      const body = { role_id: role, resource: '/v2/tasks/', operations: ['READ', 'DELETE'] };
      await change(client, 'grant_to_role', body);
    }
    return as;
  };
  const list = '/v2/permissions/?resource=/v2/tasks/';

  it('api gives the members of a role what it allows, and shows it as theirs', async () => {
    const { client } = given();
    const as = await setUp(client, 'shown', 'showers');
    await client.ok(200, 'GET', '/v2/tasks/', { as });
    // biome-ignore lint/suspicious/noExplicitAny: what JSON gives.
    const [permission] = (await client.ok(200, 'GET', list)) as any[];
    assert.deepEqual(permission.users.shown, ['READ', 'DELETE']);
    // biome-ignore lint/suspicious/noExplicitAny: what JSON gives.
    const role = (await client.ok(200, 'GET', '/v2/roles/showers/')) as any;
    assert.deepEqual(role.permissions, { '/v2/tasks/': ['READ', 'DELETE'] });
    const body = { role_id: 'showers', resource: '/v2/tasks/', operations: ['READ'] };
    await change(client, 'revoke_from_role', body);
    await client.refused(401, 'PLP0026', 'GET', '/v2/tasks/', { as });
  });

  it('api leaves what a user has by another role, or directly, when one of them goes', async () => {
    const { client } = given();
    const as = await setUp(client, 'twice', 'one', 'two', 'three');
    const may = async () => (await client.call('GET', '/v2/tasks/', { as })).status === 200;
    const revoked = { role_id: 'one', resource: '/v2/tasks/', operations: ['READ'] };
    await change(client, 'revoke_from_role', revoked);
    assert.ok(await may());
    await client.ok(200, 'DELETE', '/v2/roles/two/users/twice/');
    assert.ok(await may());
    const direct = { login: 'twice', resource: '/v2/tasks/', operations: ['READ'] };
    await change(client, 'grant_to_user', direct);
    await client.ok(200, 'DELETE', '/v2/roles/three/');
    assert.ok(await may());
    await change(client, 'revoke_from_user', direct);
    assert.ok(!(await may()));
  });

  it('api grants nothing to the super-users and revokes nothing from them', async () => {
    const { client } = given();
    const body = { role_id: 'super-users', resource: '/v2/', operations: ['READ'] };
    for (const name of ['grant_to_role', 'revoke_from_role']) {
      const refused = await client.refused(400, 'PLP0015', 'POST', `${actions}${name}/`, { body });
      assert.deepEqual(refused.property_names, ['role_id']);
    }
  });
}

function testBadGrants(given: () => GivenApi): void {
  const fine = { resource: '/v2/x/', operations: ['READ'] };

  it('api grants and revokes nothing for whom there is not', async () => {
    const { client } = given();
    for (const name of ['grant', 'revoke']) {
      const to = name === 'grant' ? 'to' : 'from';
      const user = { body: { login: 'none', ...fine } };
      const target = `${actions}${name}_${to}_user/`;
      const body = await client.refused(404, 'PLP0009', 'POST', target, user);
      assert.deepEqual(body.resources, { user: 'none' });
      const role = { body: { role_id: 'none', ...fine } };
      await client.refused(404, 'PLP0009', 'POST', `${actions}${name}_${to}_role/`, role);
    }
  });

  it('api names what is missing or wrong in a grant', async () => {
    const { client } = given();
    const target = `${actions}grant_to_user/`;
    const missing = await client.refused(400, 'PLP0016', 'POST', target, { body: {} });
    assert.deepEqual(missing.missing_property_names, ['login', 'resource', 'operations']);
    for (const [name, value, reason] of [
      ['operations', ['READ', 'FLY'], '"FLY" is none of CREATE, READ, UPDATE, DELETE, EXECUTE'],
      ['operations', ['0'.repeat(10_000)], `"${'0'.repeat(100)}" is none of`],
      ['resource', '', 'it is neither "/" nor begins with "/v2/"'],
      ['resource', '/v3/', 'it is neither "/" nor begins with "/v2/"'],
      ['resource', '/v2/../', 'it has a segment "." or ".."'],
      ['resource', '/v2/a?b', 'it has a character that no path of the API has'],
      ['resource', '/v2/\0', 'it has a character that no path of the API has'],
      ['resource', `/v2/${'a'.repeat(10_000)}/`, 'it is longer than 1024 bytes'],
      ['resource', { $ne: null }, 'it should be a text'],
      ['login', { $ne: null }, 'it should be a text'],
    ] as const) {
      const body = { login: 'admin', ...fine, [name]: value };
      const refused = await client.refused(400, 'PLP0015', 'POST', target, { body });
      assert.deepEqual(refused.property_names, [name]);
      const text = `Invalid properties: ['${name}']: ${reason}`;
      assert.ok(refused.error_message.startsWith(text), refused.error_message);
    }
    const many = { login: 'admin', ...fine, more: 1 };
    await client.refused(400, 'PLP0017', 'POST', target, { body: many });
  });

  it('api loses no grant of many at once', async () => {
    const { client } = given();
    await client.user('busy');
    const resources = Array.from({ length: 8 }, (_, index) => `/v2/r${index}/`);
    await Promise.all(
      resources.map((resource) =>
        change(client, 'grant_to_user', { login: 'busy', resource, operations: ['READ'] }),
      ),
    );
    const user = await given().api.parts.people.users.byLogin('busy');
    const granted = new Set(user?.grants.map(({ resource }) => resource as string));
    assert.ok(resources.every((resource) => granted.has(resource)));
  });
}
