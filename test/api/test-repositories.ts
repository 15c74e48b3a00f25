/** The repositories of section 4.2 of the facts about Pulp 2, and cases 1 to 13 of 9.10. */

import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { GivenApi } from './contract.ts';
import { done, runRepositoryTasks, settled, yumRepository } from './repository-fixture.ts';

const path = '/v2/repositories/';

export function testRepositories(given: () => GivenApi): void {
  testCreation(given);
  testChanges(given);
  testSearches(given);
}

function testCreation(given: () => GivenApi): void {
  it('api makes a repository, minimal and with all that it may have', async () => {
    const { client } = given();
    const reply = await client.call('POST', path, { body: { id: 'minimal' } });
    assert.deepEqual([reply.status, reply.headers.location], [201, `/pulp/api${path}minimal/`]);
    assert.deepEqual(reply.body, {
      _id: { $oid: 'minimal' },
      id: 'minimal',
      display_name: 'minimal',
      description: null,
      notes: {},
      scratchpad: {},
      content_unit_counts: {},
      last_unit_added: null,
      last_unit_removed: null,
      _ns: 'repos',
      _href: `/pulp/api${path}minimal/`,
    });
    assert.deepEqual(await client.ok(200, 'GET', `${path}minimal/`), reply.body);
    const shown = `${path}minimal/?importers=True&distributors=True`;
    const { body: both } = await client.call('GET', shown);
    assert.deepEqual([both.importers, both.distributors], [[], []]);

    const feed = 'https://mirror.example/el9/';
    const sent = yumRepository('full', {}, { feed, proxy_password: 'secret of ours' });
    const { body: full, status } = await client.call('POST', path, { body: sent });
    assert.deepEqual([status, full.display_name, full.notes], [201, null, sent.notes]);
    assert.ok(!('importers' in full) && !('distributors' in full));
    const { body: details } = await client.call('GET', `${path}full/?details=true`);
    assert.deepEqual([details.total_repository_units, details.locally_stored_units], [0, 0]);
    const [importer] = details.importers;
    assert.deepEqual(importer.config, { feed, proxy_password: '*****' });
    assert.deepEqual(importer.last_override_config, {});
    const own = `${path}full/`;
    assert.deepEqual(await client.ok(200, 'GET', `${own}importers/`), details.importers);
    assert.deepEqual(await client.ok(200, 'GET', `${own}importers/yum_importer/`), importer);
    assert.equal(importer._href, `/pulp/api${own}importers/yum_importer/`);
    const [yum, exporting] = details.distributors;
    assert.deepEqual(await client.ok(200, 'GET', `${own}distributors/`), [yum, exporting]);
    assert.deepEqual(await client.ok(200, 'GET', `${own}distributors/yum_distributor/`), yum);
    assert.deepEqual(
      [yum.id, yum.distributor_type_id, yum.repo_id, yum.auto_publish, yum.last_publish],
      ['yum_distributor', 'yum_distributor', 'full', true, null],
    );
    assert.deepEqual(yum.config, { relative_url: 'full', http: false, https: true });
    assert.equal(exporting.auto_publish, false);
    // As the client of Puppet writes it.
    const { status: merged } = await client.call('GET', `${path}full///?details=True`);
    assert.equal(merged, 200);
  });

  it('api takes the credentials out of a feed', async () => {
    const { client, api } = given();
    const feed = 'http://usern%40me:pass%3Aword@example.com/repo';
    const body = { id: 'feeding', importer_type_id: 'yum_importer', importer_config: { feed } };
    await client.ok(201, 'POST', path, { body });
    const { body: importer } = await client.call('GET', `${path}feeding/importers/yum_importer/`);
    assert.deepEqual(importer.config, {
      feed: 'http://example.com/repo',
      basic_auth_username: 'usern@me',
      basic_auth_password: '*****',
    });
    const kept = await api.parts.store.get('repositories', 'feeding');
    assert.match(JSON.stringify(kept), /pass:word/);
  });

  it('api makes nothing of a repository that is wrong in one place', async () => {
    const { client } = given();
    const yum = (config: object) => yumRepository('wrong', config);
    const distributor = { distributor_type_id: 'yum_distributor', distributor_id: 'x' };
    const config = { relative_url: 'wrong', http: false, https: true };
    for (const [code, names, body] of [
      ['PLP0015', ['id'], { id: null }],
      ['PLP0016', ['id'], {}],
      ['PLP0015', ['id'], { id: 'a/b' }],
      ['PLP0015', ['id'], { id: 'ü' }],
      ['PLP0015', ['id'], { id: '' }],
      ['PLP0015', ['id'], { id: 'search' }],
      ['PLP0015', ['id'], { id: 'a'.repeat(256) }],
      ['PLP0017', ['other'], { id: 'wrong', other: 1 }],
      ['PLP0015', ['notes'], { id: 'wrong', notes: { 'a.b': 1 } }],
      ['PLP0015', ['importer_type_id'], { id: 'wrong', importer_type_id: 'puppet_importer' }],
      ['PLP0016', ['importer_type_id'], { id: 'wrong', importer_config: { feed: 'http://x/' } }],
      ['PLP0015', ['feed'], yumRepository('wrong', {}, { feed: 'file:///etc' })],
      [
        'PLP0015',
        ['download_policy'],
        yumRepository('wrong', {}, { download_policy: 'on_demand' }),
      ],
      [
        'PLP0015',
        ['download_policy'],
        yumRepository('wrong', {}, { download_policy: 'background' }),
      ],
      ['PLP0017', ['nonsense'], yumRepository('wrong', {}, { nonsense: true })],
      ['PLP0016', ['relative_url'], yum({ relative_url: null })],
      ['PLP0015', ['relative_url'], yum({ relative_url: '../../etc' })],
      ['PLP0015', ['relative_url'], yum({ relative_url: 'a//b' })],
      ['PLP0015', ['relative_url'], yum({ relative_url: `${'a/'.repeat(240)}b` })],
      ['PLP0015', ['https'], yum({ https: false })],
      ['PLP0015', ['auth_ca'], yum({ auth_ca: 'no certificate' })],
      [
        'PLP0015',
        ['distributor_type_id'],
        { id: 'wrong', distributors: [{ ...distributor, distributor_type_id: 'x' }] },
      ],
      [
        'PLP0015',
        ['distributor_id'],
        { id: 'wrong', distributors: [{ ...distributor, distributor_id: 'a.b' }] },
      ],
      [
        'PLP0015',
        ['distributors'],
        {
          id: 'wrong',
          distributors: ['one', 'two'].map((relative_url) => ({
            ...distributor,
            distributor_config: { ...config, relative_url },
          })),
        },
      ],
    ] as const) {
      const refused = await client.refused(400, code, 'POST', path, { body });
      assert.deepEqual(refused.error.data.property_names, names, JSON.stringify(body));
    }
    await client.refused(400, 'PLP1015', 'POST', path, { body: [] });
    await client.refused(404, 'PLP0009', 'GET', `${path}wrong/`);
    // Nor is a place kept from others.
    await client.ok(201, 'POST', path, { body: yumRepository('right', { relative_url: 'wrong' }) });
  });

  it('api makes one repository of each id, and leaves the one that is there as it is', async () => {
    const { client, api } = given();
    await client.ok(201, 'POST', path, { body: yumRepository('single') });
    const before = await api.parts.store.get('distributions', 'repos:single');
    const other = yumRepository('single', { http: true, relative_url: 'single' });
    const refused = await client.refused(409, 'PLP0018', 'POST', path, { body: other });
    assert.equal(refused.resource_id, 'single');
    assert.deepEqual(await api.parts.store.get('distributions', 'repos:single'), before);
    const elsewhere = yumRepository('single', { relative_url: 'elsewhere' });
    await client.refused(409, 'PLP0018', 'POST', path, { body: elsewhere });
    assert.equal(await api.parts.store.get('distributions', 'repos:elsewhere'), undefined);
  });

  it('api makes five repositories at once, and of one id one, served as it is kept', async () => {
    const { client, api } = given();
    const bodies = [1, 2, 3, 4, 5].map((number) => ({ body: yumRepository(`five-${number}`) }));
    await Promise.all(bodies.map((options) => client.ok(201, 'POST', path, options)));
    for (let round = 0; round < 5; round += 1) {
      const id = `race-${round}`;
      const replies = await Promise.all(
        [true, false, true, false].map((http) =>
          client.call('POST', path, { body: yumRepository(id, { http }) }),
        ),
      );
      const statuses = replies.map(({ status }) => status).sort();
      assert.deepEqual(statuses, [201, 409, 409, 409]);
      const served = await api.parts.store.get('distributions', `repos:${id}`);
      const { body } = await client.call('GET', `${path}${id}/distributors/yum_distributor/`);
      assert.equal(served?.http, body.config.http);
    }
  });

  it('api serves two repositories at places of which none is above the other: 9.11', async () => {
    const { client } = given();
    const make = (id: string, relative_url: string) =>
      client.call('POST', path, { body: yumRepository(id, { relative_url }) });
    assert.equal((await make('at', 'places/one/two')).status, 201);
    for (const url of [
      'places/one/two',
      '/places/one/two/',
      'places/one',
      'places/one/two/three',
    ]) {
      const { status, body } = await make('other', url);
      assert.deepEqual([status, body.property_names], [400, ['relative_url']], url);
      assert.match(body.error_message, /is not free: the repository "at" has "places\/one\/two"/);
    }
    assert.equal((await make('beside', 'places/one/two-b')).status, 201);
    const added = {
      distributor_type_id: 'yum_distributor',
      distributor_config: { relative_url: 'places/one', http: true, https: true },
    };
    const to = `${path}beside/distributors/`;
    await client.refused(400, 'PLP0015', 'POST', to, { body: added });
    const pairs = await Promise.all([make('left', 'pair/a'), make('right-one', 'pair/a/b')]);
    assert.ok(pairs.filter(({ status }) => status === 201).length <= 1);
  });

  it('api grants whoever makes a repository all on it, and takes it back when it is deleted', async () => {
    const { client, api } = given();
    const as = await client.user('maker');
    const resource = '/v2/repositories/';
    const grant = { login: 'maker', resource, operations: ['CREATE'] };
    const granting = '/v2/permissions/actions/grant_to_user/';
    await client.ok(200, 'POST', granting, { body: grant });
    await client.ok(201, 'POST', path, { as, body: { id: 'made' } });
    await client.ok(200, 'GET', `${path}made/`, { as });
    await using _ = await runRepositoryTasks(api);
    await done(api, client, 'DELETE', `${path}made/`, { as });
    await client.ok(201, 'POST', path, { body: { id: 'made' } });
    await client.refused(401, 'PLP0026', 'GET', `${path}made/`, { as });
  });
}

function testChanges(given: () => GivenApi): void {
  it('api changes a repository and its importer at once, and tells of it in a call report', async () => {
    const { client } = given();
    const feed = 'http://one.example/';
    const importer = { feed, basic_auth_username: 'u', basic_auth_password: 'p' };
    const body = { ...yumRepository('changing', {}, importer), notes: { a: 1, b: 2 } };
    await client.ok(201, 'POST', path, { body });
    const own = `${path}changing/`;
    const change = {
      delta: { display_name: 'Name', notes: { a: null, c: 3 } },
      importer_config: { feed: 'http://one.example/two/', basic_auth_password: '*****' },
      distributor_configs: {},
    };
    const { body: report, status } = await client.call('PUT', own, { body: change });
    assert.deepEqual([status, report.spawned_tasks, report.error], [200, [], null]);
    const { display_name, description, notes } = report.result;
    assert.deepEqual([display_name, description, notes], ['Name', null, { b: 2, c: 3 }]);
    const { body: changed } = await client.call('GET', `${own}importers/yum_importer/`);
    assert.equal(changed.config.feed, 'http://one.example/two/');
    assert.equal(changed.config.basic_auth_password, '*****');
    assert.notEqual(changed.last_updated, null);
    // Of another server it is not the password (T89).
    const moved = { feed: 'http://two.example/', basic_auth_password: '*****' };
    await client.ok(200, 'PUT', own, { body: { importer_config: moved } });
    const { body: elsewhere } = await client.call('GET', `${own}importers/yum_importer/`);
    assert.deepEqual(elsewhere.config, { feed: 'http://two.example/' });
    // As pulp-admin sends what is not given.
    const nothing = { delta: {}, importer_config: null, distributor_configs: null };
    await client.ok(200, 'PUT', own, { body: nothing });
    const wrong = { delta: { display_name: 'x' }, importer_config: { feed: 'gopher://x/' } };
    await client.refused(400, 'PLP0015', 'PUT', own, { body: wrong });
    const { body: after } = await client.call('GET', own);
    assert.equal(after.display_name, 'Name');
    await client.refused(400, 'PLP0017', 'PUT', own, { body: { delta: { id: 'other' } } });
    await client.refused(404, 'PLP0009', 'PUT', `${path}nothing/`, { body: {} });
  });

  it('api changes distributors of a repository by tasks, and fails in the task of one that is not there', async () => {
    const { client, api } = given();
    await using _ = await runRepositoryTasks(api);
    await client.ok(201, 'POST', path, { body: yumRepository('tasks') });
    const own = `${path}tasks/`;
    const change = (id: string, config: object) =>
      client.call('PUT', own, { body: { distributor_configs: { [id]: config } } });
    const get = () => client.call('GET', `${own}distributors/yum_distributor/`);

    const reply = await change('yum_distributor', { checksum_type: 'sha512' });
    assert.deepEqual([reply.status, reply.body.result.id], [202, 'tasks']);
    const [task] = await settled(api, reply);
    assert.deepEqual([task?.state, task?.result], ['finished', null]);
    assert.deepEqual(task?.tags, [
      'pulp:repository:tasks',
      'pulp:repository_distributor:yum_distributor',
      'pulp:action:update_distributor',
    ]);
    assert.equal((await get()).body.config.checksum_type, 'sha512');
    await settled(api, await change('yum_distributor', { checksum_type: null }));
    assert.equal((await get()).body.config.checksum_type, undefined);

    const [failed] = await settled(api, await change('nobody', { http: true }));
    assert.deepEqual([failed?.state, failed?.error?.code], ['error', 'PLP0009']);
    const wrong = await change('yum_distributor', { http: 'perhaps' });
    assert.deepEqual([wrong.status, wrong.body.property_names], [400, ['http']]);
  });

  it('api deletes a repository with what is served of it, and knows it no more', async () => {
    const { client, api } = given();
    await using _ = await runRepositoryTasks(api);
    await client.ok(201, 'POST', path, { body: yumRepository('going') });
    const task = await done(api, client, 'DELETE', `${path}going/`);
    assert.deepEqual([task.state, task.result], ['finished', null]);
    assert.deepEqual(task.tags, ['pulp:repository:going', 'pulp:action:delete']);
    for (const method of ['GET', 'DELETE'] as const) {
      await client.refused(404, 'PLP0009', method, `${path}going/`);
    }
    assert.equal(await api.parts.store.get('distributions', 'repos:going'), undefined);
    await client.ok(201, 'POST', path, { body: yumRepository('going') });
  });
}

function testSearches(given: () => GivenApi): void {
  it('api lists and searches repositories, by POST and by GET', async () => {
    const { client } = given();
    for (const id of ['s-a', 's-b', 's-c']) {
      await client.ok(201, 'POST', path, { body: { ...yumRepository(id), notes: { of: 's' } } });
    }
    // biome-ignore lint/suspicious/noExplicitAny: what JSON gives.
    const ids = (found: any) => found.map(({ id }: { id: string }) => id);
    const search = async (criteria: object, more: object = {}) =>
      client.ok(200, 'POST', `${path}search/`, { body: { criteria, ...more } });
    const ofThese = { filters: { 'notes.of': 's' } };
    assert.ok(ids(await search({})).length >= 3);
    const down = { ...ofThese, sort: [['id', 'descending']] };
    assert.deepEqual(ids(await search(down)), ['s-c', 's-b', 's-a']);
    assert.deepEqual(ids(await search({ ...down, limit: 1, skip: 1 })), ['s-b']);
    for (const name of ['id', 'repo_id', '_id']) {
      const filters = { [name]: { $in: ['s-a', 's-c'] } };
      assert.deepEqual(ids(await search({ filters })), ['s-a', 's-c']);
    }
    const [fewer] = (await search({ filters: { id: 's-a' }, fields: ['notes'] })) as object[];
    assert.deepEqual(Object.keys(fewer ?? {}).sort(), ['_href', '_id', 'id', 'notes']);
    const more = { importers: true, distributors: true };
    // biome-ignore lint/suspicious/noExplicitAny: what JSON gives.
    const [whole] = (await search({ filters: { id: 's-a' } }, more)) as any[];
    assert.deepEqual([whole.importers.length, whole.distributors.length], [1, 2]);
    const query = new URLSearchParams({
      ...{ filters: '{"notes.of":"s"}', sort: '[["id","descending"]]', limit: '2' },
      details: 'true',
    });
    const { body } = await client.call('GET', `${path}search/?${query}`);
    assert.deepEqual(ids(body), ['s-c', 's-b']);
    assert.equal(body[0].total_repository_units, 0);
    const { body: listed } = await client.call('GET', `${path}?distributors=true`);
    assert.ok(listed.every((one: object) => 'distributors' in one && !('importers' in one)));
  });

  it('T56 api finds no repository by what its configuration keeps secret', async () => {
    const { client } = given();
    for (const name of [
      'importer',
      'importer.config.basic_auth_password',
      'distributors',
      'config',
    ]) {
      const body = { criteria: { filters: { [name]: { $regex: '^a' } } } };
      await client.refused(400, 'PLP0015', 'POST', `${path}search/`, { body });
    }
  });
}
