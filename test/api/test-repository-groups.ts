/** The groups of repositories of section 4.4 of the facts about Pulp 2, and the search of distributors. */

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { repositoryLimits } from '../../src/repositories/limits.ts';
import type { GivenApi } from './contract.ts';
import { done, runRepositoryTasks, settled, yumRepository } from './repository-fixture.ts';

const path = '/v2/repo_groups/';

export function testRepositoryGroups(given: () => GivenApi): void {
  testGroups(given);
  testMembers(given);
  testGroupDistributors(given);
  testPartSearches(given);
}

function testGroups(given: () => GivenApi): void {
  it('api makes, shows, changes, searches and deletes a group of repositories', async () => {
    const { client } = given();
    const reply = await client.call('POST', path, { body: { id: 'all', notes: { a: 1 } } });
    const made = reply.body;
    assert.deepEqual([reply.status, reply.headers.location], [201, made._href], reply.text);
    assert.deepEqual(made, {
      _id: { $oid: 'all' },
      id: 'all',
      display_name: null,
      description: null,
      repo_ids: [],
      notes: { a: 1 },
      scratchpad: {},
      _ns: 'repo_groups',
      _href: `/pulp/api${path}all/`,
    });
    const own = `${path}all/`;
    assert.deepEqual(await client.ok(200, 'GET', own), made);
    assert.deepEqual(await client.ok(200, 'GET', path), [made]);
    const change = { display_name: 'All', description: null, notes: { a: null, b: 2 } };
    const { body: changed } = await client.call('PUT', own, { body: change });
    assert.deepEqual([changed.display_name, changed.notes], ['All', { b: 2 }]);
    const criteria = { filters: { id: 'all' }, fields: ['repo_ids'] };
    const { body: found } = await client.call('POST', `${path}search/`, { body: { criteria } });
    assert.deepEqual(found, [{ _id: { $oid: 'all' }, id: 'all', repo_ids: [], _href: made._href }]);
    await client.refused(409, 'PLP0018', 'POST', path, { body: { id: 'all' } });
    for (const body of [{ id: 'a/b' }, { id: 'search' }, { id: 'x', repo_ids: ['nothing'] }]) {
      await client.refused(400, 'PLP0015', 'POST', path, { body });
    }
    await client.refused(400, 'PLP0017', 'POST', path, { body: { id: 'x', other: 1 } });
    assert.equal(await client.ok(200, 'DELETE', own), null);
    for (const method of ['GET', 'DELETE'] as const) {
      const refused = await client.refused(404, 'PLP0009', method, own);
      assert.deepEqual(refused.resources, { repo_group: 'all' });
    }
    await client.refused(404, 'PLP0009', 'PUT', own, { body: {} });
  });
}

function testMembers(given: () => GivenApi): void {
  it('api adds the repositories that criteria mean to a group, and takes them out', async () => {
    const { client, api } = given();
    for (const id of ['m-a', 'm-b', 'm-c']) {
      await client.ok(201, 'POST', '/v2/repositories/', { body: { id } });
    }
    await client.ok(201, 'POST', path, { body: { id: 'members', repo_ids: ['m-c'] } });
    const own = `${path}members/actions/`;
    const criteria = { filters: { id: { $in: ['m-a', 'm-b'] } } };
    assert.deepEqual(await client.ok(200, 'POST', `${own}associate/`, { body: { criteria } }), [
      'm-a',
      'm-b',
      'm-c',
    ]);
    const one = { criteria: { filters: { id: 'm-b' } } };
    assert.deepEqual(await client.ok(200, 'POST', `${own}unassociate/`, { body: one }), [
      'm-a',
      'm-c',
    ]);
    assert.deepEqual(await client.ok(200, 'POST', `${own}unassociate/`), []);
    await client.ok(200, 'POST', `${own}associate/`, { body: { criteria } });
    await using _ = await runRepositoryTasks(api);
    await done(api, client, 'DELETE', '/v2/repositories/m-a/');
    const { body } = await client.call('GET', `${path}members/`);
    assert.deepEqual(body.repo_ids, ['m-b']);
    for (const action of ['associate', 'unassociate']) {
      await client.refused(404, 'PLP0009', 'POST', `${path}nothing/actions/${action}/`);
      const wrong = { criteria: { filters: { config: 1 } } };
      await client.refused(400, 'PLP0015', 'POST', `${own}${action}/`, { body: wrong });
    }
  });

  it('api adds to a group what the caller may publish, and nothing else', async () => {
    const { client } = given();
    for (const id of ['g-mine', 'g-others']) {
      await client.ok(201, 'POST', '/v2/repositories/', { body: { id } });
    }
    const as = await client.user('grouper');
    const grant = (resource: string, operations: readonly string[]) =>
      client.ok(200, 'POST', '/v2/permissions/actions/grant_to_user/', {
        body: { login: as.login, resource, operations },
      });
    await grant(path, ['CREATE', 'EXECUTE']);
    await grant('/v2/repositories/g-mine/', ['EXECUTE']);
    await grant('/v2/repositories/g-others/', ['READ']);
    const body = { id: 'theirs', repo_ids: ['g-mine', 'g-others'] };
    await client.refused(400, 'PLP0015', 'POST', path, { as, body });
    await client.ok(201, 'POST', path, { as, body: { id: 'theirs' } });
    const own = `${path}theirs/actions/associate/`;
    assert.deepEqual(await client.ok(200, 'POST', own, { as }), ['g-mine']);
  });

  it(`api takes ${repositoryLimits.groupRepositoriesMax} repositories of one group, and no more`, async () => {
    const { client, api } = given();
    const { groupRepositoriesMax: max } = repositoryLimits;
    await client.ok(201, 'POST', path, { body: { id: 'crowd' } });
    const repo_ids = Array.from({ length: max }, (_, index) => `c${index}`);
    await api.parts.store.update('repository_groups', 'crowd', { $set: { repo_ids } });
    await client.ok(201, 'POST', '/v2/repositories/', { body: { id: 'one-more' } });
    const body = { criteria: { filters: { id: 'one-more' } } };
    await client.refused(400, 'PLP0015', 'POST', `${path}crowd/actions/associate/`, { body });
    const many = { id: 'more', repo_ids: [...repo_ids, 'one-more'] };
    await client.refused(400, 'PLP0015', 'POST', path, { body: many });
    await client.ok(200, 'DELETE', `${path}crowd/`);
  });
}

function testGroupDistributors(given: () => GivenApi): void {
  it('api publishes all repositories of a group by their distributors of one type', async () => {
    const { client, api } = given();
    await using _ = await runRepositoryTasks(api);
    for (const id of ['g-a', 'g-b']) {
      const distributors = [
        { distributor_type_id: 'iso_distributor', distributor_id: `of-${id}` },
        ...yumRepository(id, { relative_url: `yum-${id}` }).distributors,
      ];
      await client.ok(201, 'POST', '/v2/repositories/', { body: { id, distributors } });
    }
    await client.ok(201, 'POST', path, { body: { id: 'pub', repo_ids: ['g-a', 'g-b'] } });
    const all = `${path}pub/distributors/`;
    assert.deepEqual(await client.ok(200, 'GET', all), []);
    const body = { distributor_type_id: 'iso_distributor', distributor_id: 'isos' };
    const reply = await client.call('POST', all, { body });
    assert.deepEqual([reply.status, reply.headers.location], [201, reply.body._href], reply.text);
    const own = `${all}isos/`;
    assert.deepEqual(await client.ok(200, 'GET', own), reply.body);
    assert.deepEqual(await client.ok(200, 'GET', all), [reply.body]);

    const publish = `${path}pub/actions/publish/`;
    const task = await done(api, client, 'POST', publish, { body: { id: 'isos' } });
    assert.deepEqual([task.state, task.result], ['finished', { published: 2 }]);
    assert.deepEqual(task.tags, [
      'pulp:repository_group:pub',
      'pulp:repository_group_distributor:isos',
      'pulp:action:publish',
    ]);
    const spawned = task.spawned_tasks.map((task_id) => ({ task_id }));
    const published = await settled(api, { body: { spawned_tasks: spawned } });
    assert.deepEqual(
      published.map(({ state, tags }) => [state, tags[0]]),
      [
        ['finished', 'pulp:repository:g-a'],
        ['finished', 'pulp:repository:g-b'],
      ],
    );
    const { body: after } = await client.call('GET', own);
    assert.match(after.last_publish, /Z$/);
    const failed = await done(api, client, 'POST', publish, { body: { id: 'nothing' } });
    assert.deepEqual([failed.state, failed.error?.code], ['error', 'PLP0009']);

    const { body: changed } = await client.call('PUT', own, {
      body: { distributor_config: { serve_http: true } },
    });
    assert.deepEqual(changed.config, { serve_http: true });
    await client.refused(409, 'PLP0018', 'POST', all, { body });
    for (const wrong of [
      { ...body, distributor_type_id: 'x' },
      { ...body, distributor_id: '/' },
    ]) {
      await client.refused(400, 'PLP0015', 'POST', all, { body: wrong });
    }
    assert.equal(await client.ok(200, 'DELETE', own, { body: { force: true } }), null);
    await client.refused(404, 'PLP0009', 'GET', own);
    await client.refused(404, 'PLP0009', 'DELETE', own);
    await client.refused(404, 'PLP0009', 'PUT', own, { body: { distributor_config: {} } });
    const nothing = `${path}nothing/`;
    await client.refused(404, 'PLP0009', 'GET', `${nothing}distributors/`);
    await client.refused(404, 'PLP0009', 'POST', `${nothing}distributors/`, { body });
    const one = { id: 'isos' };
    await client.refused(404, 'PLP0009', 'POST', `${nothing}actions/publish/`, { body: one });
  });
}

function testPartSearches(given: () => GivenApi): void {
  it('api searches importers and distributors of all repositories by what is shown of them', async () => {
    const { client } = given();
    const importer = { feed: 'http://p.example/', proxy_password: 'secret of ours' };
    for (const id of ['p-a', 'p-b']) {
      await client.ok(201, 'POST', '/v2/repositories/', { body: yumRepository(id, {}, importer) });
    }
    const search = async (kind: string, criteria: object) => {
      const { body } = await client.call('POST', `/v2/${kind}/search/`, { body: { criteria } });
      return body.map(({ repo_id, id }: Record<string, string>) => `${repo_id} ${id}`);
    };
    const ofThese = { repo_id: { $in: ['p-a', 'p-b'] } };
    assert.deepEqual(await search('importers', { filters: ofThese }), [
      'p-a yum_importer',
      'p-b yum_importer',
    ]);
    const yum = { ...ofThese, distributor_id: 'yum_distributor' };
    const sort = [['repo_id', 'descending']];
    assert.deepEqual(await search('distributors', { filters: yum, sort }), [
      'p-b yum_distributor',
      'p-a yum_distributor',
    ]);
    assert.deepEqual(await search('distributors', { filters: yum, sort, limit: 1, skip: 1 }), [
      'p-a yum_distributor',
    ]);
    const at = { 'config.relative_url': 'p-b', distributor_type_id: 'yum_distributor' };
    assert.deepEqual(await search('distributors', { filters: at }), ['p-b yum_distributor']);
    const query = new URLSearchParams({ filters: JSON.stringify(at) });
    const { body } = await client.call('GET', `/v2/distributors/search/?${query}`);
    assert.equal(body.length, 1);
    const guess = { ...ofThese, 'config.proxy_password': { $regex: '^s' } };
    assert.deepEqual(await search('importers', { filters: guess }), []);
  });
}
