/** Bindings, profiles and groups of consumers by the API. */

import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { it } from 'node:test';
import { bindingsMax, groupMembersMax, profilesMax } from '../../src/consumers/documents.ts';
import { where } from '../../src/stores/parse-filter.ts';
import { addRepository, registerConsumer } from './consumer-fixture.ts';
import type { GivenApi } from './contract.ts';

const one = (id: string): string => `/v2/consumers/${id}/`;
const distributor_id = 'yum_distributor';

export function testConsumerBindings(given: () => GivenApi): void {
  testBinding(given);
  testLimits(given);
  testProfiles(given);
  testGroups(given);
}

function testBinding(given: () => GivenApi): void {
  it('api binds a consumer at once, with all that it needs in the payload', async () => {
    const { client, api } = given();
    const config = { auth_ca: 'CA', auth_cert: 'KEY and CERTIFICATE', https_ca: 'HTTPS CA' };
    await addRepository(api, 'acme', 'acme/el9', config);
    const { as } = await registerConsumer(client, 'bound');
    const path = `${one('bound')}bindings/`;
    const body = { repo_id: 'acme', distributor_id, binding_config: { a: 1 }, options: {} };
    const report = (await client.ok(200, 'POST', path, { body })) as { result: Shown };
    const { result } = report;
    assert.deepEqual(report, { result, error: null, spawned_tasks: [] });
    assert.deepEqual(
      [result.consumer_id, result.repo_id, result.type_id, result.binding_config, result.deleted],
      ['bound', 'acme', 'yum_distributor', { a: 1 }, false],
    );
    const details = {
      repo_name: 'The repository acme',
      server_name: 'localhost',
      ca_cert: 'HTTPS CA',
      relative_path: '/pulp/repos/acme/el9',
      protocols: ['https'],
      gpg_keys: [],
      client_cert: '*****',
      global_auth_ca: null,
      global_auth_cert: null,
      global_auth_key: null,
    };
    assert.deepEqual(result.details, details);
    const own = (await client.ok(200, 'GET', path, as)) as Shown[];
    // The key in it is for the consumer alone.
    assert.deepEqual(own[0]?.details, { ...details, client_cert: 'KEY and CERTIFICATE' });
    assert.deepEqual(await client.ok(200, 'GET', `${path}acme/`, as), own);
    const href = `${path}acme/${distributor_id}/`;
    assert.deepEqual(await client.ok(200, 'GET', href, as), own[0]);
    const again = { ...body, binding_config: {}, notify_agent: false };
    await client.ok(200, 'POST', path, { body: again });
    assert.equal(((await client.ok(200, 'GET', path)) as Shown[]).length, 1);
    await client.ok(200, 'GET', '/v2/consumers/binding/search/?limit=1');
    await client.ok(200, 'DELETE', href, as);
    for (const method of ['GET', 'DELETE'] as const) {
      await client.refused(404, 'PLP0009', method, href, as);
    }
    for (const wrong of [{ repo_id: 'nothing' }, { distributor_id: 'nothing' }]) {
      const refused = await client.refused(404, 'PLP0009', 'POST', path, {
        body: { ...body, ...wrong },
      });
      assert.deepEqual(Object.keys(refused.resources), ['repo_id', 'distributor_id']);
    }
    // As while a repository is being deleted: what it serves goes first.
    await api.parts.store.remove('distributions', 'repos:acme/el9');
    await client.refused(404, 'PLP0009', 'POST', path, { body });
    await client.refused(404, 'PLP0009', 'GET', `${one('nobody')}bindings/`);
    await client.refused(404, 'PLP0009', 'GET', `${one('nobody')}bindings/acme/`);
    await client.refused(404, 'PLP0009', 'POST', `${one('nobody')}bindings/`, { body });
  });

  it('api lets a consumer bind itself to what is open to everybody, and to nothing else', async () => {
    const { client, api } = given();
    await addRepository(api, 'open-repo', 'open');
    await addRepository(api, 'guarded-repo', 'guarded', { auth_ca: 'CA' });
    await addRepository(api, 'unserved-repo', 'no/where');
    const { as } = await registerConsumer(client, 'bold');
    const path = `${one('bold')}bindings/`;
    const bindTo = (repo_id: string) => ({ ...as, body: { repo_id, distributor_id } });
    await client.ok(200, 'POST', path, bindTo('open-repo'));
    for (const repository of ['guarded-repo', 'unserved-repo', 'nothing']) {
      await client.refused(401, 'PLP0026', 'POST', path, bindTo(repository));
    }
    const bound = (await client.ok(200, 'GET', path, as)) as Shown[];
    assert.deepEqual(
      bound.map(({ repo_id }) => repo_id),
      ['open-repo'],
    );
    // It is closed later: neither the binding nor the key of the repository is the consumer's by that.
    const key = { auth_ca: 'CA', auth_cert: 'KEY' };
    await api.parts.store.update('repositories', 'open-repo', (document) => ({
      ...document,
      distributors: (document.distributors as never[]).map((each: object) => ({
        ...each,
        config: key,
      })),
    }));
    const later = await client.ok(200, 'GET', path, as);
    assert.match(JSON.stringify(later), /"client_cert":"\*{5}"/);
    const filter = where({ repo_id: 'open-repo', is_granted: true });
    assert.equal(await api.parts.store.count('consumer_bindings', filter), 0);
  });

  it('api lets a consumer bind itself to nothing of which a part is not open', async () => {
    const { client, api } = given();
    const { store, policies } = api.parts;
    const { as } = await registerConsumer(client, 'cunning');
    const [place] = await store.find('distributions', { filter: where({ _id: 'repos:open' }) });
    const { _version: _, ...open } = place ?? assert.fail();
    const body = { repo_id: String(open.repository), distributor_id };
    const bind = () => client.call('POST', `${one('cunning')}bindings/`, { ...as, body });
    // The binding would open what is served there as well.
    const other = { area: 'isos', relative_url: 'guarded', distributor: 'x' };
    await store.insert('distributions', { ...open, ...other, _id: 'isos:guarded' });
    assert.equal((await bind()).status, 401);
    await store.remove('distributions', 'isos:guarded');
    const paths = [{ path: 'inner', access: { consumer: {} } }];
    const tree = JSON.stringify({ access: 'public', paths });
    await policies.stored.setAccess('open', { tree, uses: [], by: 'admin' });
    assert.equal((await bind()).status, 401);
    await policies.stored.clearAccess('open');
    assert.equal((await bind()).status, 200);
  });

  it('api goes by no binding of a consumer that was deleted, also after its id has another', async () => {
    const { client, api } = given();
    await addRepository(api, 'left', 'left');
    await registerConsumer(client, 'leaves');
    const body = { repo_id: 'left', distributor_id };
    await client.ok(200, 'POST', `${one('leaves')}bindings/`, { body });
    const [binding] = await api.parts.store.find('consumer_bindings', {
      filter: where({ consumer_id: 'leaves' }),
    });
    await client.ok(200, 'DELETE', one('leaves'));
    // As if whoever deleted it had died on the way.
    const { _version: _, ...left } = binding ?? assert.fail();
    await api.parts.store.insert('consumer_bindings', left);
    const { as } = await registerConsumer(client, 'leaves');
    assert.deepEqual(await client.ok(200, 'GET', `${one('leaves')}bindings/`, as), []);
    assert.equal(await api.parts.store.get('consumer_bindings', left._id), undefined);
  });
}

function testLimits(given: () => GivenApi): void {
  it(`api binds a consumer to ${bindingsMax} distributors, and not to one more`, async () => {
    const { client, api } = given();
    const { store } = api.parts;
    for (const id of ['limit-1', 'limit-2']) await addRepository(api, id, id);
    await registerConsumer(client, 'full');
    const consumer = await store.get('consumers', 'full');
    const others = Array.from({ length: bindingsMax - 1 }, (_, index) => ({
      ...{ consumer_id: 'full', record: consumer?.record ?? null, distributor_id },
      ...{ repo_id: `r${index}`, notify_agent: false, binding_config: {}, created: new Date() },
    }));
    await store.insertMany('consumer_bindings', others);
    const path = `${one('full')}bindings/`;
    const bindTo = (repo_id: string) => ({ body: { repo_id, distributor_id } });
    await client.ok(200, 'POST', path, bindTo('limit-1'));
    await client.ok(200, 'POST', path, bindTo('limit-1'));
    await client.refused(400, 'PLP0015', 'POST', path, bindTo('limit-2'));
  });
}

function testProfiles(given: () => GivenApi): void {
  it('api keeps profiles, which a consumer sets itself, with the digest of each', async () => {
    const { client } = given();
    const { as } = await registerConsumer(client, 'profiled');
    const path = `${one('profiled')}profiles/`;
    const profile = [{ version: '1', name: 'a' }, { name: 'b' }];
    const body = { content_type: 'rpm', profile };
    const made = (await client.ok(201, 'POST', path, { ...as, body })) as Profile;
    assert.deepEqual(made.profile, profile);
    const sorted = '[{"name":"a","version":"1"},{"name":"b"}]';
    assert.equal(made.profile_hash, hash('sha256', sorted));
    assert.deepEqual(await client.ok(200, 'GET', `${path}rpm/`, as), made);
    const other = { profile: [{ name: 'c' }] };
    const changed = (await client.ok(200, 'PUT', `${path}rpm/`, { ...as, body: other })) as Profile;
    assert.deepEqual(changed.profile, other.profile);
    assert.deepEqual(await client.ok(200, 'GET', path, as), [changed]);
    const criteria = { filters: { 'profile.name': 'c' } };
    const found = await client.ok(200, 'POST', '/v2/consumers/profile/search/', {
      body: { criteria },
    });
    assert.deepEqual(found, [changed]);
    await client.ok(200, 'GET', '/v2/consumers/profile/search/?limit=1');
    await client.ok(200, 'DELETE', `${path}rpm/`, as);
    await client.refused(404, 'PLP0009', 'DELETE', `${path}rpm/`, as);
    await client.refused(404, 'PLP0009', 'GET', `${path}rpm/`, as);
    for (let index = 0; index < profilesMax; index += 1) {
      await client.ok(201, 'POST', path, { body: { content_type: `t${index}`, profile: [] } });
    }
    const more = { content_type: 'more', profile: [] };
    await client.refused(400, 'PLP0015', 'POST', path, { body: more });
    for (const wrong of [{ $x: 1 }, 'text', 5]) {
      await client.refused(400, 'PLP0015', 'POST', path, { body: { ...more, profile: wrong } });
    }
    const of = `${one('nobody')}profiles/`;
    await client.refused(404, 'PLP0009', 'GET', of);
    await client.refused(404, 'PLP0009', 'POST', of, { body });
    await client.refused(404, 'PLP0009', 'PUT', `${of}rpm/`, { body: other });
  });
}

function testGroups(given: () => GivenApi): void {
  it('api keeps groups of consumers, and binds and unbinds all who are in one', async () => {
    const { client, api } = given();
    await addRepository(api, 'grouped', 'grouped');
    for (const id of ['g-1', 'g-2', 'g-3']) await registerConsumer(client, id);
    const path = '/v2/consumer_groups/';
    const body = { id: 'web', consumer_ids: ['g-1'], notes: { a: '1' } };
    const group = (await client.ok(201, 'POST', path, { body })) as Group;
    await client.refused(409, 'PLP0018', 'POST', path, { body });
    const unknown = { id: 'other', consumer_ids: ['nobody'] };
    await client.refused(400, 'PLP0015', 'POST', path, { body: unknown });
    await client.refused(400, 'PLP0015', 'POST', path, { body: { id: 'search' } });
    assert.deepEqual(await client.ok(200, 'GET', `${path}web/`), group);
    assert.deepEqual(await client.ok(200, 'GET', path), [group]);
    const renamed = { display_name: 'Web', notes: { a: null } };
    const changed = (await client.ok(200, 'PUT', `${path}web/`, { body: renamed })) as Group;
    assert.deepEqual([changed.display_name, changed.notes], ['Web', {}]);
    const act = (name: string, filters: object) =>
      client.ok(200, 'POST', `${path}web/actions/${name}/`, { body: { criteria: { filters } } });
    const some = { id: { $in: ['g-2', 'g-3'] } };
    assert.deepEqual(await act('associate', some), ['g-1', 'g-2', 'g-3']);
    assert.deepEqual(await act('unassociate', { id: 'g-3' }), ['g-1', 'g-2']);
    await client.ok(200, 'POST', `${path}search/`, { body: { criteria: {} } });
    await client.ok(200, 'GET', `${path}search/?limit=1`);
    const binding = { repo_id: 'grouped', distributor_id };
    const bound = await client.ok(200, 'POST', `${path}web/bindings/`, { body: binding });
    const result = { ...binding, bound: ['g-1', 'g-2'], full: [] };
    assert.deepEqual(bound, { result, error: null, spawned_tasks: [] });
    await client.refused(404, 'PLP0009', 'POST', `${path}web/bindings/`, {
      body: { ...binding, repo_id: 'nothing' },
    });
    await client.ok(200, 'DELETE', `${one('g-2')}`);
    const left = (await client.ok(200, 'GET', `${path}web/`)) as Group;
    assert.deepEqual(left.consumer_ids, ['g-1']);
    const href = `${path}web/bindings/grouped/${distributor_id}/`;
    const unbound = (await client.ok(200, 'DELETE', href)) as { result: { unbound: string[] } };
    assert.deepEqual(unbound.result.unbound, ['g-1']);
    assert.deepEqual(await client.ok(200, 'GET', `${one('g-1')}bindings/`), []);
    await client.ok(200, 'DELETE', `${path}web/`);
  });

  it(`api knows no group that is not there, and takes ${groupMembersMax} consumers into one`, async () => {
    const { client, api } = given();
    const path = '/v2/consumer_groups/';
    const of = `${path}nobody/`;
    for (const method of ['GET', 'DELETE'] as const) {
      await client.refused(404, 'PLP0009', method, of);
    }
    await client.refused(404, 'PLP0009', 'PUT', of, { body: {} });
    for (const act of ['associate', 'unassociate']) {
      await client.refused(404, 'PLP0009', 'POST', `${of}actions/${act}/`);
    }
    const body = { repo_id: 'x', distributor_id: 'x' };
    await client.refused(404, 'PLP0009', 'POST', `${of}bindings/`, { body });
    await client.refused(404, 'PLP0009', 'DELETE', `${of}bindings/x/x/`);
    await registerConsumer(client, 'last');
    const consumer_ids = Array.from({ length: groupMembersMax - 1 }, (_, index) => `c${index}`);
    const many = { _id: 'many', display_name: null, description: null, notes: {}, consumer_ids };
    await api.parts.store.insert('consumer_groups', many);
    await registerConsumer(client, 'too-many');
    const add = (id: string) => ({ body: { criteria: { filters: { id } } } });
    await client.ok(200, 'POST', `${path}many/actions/associate/`, add('last'));
    const full = add('too-many');
    await client.refused(400, 'PLP0015', 'POST', `${path}many/actions/associate/`, full);
  });
}

interface Shown {
  readonly consumer_id: string;
  readonly repo_id: string;
  readonly type_id: string;
  readonly binding_config: object;
  readonly deleted: boolean;
  readonly details: object;
}

interface Profile {
  readonly profile: unknown;
  readonly profile_hash: string;
}

interface Group {
  readonly display_name: string;
  readonly notes: object;
  readonly consumer_ids: readonly string[];
}
