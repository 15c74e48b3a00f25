/** Policies, which are ours: what can be saved, who stands in the way, and what nobody may by it. */

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { policyNodesMax } from '../../src/config/policy.ts';
import { storedPolicies, storedPoliciesMax, treeBytesMax } from '../../src/policies/documents.ts';
import { Client } from './client.ts';
import type { GivenApi } from './contract.ts';
import { open } from './test-play.ts';

const policies = '/v2/policies/';
const access = '/v2/distributions/acme/el9/access/';

export function testPolicies(given: () => GivenApi): void {
  const make = (id: string, tree: unknown) =>
    given().client.ok(201, 'POST', policies, { body: { id, access: tree } });
  const set = (tree: unknown, paths: unknown = []) =>
    given().client.ok(200, 'PUT', access, { body: { access: tree, paths } });

  it('api makes, shows, changes and deletes policies, and says who refers to them', async () => {
    const { client } = given();
    const tree = { any: ['public', { address: { allow: ['10.0.0.0/8'] } }] };
    const made = (await make('staff', tree)) as Record<string, unknown>;
    assert.deepEqual([made.id, made.source, made.by], ['staff', 'store', 'admin']);
    assert.deepEqual(made.access, tree);
    await make('all-staff', { all: [{ policy: 'staff' }, { policy: 'configured' }] });
    const shown = (await client.ok(200, 'GET', `${policies}staff/`)) as Record<string, unknown>;
    assert.deepEqual(shown.used_by, { policies: ['all-staff'], distributions: [] });
    const body = { delta: { description: 'who works here' } };
    const changed = await client.ok(200, 'PUT', `${policies}staff/`, { body });
    assert.deepEqual(
      [(changed as typeof made).description, (changed as typeof made).access],
      ['who works here', tree],
    );
    await client.refused(409, 'PLP0018', 'POST', policies, {
      body: { id: 'staff', access: 'public' },
    });
    await client.ok(200, 'DELETE', `${policies}all-staff/`);
    await client.ok(200, 'DELETE', `${policies}staff/`);
    await client.refused(404, 'PLP0009', 'GET', `${policies}staff/`);
    await client.refused(404, 'PLP0009', 'DELETE', `${policies}staff/`);
    await client.refused(404, 'PLP0009', 'PUT', `${policies}staff/`, { body });
  });

  it('api shows of a policy of the configuration its name and who refers to it, and no options', async () => {
    const { client } = given();
    const shown = await client.ok(200, 'GET', `${policies}configured/`);
    const { source, access: tree, used_by } = shown as Record<string, unknown>;
    assert.deepEqual([source, tree], ['configuration', null]);
    assert.deepEqual(used_by, { policies: [], distributions: ['fixed'] });
  });

  it('api sets who may read a distribution, and takes it back', async () => {
    const { client } = given();
    const before = (await client.ok(200, 'GET', access)) as Record<string, unknown>;
    assert.deepEqual([before.is_set, before.source, before.access], [false, 'store', null]);
    const paths = [{ path: 'debug', access: { not: 'public' } }];
    const after = (await set('public', paths)) as Record<string, unknown>;
    assert.deepEqual([after.is_set, after.access, after.paths], [true, 'public', paths]);
    const all = (await client.ok(200, 'GET', '/v2/distributions/')) as Record<string, unknown>[];
    assert.deepEqual(
      all.map(({ distribution, source, is_set }) => [distribution, source, is_set]),
      [
        ['acme/el9', 'store', true],
        ['acme/el9/debug', 'store', false],
        ['x', 'store', false],
        ['fixed', 'configuration', true],
      ],
    );
    await client.ok(200, 'DELETE', access);
    await client.refused(404, 'PLP0009', 'DELETE', access);
    const body = { access: 'public' };
    await client.refused(404, 'PLP0009', 'PUT', '/v2/distributions/acme/access/', { body });
    await client.refused(404, 'PLP0009', 'GET', '/v2/distributions/acme/access/');
  });

  testConflicts(given, make, set);
  testTrees(given);
  testRights(given);
  testPreviews(given);
}

function testConflicts(
  given: () => GivenApi,
  make: (id: string, tree: unknown) => Promise<unknown>,
  set: (tree: unknown, paths?: unknown) => Promise<unknown>,
): void {
  it('T59 api deletes no policy while somebody refers to it, and says who', async () => {
    const { client } = given();
    await make('used', 'public');
    await make('user', { not: { policy: 'used' } });
    await set(null, [{ path: 'a', access: { policy: 'used' } }]);
    const refused = await client.refused(409, 'POLICY_IN_USE', 'DELETE', `${policies}used/`);
    assert.match(refused.error_message, /the policy user, acme\/el9 would be without it/);
    assert.deepEqual(refused.error.data.used_by, {
      policies: ['user'],
      distributions: ['acme/el9'],
    });
    await client.ok(200, 'DELETE', access);
    await client.ok(200, 'DELETE', `${policies}user/`);
    await client.ok(200, 'DELETE', `${policies}used/`);
  });

  it('api changes nothing that the configuration says', async () => {
    const { client } = given();
    const code = 'SET_IN_CONFIGURATION';
    const body = { access: 'public' };
    await client.refused(409, code, 'PUT', '/v2/distributions/fixed/access/', { body });
    await client.refused(409, code, 'DELETE', '/v2/distributions/fixed/access/');
    const own = `${policies}configured/`;
    await client.refused(409, code, 'POST', policies, { body: { id: 'configured', ...body } });
    await client.refused(409, code, 'PUT', own, { body: { delta: body } });
    await client.refused(409, code, 'DELETE', own);
  });

  it('api takes no change of a policy by which those who refer to it would be closed', async () => {
    const { client } = given();
    const list = (count: number) => ({ any: Array.from({ length: count }, () => 'public') });
    await make('small', 'public');
    await set({ any: [{ policy: 'small' }, { policy: 'small' }] });
    const body = { delta: { access: list(policyNodesMax / 2) } };
    const refused = await client.refused(400, 'PLP0015', 'PUT', `${policies}small/`, { body });
    assert.match(refused.error_message, /acme\/el9 refers to it; .* more than 1000 nodes/);
    await client.ok(200, 'PUT', `${policies}small/`, { body: { delta: { access: list(400) } } });
    const circle = { delta: { access: { not: { policy: 'small' } } } };
    await client.refused(400, 'PLP0015', 'PUT', `${policies}small/`, { body: circle });
    await client.ok(200, 'DELETE', access);
    await client.ok(200, 'DELETE', `${policies}small/`);
  });
}

const wrongTrees: readonly (readonly [tree: unknown, place: string, problem: RegExp])[] = [
  ['nothing', 'access.nothing', /there is no rule "nothing"/],
  [{ any: [] }, 'access.any', /a list of at least one node/],
  [{ any: ['public', { all: [7] }] }, 'access.any[1].all[0]', /expected one of any, all, not/],
  [{ any: ['public'], all: ['public'] }, 'access', /the keys any, all/],
  [{ not: { policy: 'absent' } }, 'access.not.policy', /none of that name; there are configured/],
  [{ policy: 'itself' }, 'access.policy', /leads back to itself/],
  [{ address: { allow: ['x'] } }, 'access.address', /is not a range/],
  [{ any: [{ password: { file: '/etc/passwd' } }] }, 'access.any[0].password', /file of the host/],
  [{ certificate: { ca: '/etc/ca.pem' } }, 'access.certificate', /has no setting "ca"/],
  [{ certificate: { caPem: 'x' } }, 'access.certificate', /caPem should hold CA certificates/],
  [{ jwt: {} }, 'access.jwt', /may stand in the configuration alone/],
];

function testTrees(given: () => GivenApi): void {
  for (const [tree, place, problem] of wrongTrees) {
    it(`api refuses the tree ${JSON.stringify(tree)} with the place in it`, async () => {
      const { client } = given();
      const body = { id: 'itself', access: tree };
      const refused = await client.refused(400, 'PLP0015', 'POST', policies, { body });
      assert.deepEqual(refused.property_names, [place]);
      assert.match(refused.error_message, problem);
      if (place === 'access.policy') return;
      const paths = [{ path: 'a', access: tree }];
      const own = await client.refused(400, 'PLP0015', 'PUT', access, { body: { paths } });
      assert.deepEqual(own.property_names, [`paths[0].${place}`]);
    });
  }

  it('api takes a tree of the longest size, and none that is longer', async () => {
    const { client } = given();
    const ranges = (bytes: number) => {
      const range = '10.0.0.0/8';
      const count = Math.floor(bytes / (range.length + 3)) - 2;
      return { address: { allow: Array.from({ length: count }, () => range) } };
    };
    const body = (bytes: number) => ({ body: { access: ranges(bytes) } });
    await client.ok(200, 'PUT', access, body(treeBytesMax));
    const refused = await client.refused(400, 'PLP0015', 'PUT', access, body(treeBytesMax + 200));
    assert.match(refused.error_message, /longer than 262144 bytes/);
    await client.ok(200, 'DELETE', access);
  });

  it('T57 api keeps names of every kind in options as data, and gives them back', async () => {
    const { client } = given();
    const kept = { 'remote-user': { users: ['$where', 'a.b', 'constructor'] } };
    const saved = await client.ok(200, 'PUT', access, { body: { access: kept } });
    assert.deepEqual((saved as { access: unknown }).access, kept);
    await client.ok(200, 'DELETE', access);
  });

  it('api makes as many policies as the limit, and not one more', async () => {
    await using api = await given().start();
    const { stored } = api.parts.policies;
    const fields = { tree: '"public"', uses: [], by: 'a', description: null, order: 0 };
    const some = Array.from({ length: storedPoliciesMax - 1 }, (_, index) => ({
      _id: `p${index}`,
      ...fields,
      changed: new Date(),
    }));
    await api.parts.store.insertMany(storedPolicies, some);
    const client = new Client(api);
    const make = (id: string) => ({ body: { id, access: 'public' } });
    await client.ok(201, 'POST', policies, make('last'));
    assert.equal(await stored.count(), storedPoliciesMax);
    const refused = await client.refused(400, 'PLP0015', 'POST', policies, make('more'));
    assert.match(refused.error_message, /there are 10000 policies already/);
  });

  for (const id of ['', 'A', 'a b', '../x', 'x'.repeat(65), '$ne', 'constructor/']) {
    it(`api makes no policy ${JSON.stringify(id.slice(0, 10))}`, async () => {
      const body = { id, access: 'public' };
      const refused = await given().client.refused(400, 'PLP0015', 'POST', policies, { body });
      assert.deepEqual(refused.property_names, ['id']);
    });
  }
}

function testRights(given: () => GivenApi): void {
  it('api lets a caller set what was granted: one distribution, or all below a path', async () => {
    const { client } = given();
    const as = await client.user('keeper');
    const body = { access: 'public' };
    await client.refused(401, 'PLP0026', 'PUT', access, { as, body });
    await client.ok(200, 'POST', '/v2/permissions/actions/grant_to_user/', {
      body: { login: 'keeper', resource: '/v2/distributions/acme/el9/', operations: ['UPDATE'] },
    });
    await client.ok(200, 'PUT', access, { as, body });
    await client.ok(200, 'PUT', '/v2/distributions/acme/el9/debug/access/', { as, body });
    await client.refused(401, 'PLP0026', 'PUT', '/v2/distributions/x/access/', { as, body });
    await client.refused(401, 'PLP0026', 'DELETE', access, { as });
    await client.ok(200, 'DELETE', access);
    await client.ok(200, 'DELETE', '/v2/distributions/acme/el9/debug/access/');
  });
}

function testPreviews(given: () => GivenApi): void {
  const path = '/v2/access/preview/';
  const of = (url: string, more: object) => ({ body: { url, ...more } });

  it('api previews what a client would get by a policy that is not saved', async () => {
    const { client } = given();
    const near = { access: { address: { allow: ['10.0.0.0/8'] } } };
    const there = await client.ok(200, 'POST', path, of(open, { ...near, address: '10.1.2.3' }));
    const elsewhere = await client.ok(
      200,
      'POST',
      path,
      of(open, { ...near, address: '192.0.2.1' }),
    );
    const statuses = [there, elsewhere].map((one) => (one as { status: number }).status);
    assert.deepEqual(statuses, [200, 403]);
    const paths = [{ path: 'file.txt', access: { not: 'public' } }];
    const closed = (await client.ok(200, 'POST', path, of(open, { access: 'public', paths }))) as {
      readonly status: number;
      readonly tree: { readonly at: string };
    };
    assert.deepEqual([closed.status, closed.tree.at], [403, 'paths[0].access.not']);
    const nobody = await client.ok(200, 'POST', path, of(open, {}));
    assert.match((nobody as { reason: string }).reason, /has no policy, so nobody has access/);
    const explained = await client.ok(200, 'POST', '/v2/access/explain/', of(open, {}));
    assert.equal((explained as { status: number }).status, 200);
  });

  it('api previews no rule that names a file, and no tree that could not be saved', async () => {
    const { client } = given();
    for (const [access, property] of [
      [{ password: { file: '/etc/passwd' } }, 'access.password'],
      [{ certificate: { ca: '/etc/ca.pem' } }, 'access.certificate'],
      ['nothing', 'access.nothing'],
      [{ policy: 'absent' }, 'access.policy'],
    ] as const) {
      const refused = await client.refused(400, 'PLP0015', 'POST', path, of(open, { access }));
      assert.deepEqual(refused.property_names, [property]);
    }
    const wrong = of(open, { access: 'public', address: 'x' });
    const refused = await client.refused(400, 'PLP0015', 'POST', path, wrong);
    assert.deepEqual(refused.property_names, ['address']);
  });

  it('api says which policy cannot be made for a preview', async () => {
    const certificate = '-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n';
    const body = of(open, { access: { certificate: { caPem: certificate } } });
    const refused = await given().client.refused(400, 'PLP0015', 'POST', path, body);
    assert.match(refused.error_message, /certificate 1 cannot be read/);
  });
}
