/** The importers and distributors of section 4.2 of the facts about Pulp 2. */

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { repositoryLimits } from '../../src/repositories/limits.ts';
import { createPki } from '../support/pki.ts';
import type { GivenApi } from './contract.ts';
import { done, runRepositoryTasks, yumRepository } from './repository-fixture.ts';

const path = '/v2/repositories/';

export function testRepositoryParts(given: () => GivenApi): void {
  testImporters(given);
  testDistributors(given);
}

function testImporters(given: () => GivenApi): void {
  it('api gives a repository an importer, changes it, and takes it away', async () => {
    const { client, api } = given();
    await using _ = await runRepositoryTasks(api);
    await client.ok(201, 'POST', path, { body: { id: 'importing' } });
    const all = `${path}importing/importers/`;
    const own = `${all}yum_importer/`;
    const config = { feed: 'http://a.example/', proxy_password: 'p' };
    const body = { importer_type_id: 'yum_importer', importer_config: config };
    const added = await done(api, client, 'POST', all, { body });
    assert.equal(added.state, 'finished', JSON.stringify(added));
    assert.deepEqual(added.tags, [
      'pulp:repository:importing',
      'pulp:repository_importer:yum_importer',
      'pulp:action:add_importer',
    ]);
    const change = { feed: null, max_downloads: 2, proxy_password: '*****' };
    const changed = await done(api, client, 'PUT', own, { body: { importer_config: change } });
    assert.deepEqual([changed.state, changed.tags[2]], ['finished', 'pulp:action:update_importer']);
    const { body: importer } = await client.call('GET', own);
    assert.deepEqual(importer.config, { max_downloads: 2, proxy_password: '*****' });
    const kept = await api.parts.store.get('repositories', 'importing');
    assert.match(JSON.stringify(kept), /"proxy_password":"p"/);

    const other = { importer_type_id: 'iso_importer', importer_config: null };
    await done(api, client, 'POST', all, { body: other });
    const { body: ids } = await client.call('GET', all);
    assert.deepEqual(
      ids.map(({ id }: { id: string }) => id),
      ['iso_importer'],
    );
    await client.refused(404, 'PLP0009', 'GET', own);
    const removed = await done(api, client, 'DELETE', `${all}iso_importer/`);
    assert.deepEqual([removed.state, removed.tags[2]], ['finished', 'pulp:action:delete_importer']);
    assert.deepEqual(await client.ok(200, 'GET', all), []);
  });

  it('api refuses what is no importer, and knows none that is not there', async () => {
    const { client } = given();
    await client.ok(201, 'POST', path, { body: yumRepository('strict') });
    const all = `${path}strict/importers/`;
    for (const [code, name, body] of [
      ['PLP0016', 'importer_type_id', {}],
      ['PLP0015', 'importer_type_id', { importer_type_id: 'x' }],
      ['PLP0017', 'x', { importer_type_id: 'yum_importer', importer_config: { x: 1 } }],
    ] as const) {
      const refused = await client.refused(400, code, 'POST', all, { body });
      assert.deepEqual(refused.error.data.property_names, [name]);
    }
    const own = `${all}yum_importer/`;
    await client.refused(400, 'PLP0016', 'PUT', own, { body: {} });
    const policy = { importer_config: { download_policy: 'on_demand' } };
    const refused = await client.refused(400, 'PLP0015', 'PUT', own, { body: policy });
    assert.match(refused.error_message, /on_demand and background are not supported/);
    const body = { importer_config: {} };
    const whole = { importer_type_id: 'yum_importer' };
    for (const id of ['iso_importer', 'nothing']) {
      await client.refused(404, 'PLP0009', 'GET', `${all}${id}/`);
      await client.refused(404, 'PLP0009', 'PUT', `${all}${id}/`, { body });
      await client.refused(404, 'PLP0009', 'DELETE', `${all}${id}/`);
    }
    await client.refused(404, 'PLP0009', 'GET', `${path}nothing/importers/`);
    await client.refused(404, 'PLP0009', 'POST', `${path}nothing/importers/`, { body: whole });
    const missing = await client.refused(404, 'PLP0009', 'GET', `${path}nothing/importers/x/`);
    assert.deepEqual(missing.resources, { repository: 'nothing' });
  });
}

function testDistributors(given: () => GivenApi): void {
  it('api adds a distributor to a repository, changes it, and removes it with its place', async () => {
    const { client, api } = given();
    const { store } = api.parts;
    await using _ = await runRepositoryTasks(api);
    await client.ok(201, 'POST', path, { body: { id: 'distributing' } });
    const all = `${path}distributing/distributors/`;
    const config = { relative_url: '/one/place/', http: true, https: true };
    const body = { distributor_type_id: 'yum_distributor', distributor_config: config };
    const reply = await client.call('POST', all, { body });
    const { id, _href } = reply.body;
    assert.deepEqual([reply.status, reply.headers.location], [201, _href]);
    assert.match(id, /^[0-9a-f-]{36}$/);
    assert.deepEqual([reply.body.auto_publish, reply.body.last_publish], [false, null]);
    assert.deepEqual(reply.body.config, config);
    const own = `${all}${id}/`;
    assert.equal((await store.get('distributions', 'repos:one/place'))?.http, true);

    using pki = createPki();
    const { certificate: auth_ca } = await pki.authority();
    const change = { distributor_config: { relative_url: 'two', http: false, auth_ca } };
    const moved = await done(api, client, 'PUT', own, {
      body: { ...change, delta: { auto_publish: true } },
    });
    assert.deepEqual([moved.state, moved.result], ['finished', null]);
    const { body: after } = await client.call('GET', own);
    assert.deepEqual([after.auto_publish, after.config.relative_url], [true, 'two']);
    assert.equal(await store.get('distributions', 'repos:one/place'), undefined);
    const served = await store.get('distributions', 'repos:two');
    assert.equal(served?.http, false);
    assert.deepEqual(JSON.parse(String(served?.access)), {
      any: [{ entitlement: { caPem: auth_ca } }, { consumer: { repository: 'distributing' } }],
    });
    // As pulp-admin sends it: null for the delta, and what is to be unset.
    const unset = { distributor_config: { auth_ca: null }, delta: null };
    await done(api, client, 'PUT', own, { body: unset });
    assert.equal((await store.get('distributions', 'repos:two'))?.access, null);

    const removed = await done(api, client, 'DELETE', own);
    assert.deepEqual(removed.tags, [
      'pulp:repository:distributing',
      `pulp:repository_distributor:${id}`,
      'pulp:action:remove_distributor',
    ]);
    assert.equal(await store.get('distributions', 'repos:two'), undefined);
    for (const method of ['GET', 'DELETE'] as const) {
      const refused = await client.refused(404, 'PLP0009', method, own);
      assert.deepEqual(refused.resources, { repo_id: 'distributing', distributor_id: id });
    }
    await client.refused(404, 'PLP0009', 'PUT', own, { body: {} });
  });

  it('api lets a distributor move to no place that another has', async () => {
    const { client, api } = given();
    await using _ = await runRepositoryTasks(api);
    await client.ok(201, 'POST', path, { body: yumRepository('here', { relative_url: 'h/ere' }) });
    await client.ok(201, 'POST', path, { body: yumRepository('there') });
    const own = `${path}there/distributors/yum_distributor/`;
    for (const relative_url of ['h/ere', 'h', 'h/ere/below']) {
      const body = { distributor_config: { relative_url } };
      const task = await done(api, client, 'PUT', own, { body });
      assert.deepEqual([task.state, task.error?.code], ['error', 'PLP1014']);
      assert.match(task.error?.description ?? '', /is not free: the repository here is served at/);
    }
    const { body } = await client.call('GET', own);
    assert.equal(body.config.relative_url, 'there');
    assert.ok(await api.parts.store.get('distributions', 'repos:there'));
  });

  it('api refuses what is no distributor, one that is there, and one too many', async () => {
    const { client, api } = given();
    await client.ok(201, 'POST', path, { body: yumRepository('filled') });
    const all = `${path}filled/distributors/`;
    const config = { relative_url: 'filled-b', http: false, https: true };
    const right = { distributor_type_id: 'yum_distributor', distributor_config: config };
    for (const [code, name, body] of [
      ['PLP0016', 'distributor_type_id', {}],
      ['PLP0015', 'distributor_type_id', { ...right, distributor_type_id: 'yum_importer' }],
      ['PLP0015', 'distributor_id', { ...right, distributor_id: 'a.b' }],
      ['PLP0015', 'distributor_id', { ...right, distributor_id: '__proto__' }],
      ['PLP0015', 'auto_publish', { ...right, auto_publish: 'yes' }],
      ['PLP0016', 'relative_url', { ...right, distributor_config: null }],
    ] as const) {
      const refused = await client.refused(400, code, 'POST', all, { body });
      assert.deepEqual(refused.error.data.property_names.slice(0, 1), [name]);
    }
    const there = { ...right, distributor_id: 'yum_distributor' };
    await client.refused(409, 'PLP0018', 'POST', all, { body: there });
    await client.refused(404, 'PLP0009', 'POST', `${path}nothing/distributors/`, { body: right });
    await client.refused(404, 'PLP0009', 'GET', `${path}nothing/distributors/`);

    const { distributorsMax } = repositoryLimits;
    const kept = await api.parts.store.get('repositories', 'filled');
    assert.ok(kept);
    const [, exporting] = kept.distributors as readonly { readonly id: string }[];
    const many = Array.from({ length: distributorsMax - 1 }, (_, index) => ({
      ...exporting,
      id: `d${index}`,
    }));
    await api.parts.store.update('repositories', 'filled', {
      $set: { distributors: many as never },
    });
    await client.ok(201, 'POST', all, { body: right });
    const more = { ...right, distributor_config: { ...config, relative_url: 'filled-c' } };
    await client.refused(400, 'PLP0015', 'POST', all, { body: more });
    assert.equal(await api.parts.store.get('distributions', 'repos:filled-c'), undefined);
  });
}
