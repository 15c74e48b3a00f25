/** How many and how long: what the limits still take, and what they refuse. */

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { grantsMax, textCharactersMax } from '../../src/api/people/documents.ts';
import { sessionsOfUserMax } from '../../src/api/people/sessions.ts';
import { rolesMax } from '../../src/api/routes/change-user.ts';
import type { GivenApi } from './contract.ts';

export function testLimits(given: () => GivenApi): void {
  for (const [kind, collection, action] of [
    ['user', 'users', 'grant_to_user'],
    ['role', 'roles', 'grant_to_role'],
  ] as const) {
    it(`api takes ${grantsMax} grants of one ${kind}, and one more operation, but no more`, async () => {
      const { client, api } = given();
      const { people, store } = api.parts;
      await client.user('granted');
      await client.ok(201, 'POST', '/v2/roles/', { body: { role_id: `granted-${kind}` } });
      const holder =
        kind === 'user'
          ? await people.users.byLogin('granted')
          : await people.roles.byId(`granted-${kind}`);
      assert.ok(holder);
      const grants = Array.from({ length: grantsMax - 1 }, (_, index) => {
        return { resource: `/v2/r${index}/`, operations: ['READ'] };
      });
      await store.update(collection, holder._id, { $set: { grants } });
      const name = kind === 'user' ? { login: 'granted' } : { role_id: `granted-${kind}` };
      const path = `/v2/permissions/actions/${action}/`;
      const grant = (resource: string, operation: string) => {
        return { body: { ...name, resource, operations: [operation] } };
      };
      await client.ok(200, 'POST', path, grant('/v2/last/', 'READ'));
      const refused = await client.refused(400, 'PLP0015', 'POST', path, grant('/v2/x/', 'READ'));
      assert.deepEqual(refused.property_names, ['resource']);
      await client.ok(200, 'POST', path, grant('/v2/last/', 'UPDATE'));
      if (kind === 'user') await client.ok(200, 'DELETE', '/v2/users/granted/');
    });
  }

  it(`api takes ${rolesMax} roles of one user, and no more`, async () => {
    const { client, api } = given();
    await client.user('many');
    const ids = Array.from({ length: rolesMax + 1 }, (_, index) => `many-${index}`);
    const rest = { display_name: null, description: null, grants: [] };
    await api.parts.store.insertMany(
      'roles',
      ids.map((id) => ({ id, ...rest })),
    );
    const put = (roles: readonly string[]) => ({ body: { delta: { roles } } });
    const path = '/v2/users/many/';
    const refused = await client.refused(400, 'PLP0015', 'PUT', path, put(ids));
    assert.deepEqual(refused.property_names, ['roles']);
    assert.match(refused.error_message, /\['roles'\]: they are more than 500\.$/);
    const most = ids.slice(0, rolesMax);
    const user = (await client.ok(200, 'PUT', path, put(most))) as { roles: readonly string[] };
    assert.deepEqual(user.roles, most);
    // The same one again and again is one.
    await client.ok(200, 'PUT', path, put(Array(rolesMax + 1).fill(ids[0])));
  });

  it(`api takes names and descriptions of ${textCharactersMax} characters, and no more`, async () => {
    const { client } = given();
    const longest = 'n'.repeat(textCharactersMax);
    await client.ok(201, 'POST', '/v2/users/', { body: { login: 'named', name: longest } });
    const role = { role_id: 'named', display_name: longest, description: longest };
    await client.ok(201, 'POST', '/v2/roles/', { body: role });
    for (const [path, property] of [
      ['/v2/users/named/', 'name'],
      ['/v2/roles/named/', 'display_name'],
      ['/v2/roles/named/', 'description'],
    ] as const) {
      const body = (text: string) => ({ body: { delta: { [property]: text } } });
      await client.ok(200, 'PUT', path, body(longest));
      const refused = await client.refused(400, 'PLP0015', 'PUT', path, body(`${longest}n`));
      assert.deepEqual(refused.property_names, [`delta.${property}`]);
    }
  });

  it(`api keeps ${sessionsOfUserMax} sessions of a user, and ends the one that ends first`, async () => {
    const { client, api } = given();
    await client.user('busy');
    const { sessions, users } = api.parts.people;
    const user = await users.byLogin('busy');
    assert.ok(user);
    const begin = Date.now() + 60_000;
    for (let number = 0; number <= sessionsOfUserMax; number += 1) {
      assert.equal(await sessions.isOpen('0', user._id), number > 0);
      const expires = new Date(begin + number * 1000);
      await sessions.open({ serial: String(number), user: user._id, expires });
    }
    assert.equal(await sessions.isOpen('0', user._id), false);
    for (const serial of ['1', String(sessionsOfUserMax)]) {
      assert.equal(await sessions.isOpen(serial, user._id), true, serial);
    }
  });
}
