/** How users end: disabled, demoted or deleted, and the one who stays. */

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { where } from '../../src/stores/parse-filter.ts';
import { Client } from './client.ts';
import type { GivenApi } from './contract.ts';
import { admin, withCertificate } from './running-api.ts';

const path = '/v2/users/';
const roles = (names: readonly string[]) => ({ body: { delta: { roles: names } } });
const disabled = (isDisabled: boolean) => ({ body: { delta: { disabled: isDisabled } } });

export function testUserEnds(given: () => GivenApi): void {
  testDisabling(given);
  testStaleRoles(given);
  testLastSuperUser(given);
}

function testDisabling(given: () => GivenApi): void {
  it('T54 api ends the sessions of a user whose password is changed, but the one that changes it', async () => {
    const { client } = given();
    const as = await client.user('robbed');
    const target = '/v2/users/robbed/';
    const open = async (options: object) => {
      const body = (await client.ok(200, 'POST', '/v2/actions/login/', options)) as {
        certificate: string;
      };
      return { as: undefined, headers: withCertificate(body.certificate) };
    };
    const [stolen, own] = [await open({ as }), await open({ as })];
    const renewed = await open(stolen);
    await client.ok(200, 'PUT', target, { ...own, body: { delta: { name: 'Robbed' } } });
    await client.ok(200, 'GET', target, stolen);
    await client.ok(200, 'PUT', target, { ...own, body: { delta: { password: 'new secret' } } });
    for (const ended of [stolen, renewed]) {
      await client.refused(401, 'PLP0027', 'GET', target, ended);
      await client.refused(401, 'PLP0027', 'POST', '/v2/actions/login/', ended);
    }
    await client.ok(200, 'GET', target, own);
    await client.ok(200, 'PUT', target, { body: { delta: { password: 'newer secret' } } });
    await client.refused(401, 'PLP0027', 'GET', target, own);
    await client.ok(200, 'GET', target, { as: { ...as, password: 'newer secret' } });
  });

  it('api disables a user, who is nobody until enabled again', async () => {
    const { client } = given();
    const as = await client.user('idle');
    const target = '/v2/users/idle/';
    const { certificate } = (await client.ok(200, 'POST', '/v2/actions/login/', { as })) as {
      certificate: string;
    };
    const session = { as: undefined, headers: withCertificate(certificate) };
    const front = { as: undefined, headers: { 'X-Remote-User': 'idle' } };
    await client.ok(200, 'GET', target, session);
    const turn = (isDisabled: boolean) => client.ok(200, 'PUT', target, disabled(isDisabled));
    assert.equal(((await turn(true)) as { disabled?: boolean }).disabled, true);
    await client.refused(401, 'PLP0030', 'GET', target, { as });
    await client.refused(401, 'PLP0027', 'GET', target, session);
    await client.refused(401, 'PLP0029', 'GET', target, front);
    assert.ok(!('disabled' in ((await turn(false)) as object)));
    await client.ok(200, 'GET', target, { as });
    await client.ok(200, 'GET', target, front);
    // The session ended for good.
    await client.refused(401, 'PLP0027', 'GET', target, session);
    for (const wrong of ['true', 1, {}]) {
      const body = { delta: { disabled: wrong } };
      await client.refused(400, 'PLP0015', 'PUT', target, { body });
    }
  });

  it('T54 api opens no session for a user who is disabled while it is made', async () => {
    const { client, api, start } = given();
    const as = await client.user('hasty');
    const { sessionAuthority } = api.parts;
    const issue: typeof sessionAuthority.issue = async (...values) => {
      await client.ok(200, 'PUT', '/v2/users/hasty/', disabled(true));
      return sessionAuthority.issue(...values);
    };
    const replace = { ...api.parts, sessionAuthority: { issue } };
    await using other = await start({ replace });
    await new Client(other).refused(401, 'PLP0025', 'POST', '/v2/actions/login/', { as });
    const user = await api.parts.people.users.byLogin('hasty');
    const filter = where({ user: user?._id ?? '' });
    assert.equal(await api.parts.store.count('sessions', filter), 0);
  });

  it('api makes no disabled user a super-user, and leaves one who is disabled in the role', async () => {
    const { client } = given();
    await client.user('resting');
    const target = '/v2/users/resting/';
    await client.ok(200, 'PUT', target, disabled(true));
    const refused = await client.refused(400, 'PLP0015', 'PUT', target, roles(['super-users']));
    assert.deepEqual(refused.property_names, ['roles']);
    const member = { body: { login: 'resting' } };
    await client.refused(400, 'PLP0015', 'POST', '/v2/roles/super-users/users/', member);
    const both = { delta: { disabled: false, roles: ['super-users'] } };
    await client.ok(200, 'PUT', target, { body: both });
    const as = { login: 'resting', password: 'password of resting' };
    await client.ok(200, 'GET', path, { as });
    // Nothing is changed of a call that is refused for one of its parts.
    const enough = { delta: { name: 'Other', disabled: true, roles: ['none'] } };
    await client.refused(400, 'PLP0015', 'PUT', target, { body: enough });
    await client.ok(200, 'GET', path, { as });
    const off = { delta: { name: 'Off', disabled: true, roles: ['super-users'] } };
    assert.equal(((await client.ok(200, 'PUT', target, { body: off })) as UserBody).name, 'Off');
    await client.refused(401, 'PLP0030', 'GET', path, { as });
    await client.ok(200, 'PUT', target, disabled(false));
    await client.ok(200, 'GET', path, { as });
    await client.ok(200, 'DELETE', target);
  });
}

function testStaleRoles(given: () => GivenApi): void {
  it('api gives nobody the role of super-users for what their own document still says', async () => {
    const { client, api } = given();
    const as = await client.user('stale');
    const user = await api.parts.people.users.byLogin('stale');
    assert.ok(user);
    await api.parts.store.update('users', user._id, { $set: { roles: ['super-users'] } });
    const target = '/v2/users/stale/';
    const options = { as, ...roles(['super-users']) };
    await client.refused(401, 'PLP0026', 'PUT', target, options);
    await client.ok(200, 'PUT', target, { as, ...roles([]) });
  });

  it('api gives nobody a role back that was taken while they changed their own user', async () => {
    const { client, api, start } = given();
    const as = await client.user('racer');
    await client.ok(201, 'POST', '/v2/roles/', { body: { role_id: 'prize' } });
    const target = '/v2/users/racer/';
    await client.ok(200, 'PUT', target, roles(['prize']));
    const { people } = api.parts;
    let isTaken = false;
    const has = async (id: string): Promise<boolean> => {
      if (!isTaken) await client.ok(200, 'DELETE', '/v2/roles/prize/users/racer/');
      isTaken = true;
      return people.superUsers.has(id);
    };
    const superUsers = { has, active: () => people.superUsers.active() } as never;
    const replace = { ...api.parts, people: { ...people, superUsers } };
    await using other = await start({ replace });
    const options = { as, ...roles(['prize']) };
    await new Client(other).refused(401, 'PLP0026', 'PUT', target, options);
    assert.deepEqual(((await client.ok(200, 'GET', target)) as UserBody).roles, []);
  });
}

interface UserBody {
  readonly name: string;
  readonly roles: readonly string[];
}

function testLastSuperUser(given: () => GivenApi): void {
  it('api keeps the last super-user, who is neither deleted nor demoted', async () => {
    const { client } = given();
    const body = await client.refused(400, 'PLP0015', 'DELETE', '/v2/users/admin/');
    assert.deepEqual(body.property_names, ['login']);
    await client.refused(400, 'PLP0015', 'PUT', '/v2/users/admin/', roles([]));
    await client.refused(400, 'PLP0015', 'PUT', '/v2/users/admin/', disabled(true));
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
