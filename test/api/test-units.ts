/** Units by themselves and in repositories, as sections 4.0 and 4.3 of the facts about Pulp 2 have them. */

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { listedOrphansMax } from '../../src/api/routes/orphans.ts';
import { Repositories } from '../../src/repositories/repositories.ts';
import { Units } from '../../src/repositories/units.ts';
import { Client } from './client.ts';
import type { GivenApi } from './contract.ts';
import type { RunningApi } from './running-api.ts';

/** What the API shows of a unit, or of one in a repository. */
interface Shown {
  readonly _id: string;
  readonly name?: string;
  readonly unit_id?: string;
  readonly created?: string;
  readonly metadata?: { readonly name?: string; readonly [name: string]: unknown };
  readonly [name: string]: unknown;
}

const packageKey = ['name', 'epoch', 'version', 'release', 'arch', 'checksumtype', 'checksum'];

/** Packages of these names, in the repositories that are named. */
export async function addPackages(
  { parts: { store, now } }: RunningApi,
  names: readonly string[],
  repositories: readonly string[],
): Promise<readonly string[]> {
  const units = new Units(store, now);
  const ids: string[] = [];
  for (const [index, name] of names.entries()) {
    const checksum = Buffer.from(name).toString('hex').padEnd(64, '0').slice(0, 64);
    const nevra = { name, epoch: '0', version: `${index}`, release: '1', arch: 'noarch' };
    const { unit } = await units.insertPending({
      type: 'rpm',
      fields: { ...nevra, checksumtype: 'sha256', checksum, size: index, filename: `${name}.rpm` },
      unitKey: packageKey,
      artifact: { sha256: checksum, size: index, filename: `${name}.rpm` },
    });
    if (repositories.length === 0) await units.settle(unit._id, undefined);
    for (const repository of repositories) await units.settle(unit._id, repository);
    ids.push(unit._id);
  }
  return ids;
}

export async function addRepository({ parts }: RunningApi, id: string): Promise<void> {
  const repositories = new Repositories(parts.store, parts.now);
  await repositories.create({ id, display_name: null, description: null, notes: {} });
}

export function testUnits(given: () => GivenApi): void {
  const search = async (repository: string, criteria: object): Promise<readonly Shown[]> => {
    const path = `/v2/repositories/${repository}/search/units/`;
    return (await given().client.ok(200, 'POST', path, { body: { criteria } })) as Shown[];
  };
  const namesOf = (found: readonly Shown[]) => found.map(({ metadata }) => metadata?.name);

  it('api shows a unit, lists units of a type, and searches them by any of their fields', async () => {
    const { client, api } = given();
    await addRepository(api, 'u-shown');
    const [one = ''] = await addPackages(api, ['u-one', 'u-two'], ['u-shown']);
    const unit = (await client.ok(200, 'GET', `/v2/content/units/rpm/${one}/`)) as Shown;
    assert.deepEqual(
      [unit._id, unit._content_type_id, unit.name, unit.children, unit.pulp_user_metadata],
      [one, 'rpm', 'u-one', {}, {}],
    );
    assert.equal(unit._href, `/pulp/api/v2/content/units/rpm/${one}/`);
    assert.match(String(unit._storage_path), /^75\/2d6f6e65[0-9a-f]+\/u-one\.rpm$/);
    const all = (await client.ok(200, 'GET', '/v2/content/units/rpm/')) as Shown[];
    assert.ok(all.some(({ _id }) => _id === one));
    const path = '/v2/content/units/rpm/search/';
    const criteria = { filters: { name: 'u-two', size: { $lt: 5 } }, fields: ['name'] };
    const body = { criteria, include_repos: true };
    const [found, ...others] = (await client.ok(200, 'POST', path, { body })) as Shown[];
    assert.deepEqual([found?.name, others.length], ['u-two', 0]);
    assert.deepEqual(found?.repository_memberships, ['u-shown']);
    assert.deepEqual(Object.keys(found ?? {}).includes('size'), false);
    // Which repositories there are is told to those who may read them.
    const as = await client.user('unit-reader');
    const mayRead = { login: as.login, resource: '/v2/content/units/', operations: ['READ'] };
    await client.ok(200, 'POST', '/v2/permissions/actions/grant_to_user/', { body: mayRead });
    const [seen] = (await client.ok(200, 'POST', path, { as, body })) as Shown[];
    assert.deepEqual([seen?.name, seen?.repository_memberships], ['u-two', []]);
    const filters = encodeURIComponent(JSON.stringify({ name: { $in: ['u-one', 'u-two'] } }));
    const sort = encodeURIComponent('[["name","descending"]]');
    const query = `?filters=${filters}&sort=${sort}&limit=1`;
    const [last, ...more] = (await client.ok(200, 'GET', path + query)) as Shown[];
    assert.deepEqual([last?.name, more.length], ['u-two', 0]);
    assert.equal(last?.repository_memberships, undefined);
  });

  it('api knows nothing of units of another type, and of types that there are not', async () => {
    const { client, api } = given();
    const [id = ''] = await addPackages(api, ['u-typed'], []);
    for (const path of [
      `/v2/content/units/srpm/${id}/`,
      `/v2/content/units/rpm/${'0'.repeat(24)}/`,
      '/v2/content/units/no-type/',
      `/v2/content/units/srpm/${id}/pulp_user_metadata/`,
    ]) {
      await client.refused(404, 'PLP0009', 'GET', path);
    }
    const body = { criteria: {} };
    await client.refused(404, 'PLP0009', 'POST', '/v2/content/units/no-type/search/', { body });
    await client.refused(404, 'PLP0009', 'GET', '/v2/content/units/no-type/search/');
    const nowhere = '/v2/repositories/no-repository/search/units/';
    const missing = await client.refused(404, 'PLP0009', 'POST', nowhere, { body });
    assert.deepEqual(missing.resources, { repository: 'no-repository' });
  });

  it('api keeps what users note of a unit, in place of what was noted', async () => {
    const { client, api } = given();
    const [id = ''] = await addPackages(api, ['u-noted'], []);
    const path = `/v2/content/units/rpm/${id}/pulp_user_metadata/`;
    assert.deepEqual(await client.ok(200, 'GET', path), {});
    const body = { tested: true, by: ['ann', { at: '2026' }] };
    assert.equal(await client.ok(200, 'PUT', path, { body }), null);
    assert.deepEqual(await client.ok(200, 'GET', path), body);
    assert.equal(await client.ok(200, 'PUT', path, { body: { other: 1 } }), null);
    assert.deepEqual(await client.ok(200, 'GET', path), { other: 1 });
    await client.refused(400, 'PLP0015', 'PUT', path, { body: { 'a.b': 1 } });
    const gone = path.replace(id, '0'.repeat(24));
    await client.refused(404, 'PLP0009', 'PUT', gone, { body });
  });

  it('api searches the units of a repository, by their fields and by when they came', async () => {
    const { client, api } = given();
    await addRepository(api, 'u-a');
    await addRepository(api, 'u-b');
    const [first = ''] = await addPackages(api, ['bear', 'ant', 'cat'], ['u-a']);
    await addPackages(api, ['dog'], ['u-b']);
    const all = await search('u-a', { type_ids: ['rpm'] });
    const bear = all.find(({ unit_id: id }) => id === first);
    assert.deepEqual([all.length, bear?.metadata?.name], [3, 'bear']);
    assert.deepEqual(
      [bear?.repo_id, bear?.unit_id, bear?.unit_type_id, bear?.metadata?._content_type_id],
      ['u-a', first, 'rpm', 'rpm'],
    );
    assert.match(bear?.created ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    const sort = { unit: [['name', 'ascending']] };
    assert.deepEqual(namesOf(await search('u-a', { sort })), ['ant', 'bear', 'cat']);
    const middle = await search('u-a', { sort, skip: 1, limit: 1 });
    assert.deepEqual(namesOf(middle), ['bear']);
    const filters = { unit: { name: { $regex: '^[bc]' } } };
    assert.deepEqual(namesOf(await search('u-a', { filters })).toSorted(), ['bear', 'cat']);
    assert.deepEqual(await search('u-a', { type_ids: 'srpm' }), []);
    const before = { association: { created: { $lt: '2020-01-01T00:00:00Z' } } };
    assert.deepEqual(await search('u-a', { filters: before }), []);
    const since = { association: { created: { $gt: '2020-01-01T00:00:00Z' } } };
    assert.equal((await search('u-a', { filters: since })).length, 3);
    const latest = { association: [['created', 'descending']], unit: [['name', 1]] };
    assert.equal((await search('u-a', { sort: latest })).length, 3);
    const fields = { unit: ['size'], association: ['created'] };
    const [few] = await search('u-a', { fields, limit: 1 });
    assert.deepEqual(
      Object.keys(few ?? {})
        .toSorted()
        .includes('updated'),
      false,
    );
    assert.ok(few?.metadata !== undefined && 'size' in few.metadata && 'name' in few.metadata);
    assert.equal('filename' in few.metadata, false);
    assert.deepEqual(await client.ok(200, 'GET', '/v2/content/orphans/srpm/'), []);
  });

  it('T56 api refuses criteria of units that it does not know, and filters that are none', async () => {
    const { client, api } = given();
    await addRepository(api, 'u-refused');
    const path = '/v2/repositories/u-refused/search/units/';
    for (const [criteria, name] of [
      [{ no_such: 1 }, 'no_such'],
      [{ type_ids: [1] }, 'type_ids'],
      [{ limit: 0 }, 'limit'],
      [{ skip: -1 }, 'skip'],
      [{ filters: { unit: { $where: 'x' } } }, 'filters'],
      [{ filters: { association: { owner_id: 'x' } } }, 'filters'],
      [{ filters: { association: { created: { $gt: 'yesterday' } } } }, 'filters'],
      [{ sort: { association: [['name', 'ascending']] } }, 'filters'],
      [{ sort: { unit: [['name', 'upwards']] } }, 'sort.unit.0.1'],
    ] as const) {
      const { property_names: names } = await client.refused(400, 'PLP0015', 'POST', path, {
        body: { criteria },
      });
      assert.deepEqual(names, [name]);
    }
    await client.refused(400, 'PLP0016', 'POST', path, { body: {} });
  });

  it('api counts and shows the units that no repository has', async () => {
    const { client, api } = given();
    const [id = ''] = await addPackages(api, ['u-lonely'], []);
    type Counts = Record<string, { count: number; _href: string }>;
    const counts = (await client.ok(200, 'GET', '/v2/content/orphans/')) as Counts;
    const { rpm } = counts;
    assert.ok(rpm !== undefined && rpm.count > 0);
    const href = rpm._href.replace('/pulp/api', '');
    const orphans = (await client.ok(200, 'GET', href)) as Shown[];
    const orphan = orphans.find(({ _id }) => _id === id);
    assert.deepEqual([orphan?.name, orphan?._content_type_id], ['u-lonely', 'rpm']);
    const own = String(orphan?._href).replace('/pulp/api', '');
    assert.deepEqual(await client.ok(200, 'GET', own), orphan);
    assert.deepEqual(Object.keys(orphan ?? {}).toSorted(), [
      ...['_content_type_id', '_href', '_id', 'arch', 'checksum', 'checksumtype', 'epoch'],
      ...['name', 'release', 'version'],
    ]);
    await client.refused(404, 'PLP0009', 'GET', '/v2/content/orphans/no-type/');
    await client.refused(404, 'PLP0009', 'DELETE', '/v2/content/orphans/no-type/');
    await client.refused(404, 'PLP0009', 'GET', `/v2/content/orphans/srpm/${id}/`);
    await client.refused(404, 'PLP0009', 'DELETE', `/v2/content/orphans/srpm/${id}/`);
  });

  it('api has a task remove units that no repository has: one, those of a list, of a type, or all', async () => {
    const { client, api } = given();
    const [id = ''] = await addPackages(api, ['u-removed'], []);
    const one = [{ content_type_id: 'rpm', unit_id: id }];
    for (const [method, path, body] of [
      ['DELETE', `/v2/content/orphans/rpm/${id}/`, undefined],
      ['DELETE', '/v2/content/orphans/rpm/', undefined],
      ['DELETE', '/v2/content/orphans/', undefined],
      ['POST', '/v2/content/actions/delete_orphans/', one],
    ] as const) {
      const { status, body: report } = await client.call(method, path, body && { body });
      assert.equal(status, 202, path);
      const [{ task_id: task }] = report.spawned_tasks;
      const tags = (await api.parts.tasks.get(task))?.tags;
      assert.deepEqual(tags, ['pulp:content_unit:orphans', 'pulp:action:delete_orphans']);
    }
  });

  it('api refuses a list of units that is none, too long, or of types that there are not', async () => {
    const { client } = given();
    const path = '/v2/content/actions/delete_orphans/';
    const refuse = (status: number, code: string, body: unknown) =>
      client.refused(status, code, 'POST', path, { body });
    await refuse(400, 'PLP1015', {});
    await refuse(400, 'PLP1009', '[');
    await refuse(400, 'PLP0016', [{ content_type_id: 'rpm' }]);
    await refuse(400, 'PLP0017', [{ content_type_id: 'rpm', unit_id: 'x', more: 1 }]);
    await refuse(400, 'PLP0015', [{ content_type_id: 'rpm', unit_id: { $ne: null } }]);
    await refuse(400, 'PLP0015', [{ content_type_id: 'no-type', unit_id: 'x' }]);
    const many = (length: number) => Array(length).fill({ content_type_id: 'rpm', unit_id: 'x' });
    await refuse(400, 'PLP0015', many(listedOrphansMax + 1));
    await client.ok(202, 'POST', path, { body: many(listedOrphansMax) });
    await using api = await given().start({ replace: { limits: { bytesMax: 10, depthMax: 5 } } });
    const body = [{ content_type_id: 'rpm', unit_id: 'x' }];
    await new Client(api).refused(413, 'BODY_TOO_LARGE', 'POST', path, { body });
  });
}
