/** The actions of section 4.2 of the facts about Pulp 2: publish, sync, download, and ours: rollback. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { it } from 'node:test';
import { Repositories } from '../../src/repositories/repositories.ts';
import { Units } from '../../src/repositories/units.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { where } from '../../src/stores/parse-filter.ts';
import { kept, sha256Of } from '../storage/opened.ts';
import type { GivenApi } from './contract.ts';
import { done, runRepositoryTasks, settled, yumRepository } from './repository-fixture.ts';
import type { RunningApi } from './running-api.ts';

const path = '/v2/repositories/';

/** Publishes files, for which no program is needed. */
const isoRepository = (id: string) => ({
  id,
  importer_type_id: 'iso_importer',
  distributors: [
    {
      distributor_id: 'iso_distributor',
      distributor_type_id: 'iso_distributor',
      distributor_config: { serve_http: true, serve_https: true },
    },
  ],
});

export function testRepositoryActions(given: () => GivenApi): void {
  it('api publishes: the first is real, the second is skipped', async () => {
    const { client, api } = given();
    await using worker = await runRepositoryTasks(api);
    await client.ok(201, 'POST', path, { body: isoRepository('published') });
    await addFile(api, worker.storage, 'published', 'one');
    const publish = (body: object) =>
      done(api, client, 'POST', `${path}published/actions/publish/`, {
        body: { id: 'iso_distributor', ...body },
      });
    const first = await publish({});
    assert.equal(first.state, 'finished', JSON.stringify(first));
    assert.deepEqual(first.tags, ['pulp:repository:published', 'pulp:action:publish']);
    assert.equal(resultOf(first).result, 'success');
    const second = await publish({ override_config: null });
    const { result, summary } = resultOf(second);
    const sentence = 'Skipped: Repository content has not changed since last publish.';
    assert.deepEqual([result, summary], ['skipped', sentence]);
    const { body } = await client.call('GET', `${path}published/distributors/iso_distributor/`);
    assert.notEqual(body.last_publish, null);
  });

  it('api publishes again what did not change, with force_full, by every distributor', async () => {
    const { client, api } = given();
    await using _worker = await runRepositoryTasks(api);
    await client.ok(201, 'POST', path, { body: isoRepository('forced-iso') });
    await client.ok(201, 'POST', path, { body: yumRepository('forced-yum') });
    const forced = { override_config: { force_full: true } };
    for (const [id, distributor] of [
      ['forced-iso', 'iso_distributor'],
      ['forced-yum', 'yum_distributor'],
    ]) {
      const results: unknown[] = [];
      for (const more of [{}, {}, forced, {}]) {
        const body = { id: distributor, ...more };
        const task = await done(api, client, 'POST', `${path}${id}/actions/publish/`, { body });
        results.push(resultOf(task).result);
        if (more !== forced) continue;
        const { details } = resultOf(task) as { details?: readonly { step_type: string }[] };
        assert.ok(details?.every((step) => 'num_processed' in step && step.step_type !== ''));
      }
      assert.deepEqual(results, ['success', 'skipped', 'success', 'skipped'], id);
    }
  });

  it('api shows what was published, and serves an earlier one again', async () => {
    const { client, api } = given();
    await using worker = await runRepositoryTasks(api);
    await client.ok(201, 'POST', path, { body: isoRepository('back') });
    const own = `${path}back/`;
    const publications = `${own}distributors/iso_distributor/publications/`;
    assert.deepEqual(await client.ok(200, 'GET', publications), []);
    for (const name of ['one', 'two']) {
      await addFile(api, worker.storage, 'back', name);
      await done(api, client, 'POST', `${own}actions/publish/`, {
        body: { id: 'iso_distributor' },
      });
    }
    const { body: before } = await client.call('GET', publications);
    const [now, earlier] = before;
    assert.deepEqual([now.is_served, now.served_until], [true, null]);
    assert.deepEqual([now.unit_counts, earlier.unit_counts], [{ iso: 2 }, { iso: 1 }]);
    assert.equal(earlier.is_served, false);
    assert.match(earlier.served_until, /Z$/);
    const rollback = `${own}actions/rollback/`;
    const back = await done(api, client, 'POST', rollback, { body: { id: 'iso_distributor' } });
    assert.deepEqual([back.state, back.result], ['finished', { publication: earlier.id }]);
    const { body: after } = await client.call('GET', publications);
    const served = after.filter((one: { is_served: boolean }) => one.is_served);
    assert.deepEqual(
      served.map(({ id }: { id: string }) => id),
      [earlier.id],
    );
    const named = { id: 'iso_distributor', publication: now.id };
    const forth = await done(api, client, 'POST', rollback, { body: named });
    assert.deepEqual(forth.result, { publication: now.id });
    const unknown = { id: 'iso_distributor', publication: 'f'.repeat(24) };
    const failed = await done(api, client, 'POST', rollback, { body: unknown });
    assert.deepEqual([failed.state, failed.error?.code], ['error', 'PLP0009']);
    await client.refused(404, 'PLP0009', 'GET', `${own}distributors/nothing/publications/`);
  });

  it('api finds the bytes of a repository missing or damaged, if it is told to read them', async () => {
    const { client, api } = given();
    await using worker = await runRepositoryTasks(api);
    const { storage } = worker;
    await client.ok(201, 'POST', path, { body: isoRepository('checked') });
    const sha256 = await addFile(api, storage, 'checked', 'whole');
    await addFile(api, storage, 'checked', 'other');
    const look = (body?: object) =>
      done(api, client, 'POST', `${path}checked/actions/download/`, body && { body });
    const whole = await look({ verify_all_units: true });
    assert.deepEqual([whole.state, whole.result], ['finished', { units_looked_at: 2 }]);
    assert.deepEqual(whole.tags, ['pulp:repository:checked', 'pulp:action:download']);
    const bytes = Buffer.from('bytes of wholE');
    writeFileSync(storage.artifacts.pathOf(sha256), bytes);
    assert.equal((await look()).state, 'finished');
    const damaged = await look({ verify_all_units: true });
    assert.deepEqual(
      [damaged.error?.code, damaged.error?.data],
      ['PLP1013', { damaged: ['whole'] }],
    );
    const to = `${path}checked/actions/download/`;
    await client.refused(400, 'PLP1010', 'POST', to, { body: { verify_all_units: 'yes' } });
  });

  it('api accepts what is to be done with a repository, and refuses it with one that is not there', async () => {
    const { client, api } = given();
    await client.ok(201, 'POST', path, { body: isoRepository('acting') });
    const body = { id: 'nothing' };
    const own = `${path}acting/actions/`;
    const publishing = await client.call('POST', `${own}publish/`, { body });
    assert.equal(publishing.status, 202);
    const rollback = await client.call('POST', `${own}rollback/`, { body });
    {
      await using _ = await runRepositoryTasks(api);
      for (const reply of [publishing, rollback]) {
        const [task] = await settled(api, reply);
        assert.deepEqual([task?.state, task?.error?.code], ['error', 'PLP0009']);
      }
    }
    const sync = await client.call('POST', `${own}sync/`);
    assert.equal(sync.status, 202);
    const task = await api.parts.tasks.get(sync.body.spawned_tasks[0].task_id);
    assert.deepEqual(task?.tags, ['pulp:repository:acting', 'pulp:action:sync']);
    await client.refused(400, 'PLP0016', 'POST', `${own}publish/`, { body: {} });
    for (const action of ['sync', 'publish', 'download', 'rollback']) {
      const to = `${path}nothing/actions/${action}/`;
      const refused = await client.refused(404, 'PLP0009', 'POST', to, {
        body: action === 'publish' || action === 'rollback' ? body : {},
      });
      assert.deepEqual(refused.resources, { repository: 'nothing' });
      // What a client of Pulp's tests does: the redirect of a POST.
      const { status, headers } = await client.call('POST', to.slice(0, -1));
      assert.deepEqual([status, headers.location], [301, `/pulp/api${to}`]);
    }
    const publications = `${path}nothing/distributors/x/publications/`;
    await client.refused(404, 'PLP0009', 'GET', publications);
  });

  it('api does two publishes and a deletion of one repository at once, and nothing of it is left', async () => {
    const { client, api } = given();
    await using worker = await runRepositoryTasks(api);
    await client.ok(201, 'POST', path, { body: isoRepository('crowded') });
    await addFile(api, worker.storage, 'crowded', 'file');
    const directories = () => Array.fromAsync(worker.storage.publications.list());
    const before = await directories();
    const own = `${path}crowded/`;
    const body = { id: 'iso_distributor' };
    const publish = () => client.call('POST', `${own}actions/publish/`, { body });
    const replies = await Promise.all([publish(), client.call('DELETE', own), publish()]);
    for (const reply of replies) {
      // One that came after the deletion was done finds nothing any more.
      if (reply.status === 404) continue;
      const [task] = await settled(api, reply);
      const isMissing = task?.error?.code === 'PLP0009';
      assert.ok(task?.state === 'finished' || isMissing, JSON.stringify(task));
    }
    const { store } = api.parts;
    const ofIt = { filter: where({ repository: 'crowded' }) };
    const left = (collection: string) => store.find(collection, ofIt);
    assert.deepEqual([await left('distributions'), await left('publications')], [[], []]);
    await client.refused(404, 'PLP0009', 'GET', own);
    assert.deepEqual(new Set(await directories()), new Set(before));
  });
}

function resultOf({ result }: { readonly result: unknown }) {
  return result as { readonly result: string; readonly summary: unknown };
}

/** As an upload would: the unit, its bytes, and the repository that says of it. */
async function addFile(
  { parts: { store, now } }: RunningApi,
  storage: Storage,
  repository: string,
  name: string,
): Promise<string> {
  const bytes = `bytes of ${name}`;
  const [sha256, size] = [sha256Of(bytes), bytes.length];
  const units = new Units(store, now);
  const { unit } = await units.insertPending({
    type: 'iso',
    fields: { name, size, checksum: sha256 },
    unitKey: ['name', 'size', 'checksum'],
    artifact: { sha256, size, filename: name },
  });
  await kept(storage, bytes);
  await units.settle(unit._id, repository);
  const counts = await units.countsOf(repository, ['iso']);
  await new Repositories(store, now).update(repository, (present) => ({
    ...present,
    content_unit_counts: counts,
    content_revision: present.content_revision + 1,
  }));
  return sha256;
}
