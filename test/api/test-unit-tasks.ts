/** Units that are imported, copied, taken out and removed, as with Pulp 2. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Task } from '../../src/tasks/task.ts';
import { filesBelow, listed, sha256Of } from '../storage/opened.ts';
import { until } from '../support/processes.ts';
import type { CallOptions } from './client.ts';
import type { GivenApi } from './contract.ts';
import {
  done,
  type RepositoryWorker,
  runRepositoryTasks,
  yumRepository,
} from './repository-fixture.ts';
import { beginUpload, sendChunk, upload, uploadsPath } from './upload-client.ts';

interface Shown {
  readonly content_unit_counts: Readonly<Record<string, number>>;
  readonly last_unit_added: string | null;
  readonly last_unit_removed: string | null;
}

export function testUnitTasks(given: () => GivenApi): void {
  let worker: RepositoryWorker;
  before(async () => {
    worker = await runRepositoryTasks(given().api);
  });
  after(() => worker[Symbol.asyncDispose]());

  const fileRepository = (id: string): Promise<unknown> => {
    const distributor = {
      ...{ distributor_id: 'iso_distributor', distributor_type_id: 'iso_distributor' },
      ...{ auto_publish: true, distributor_config: { relative_url: id, serve_https: true } },
    };
    const body = { id, importer_type_id: 'iso_importer', distributors: [distributor] };
    return given().client.ok(201, 'POST', '/v2/repositories/', { body });
  };
  const shown = async (id: string) =>
    (await given().client.ok(200, 'GET', `/v2/repositories/${id}/`)) as Shown;
  const act = async (id: string, action: string, body: object): Promise<Task> => {
    const path = `/v2/repositories/${id}/actions/${action}/`;
    return done(given().api, given().client, 'POST', path, { body });
  };
  const importOf = async (
    id: string,
    bytes: Buffer,
    name: string,
    more: object = {},
  ): Promise<Task> => {
    const { api, client } = given();
    return act(id, 'import_upload', {
      upload_id: await upload(api, client, bytes),
      ...{ unit_type_id: 'iso', unit_key: { name, ...more } },
    });
  };
  const named = async (id: string): Promise<readonly string[]> => {
    const path = `/v2/repositories/${id}/search/units/`;
    const body = { criteria: { sort: { unit: [['name', 'ascending']] } } };
    const found = await given().client.ok(200, 'POST', path, { body });
    return (found as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name);
  };

  it('api imports an upload that came in chunks, once however often it is uploaded', async () => {
    const { client, api } = given();
    await fileRepository('t-import');
    const before = await shown('t-import');
    assert.deepEqual([before.last_unit_added, before.last_unit_removed], [null, null]);
    const bytes = Buffer.alloc(500_000, 'a file in three chunks ');
    const checksum = sha256Of(bytes);
    for (const _ of ['once', 'twice']) {
      const task = await importOf('t-import', bytes, 'a.iso', { checksum, size: bytes.length });
      assert.deepEqual([task.state, task.result, task.error], ['finished', null, null]);
      assert.deepEqual(task.tags, ['pulp:repository:t-import', 'pulp:action:import_upload']);
      const [publish, ...others] = task.spawned_tasks;
      assert.equal(others.length, 0);
      assert.equal((await api.parts.tasks.get(publish ?? ''))?.task_type, 'repository.publish');
    }
    const imported = await shown('t-import');
    assert.deepEqual(imported.content_unit_counts, { iso: 1 });
    assert.match(imported.last_unit_added ?? '', /^\d{4}-/);
    assert.deepEqual(await named('t-import'), ['a.iso']);
    const { upload_ids: left } = (await client.ok(200, 'GET', uploadsPath)) as {
      upload_ids: readonly string[];
    };
    assert.deepEqual(left, []);
    assert.deepEqual(await listed(api.storage.uploads.list()), []);
    assert.equal(await api.storage.artifacts.sizeOf(checksum), bytes.length);
  });

  it('api imports a file in the place of another of its name, and an erratum without a file', async () => {
    const { client } = given();
    await fileRepository('t-replaced');
    await importOf('t-replaced', Buffer.from('first'), 'same.iso');
    const first = await shown('t-replaced');
    assert.equal(first.last_unit_removed, null);
    await importOf('t-replaced', Buffer.from('second'), 'same.iso');
    const second = await shown('t-replaced');
    assert.deepEqual(second.content_unit_counts, { iso: 1 });
    assert.notEqual(second.last_unit_removed, null);
    await client.ok(201, 'POST', '/v2/repositories/', { body: yumRepository('t-errata') });
    const erratum = async (title: string) =>
      act('t-errata', 'import_upload', {
        upload_id: await beginUpload(client),
        unit_type_id: 'erratum',
        unit_key: { id: 'TEST-2026:1' },
        unit_metadata: { title, description: 'd', version: '1', release: '1', type: 'security' },
      });
    for (const title of ['one', 'one', 'another']) {
      const task = await erratum(title);
      assert.deepEqual([task.state, task.error], ['finished', null]);
    }
    assert.deepEqual((await shown('t-errata')).content_unit_counts, { erratum: 1 });
    const path = '/v2/content/units/erratum/search/';
    const body = { criteria: { filters: { id: 'TEST-2026:1' } } };
    const [found, ...others] = (await client.ok(200, 'POST', path, { body })) as {
      title: string;
    }[];
    assert.deepEqual([found?.title, others.length], ['another', 0]);
  });

  it('T80 api removes an upload that is not what was announced, and says so', async () => {
    const { client, api } = given();
    await fileRepository('t-wrong');
    const bytes = Buffer.from('what has arrived');
    const md5 = createHash('md5').update(bytes).digest('hex');
    for (const key of [
      { checksum: 'f'.repeat(64) },
      { checksum: sha256Of(bytes), size: 3 },
      { checksum: 'f'.repeat(32), checksumtype: 'md5' },
    ]) {
      const task = await importOf('t-wrong', bytes, 'wrong.iso', key);
      assert.deepEqual([task.state, task.error?.code], ['error', 'PLP1013']);
      assert.match(task.error?.description ?? '', /The upload was removed; send the file again$/);
    }
    assert.deepEqual(await listed(api.storage.uploads.list()), []);
    assert.deepEqual(await named('t-wrong'), []);
    assert.equal(await api.storage.artifacts.sizeOf(sha256Of(bytes)), undefined);
    const right = await importOf('t-wrong', bytes, 'r.iso', { checksum: md5, checksumtype: 'md5' });
    assert.deepEqual([right.state, right.error], ['finished', null]);
    // The second is a name that every object has.
    for (const checksumtype of ['x', 'constructor']) {
      const unknown = await importOf('t-wrong', bytes, 'u.iso', { checksum: 'x', checksumtype });
      assert.equal(unknown.error?.code, 'PLP1005');
      const [id = ''] = await listed(api.storage.uploads.list());
      await client.ok(200, 'DELETE', `${uploadsPath}${id}/`);
    }
  });

  it('T28 api imports nothing under a name that leads elsewhere', async () => {
    const { client, api } = given();
    await fileRepository('t-names');
    const names = [
      '../x',
      '/etc/x',
      'a/b',
      '..',
      '.',
      '',
      'a\nb',
      'x'.repeat(256),
      'PULP_MANIFEST',
    ];
    for (const name of names) {
      const task = await importOf('t-names', Buffer.from('x'), name);
      assert.deepEqual([task.state, task.error?.code], ['error', 'PLP0047'], name);
    }
    const id = await upload(api, client, Buffer.from('x'));
    const nul = { upload_id: id, unit_type_id: 'iso', unit_key: { name: 'a\0b' } };
    const path = '/v2/repositories/t-names/actions/import_upload/';
    await client.refused(400, 'PLP0015', 'POST', path, { body: nul });
    assert.deepEqual(await named('t-names'), []);
    assert.deepEqual(filesBelow(`${api.storage.directory}/artifacts`).filter(isOf('x')), []);
    for (const left of await listed(api.storage.uploads.list())) {
      await client.ok(200, 'DELETE', `${uploadsPath}${left}/`);
    }
  });

  it('api imports what somebody may change alone, of types that the importer takes', async () => {
    const { client, api } = given();
    await fileRepository('t-rights');
    const path = '/v2/repositories/t-rights/actions/import_upload/';
    const id = await upload(api, client, Buffer.from('not theirs'));
    const body = { upload_id: id, unit_type_id: 'iso', unit_key: { name: 'n' } };
    const as = await client.user('importer');
    const grant = (resource: string, operations: readonly string[]) =>
      client.ok(200, 'POST', '/v2/permissions/actions/grant_to_user/', {
        body: { login: as.login, resource, operations },
      });
    await grant('/v2/repositories/t-rights/', ['UPDATE']);
    const refuse = (status: number, code: string, options: CallOptions) =>
      client.refused(status, code, 'POST', path, options);
    await refuse(401, 'PLP0026', { as, body });
    await refuse(404, 'PLP0009', { body: { ...body, upload_id: '0'.repeat(32) } });
    await refuse(400, 'PLP0015', { body: { ...body, unit_type_id: 'no-type' } });
    await refuse(400, 'PLP0016', { body: { upload_id: id, unit_type_id: 'iso' } });
    await refuse(400, 'PLP0015', { body: { ...body, unit_key: { $ne: null } } });
    const nowhere = path.replace('t-rights', 'no-repository');
    await client.refused(404, 'PLP0009', 'POST', nowhere, { body });
    const foreign = await act('t-rights', 'import_upload', { ...body, unit_type_id: 'rpm' });
    assert.deepEqual([foreign.state, foreign.error?.code], ['error', 'PLP0044']);
    const signed = yumRepository('t-signed', {}, { require_signature: true });
    await client.ok(201, 'POST', '/v2/repositories/', { body: signed });
    const unsigned = await act('t-signed', 'import_upload', { ...body, unit_type_id: 'rpm' });
    assert.equal(unsigned.error?.code, 'PLP0014');
    await grant(`${uploadsPath}${id}/`, ['UPDATE']);
    const task = await done(api, client, 'POST', path, { as, body });
    assert.deepEqual([task.state, task.error], ['finished', null]);
    const again = await client.call('POST', path, { body });
    assert.deepEqual([again.status, again.body.resources], [404, { upload_request: id }]);
  });

  it('api copies units from a repository that the caller may read, without their bytes', async () => {
    const { client, api } = given();
    await Promise.all(['t-from', 't-to'].map(fileRepository));
    for (const name of ['one', 'two', 'three']) {
      await importOf('t-from', Buffer.from(`copied ${name}`), name);
    }
    await importOf('t-to', Buffer.from('another'), 'two');
    const body = { source_repo_id: 't-from' };
    const task = await act('t-to', 'associate', body);
    assert.equal(task.error, null);
    const tags = ['pulp:repository:t-to', 'pulp:repository:t-from', 'pulp:action:associate'];
    assert.deepEqual(task.tags, tags);
    const result = task.result as { units_successful: { unit_key: { name: string } }[] };
    const copied = result.units_successful.map(({ unit_key: key }) => key.name);
    assert.deepEqual(copied.toSorted(), ['one', 'three', 'two']);
    assert.deepEqual(await named('t-to'), ['one', 'three', 'two']);
    const to = await shown('t-to');
    assert.deepEqual(to.content_unit_counts, { iso: 3 });
    assert.ok(to.last_unit_added !== null && to.last_unit_removed !== null);
    const path = '/v2/repositories/t-to/actions/associate/';
    const refuse = (status: number, code: string, options: CallOptions) =>
      client.refused(status, code, 'POST', path, options);
    await refuse(400, 'PLP0016', { body: {} });
    await refuse(400, 'PLP0015', { body: { source_repo_id: 'no-repository' } });
    await refuse(400, 'PLP0015', { body: { ...body, criteria: { no_such: 1 } } });
    const elsewhere = { recursive: true, additional_repos: { 't-from': 't-to' } };
    await refuse(400, 'PLP0015', { body: { ...body, override_config: elsewhere } });
    const as = await client.user('copier');
    await client.ok(200, 'POST', '/v2/permissions/actions/grant_to_user/', {
      body: { login: 'copier', resource: '/v2/repositories/t-to/', operations: ['UPDATE'] },
    });
    await refuse(401, 'PLP0026', { as, body });
    // It is not told whether it is there (T103).
    await refuse(401, 'PLP0026', { as, body: { source_repo_id: 'no-repository' } });
    const missing = path.replace('t-to', 'no-repository');
    await client.refused(404, 'PLP0009', 'POST', missing, { body });
    assert.equal((await listed(api.storage.artifacts.list())).filter(isDigest).length > 0, true);
  });

  it('api copies and takes out what the criteria mean, and says what it was', async () => {
    await Promise.all(['t-some', 't-few'].map(fileRepository));
    for (const name of ['a1', 'a2', 'b1']) await importOf('t-some', Buffer.from(name), name);
    const filters = { unit: { name: { $regex: '^a' } } };
    const criteria = { type_ids: ['iso'], filters };
    const override_config = { recursive: true, recursive_conservative: null, additional_repos: {} };
    await act('t-few', 'associate', { source_repo_id: 't-some', criteria, override_config });
    assert.deepEqual(await named('t-few'), ['a1', 'a2']);
    const only = { filters: { unit: { name: 'a1' } }, limit: 1 };
    const task = await act('t-few', 'unassociate', { criteria: only });
    const { units_successful: gone } = task.result as { units_successful: readonly object[] };
    assert.deepEqual(gone, [
      { type_id: 'iso', unit_key: { checksum: sha256Of('a1'), name: 'a1', size: 2 } },
    ]);
    assert.deepEqual(task.tags, ['pulp:repository:t-few', 'pulp:action:unassociate']);
    assert.deepEqual(await named('t-few'), ['a2']);
    const first = (await shown('t-few')).last_unit_removed;
    assert.notEqual(first, null);
    const { api, client } = given();
    const path = '/v2/repositories/t-few/actions/unassociate/';
    const all = await done(api, client, 'POST', path, {});
    assert.equal(all.state, 'finished');
    assert.deepEqual(await named('t-few'), []);
    const foreign = { source_repo_id: 't-some', criteria: { type_ids: 'rpm' } };
    const refused = await act('t-few', 'associate', foreign);
    assert.deepEqual([refused.state, refused.error?.code], ['error', 'PLP0044']);
    const nowhere = path.replace('t-few', 'no-repository');
    await client.refused(404, 'PLP0009', 'POST', nowhere, {});
    await client.refused(400, 'PLP0015', 'POST', path, { body: { criteria: { limit: 0 } } });
  });

  it('api removes units that no repository has, with their bytes, and no others', async () => {
    const { client, api } = given();
    await done(api, client, 'DELETE', '/v2/content/orphans/');
    await fileRepository('t-orphans');
    const names = ['kept', 'o1', 'o2', 'o3', 'o4'];
    for (const name of names) await importOf('t-orphans', Buffer.from(`orphan ${name}`), name);
    const filters = { unit: { name: { $regex: '^o' } } };
    await act('t-orphans', 'unassociate', { criteria: { filters } });
    type Orphan = { readonly _id: string; readonly _href: string; readonly name: string };
    const orphans = (await client.ok(200, 'GET', '/v2/content/orphans/iso/')) as Orphan[];
    assert.deepEqual(orphans.map(({ name }) => name).toSorted(), ['o1', 'o2', 'o3', 'o4']);
    const [one, two] = orphans;
    assert.ok(one !== undefined && two !== undefined);
    const byHref = await done(api, client, 'DELETE', one._href.replace('/pulp/api', ''));
    assert.deepEqual([byHref.state, byHref.result], ['finished', { iso: 1 }]);
    const body = [{ content_type_id: 'iso', unit_id: two._id }];
    const byPost = await done(api, client, 'POST', '/v2/content/actions/delete_orphans/', { body });
    assert.deepEqual(byPost.result, { iso: 1 });
    assert.equal((await done(api, client, 'DELETE', '/v2/content/orphans/iso/')).result, 2);
    assert.deepEqual((await done(api, client, 'DELETE', '/v2/content/orphans/')).result, {});
    assert.deepEqual(await client.ok(200, 'GET', '/v2/content/orphans/'), {});
    for (const name of names) {
      const size = await api.storage.artifacts.sizeOf(sha256Of(`orphan ${name}`));
      assert.equal(size !== undefined, name === 'kept', name);
    }
    assert.deepEqual(await named('t-orphans'), ['kept']);
  });

  it('api imports the same bytes into many repositories at once, while orphans are removed', async () => {
    const { client, api } = given();
    const ids = Array.from({ length: 3 }, (_, index) => `t-at-once-${index}`);
    await Promise.all(ids.map(fileRepository));
    const bytes = Buffer.from('the bytes that all have');
    const rounds = ids.map(async (id) => {
      for (let round = 0; round < 2; round += 1) {
        const task = await importOf(id, bytes, 'shared');
        assert.deepEqual([task.state, task.error], ['finished', null]);
        if (round < 1) await act(id, 'unassociate', {});
      }
    });
    let isOver = false;
    const removals = (async () => {
      while (!isOver) {
        await done(api, client, 'DELETE', '/v2/content/orphans/');
        // Without a pause a slow store would do little else.
        await sleep(200);
      }
    })();
    await Promise.all(rounds);
    isOver = true;
    await removals;
    for (const id of ids) assert.deepEqual(await named(id), ['shared']);
    assert.equal(await api.storage.artifacts.sizeOf(sha256Of(bytes)), bytes.length);
  });

  it('api imports no upload twice at once, and takes no chunk of one that is imported', async () => {
    const { client, api } = given();
    await fileRepository('t-sealed');
    const id = await upload(api, client, Buffer.from('no RPM'));
    const body = { upload_id: id, unit_type_id: 'iso', unit_key: {} };
    const failed = await act('t-sealed', 'import_upload', body);
    assert.equal(failed.error?.code, 'PLP0047');
    const { status, body: refused } = await sendChunk(api, id, 6, 'more');
    assert.deepEqual([status, refused.error.data.reason], [409, 'closed']);
    const path = '/v2/repositories/t-sealed/actions/import_upload/';
    const good = { ...body, unit_key: { name: 'good' } };
    const [one, other] = await Promise.all(
      [1, 2].map(() => client.call('POST', path, { body: good })),
    );
    const states = [];
    for (const reply of [one, other]) {
      if (reply?.status === 404) continue;
      const [{ task_id: task }] = reply?.body.spawned_tasks ?? [];
      states.push(await overOf(api.parts.tasks, task));
    }
    assert.deepEqual(
      states.filter((state) => state === 'finished'),
      ['finished'],
    );
    assert.deepEqual(await named('t-sealed'), ['good']);
  });
}

function isOf(text: string): (file: string) => boolean {
  return (file) => file.includes(sha256Of(text));
}

function isDigest(name: string): boolean {
  return /^[0-9a-f]{64}$/.test(name);
}

async function overOf(
  tasks: { get(id: string): Promise<Task | undefined> },
  id: string,
): Promise<string | undefined> {
  let task: Task | undefined;
  await until(`task ${id} is over`, async () => {
    task = await tasks.get(id);
    return task !== undefined && ['finished', 'error'].includes(task.state);
  });
  return task?.state;
}
