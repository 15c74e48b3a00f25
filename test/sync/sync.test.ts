import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { until } from '../support/processes.ts';
import { manifestLine, startRemoteFiles } from './remote-files.ts';
import { openSyncing, repositoryId, type Syncing } from './syncing.ts';

async function namesIn(syncing: Syncing): Promise<readonly unknown[]> {
  return (await syncing.unitsOf('iso')).map(({ fields }) => fields.name).sort();
}

describe('repository.sync of a manifest', () => {
  it('takes over what is there, says what it did, and publishes', async () => {
    await using remote = await startRemoteFiles({ 'a.iso': 'A', 'b.iso': 'B', empty: '' });
    const config = { feed: remote.url };
    await using syncing = await openSyncing({ config, publishes: 'served' });
    const task = await syncing.sync();
    assert.equal(task.state, 'finished', JSON.stringify(task.error));
    const { result, added_count, updated_count, removed_count } = task.result as never;
    assert.deepEqual([result, added_count, updated_count, removed_count], ['success', 3, 0, 0]);
    assert.deepEqual(await namesIn(syncing), ['a.iso', 'b.iso', 'empty']);
    const repository = await syncing.repository();
    assert.deepEqual(repository.content_unit_counts, { iso: 3 });
    assert.equal(repository.content_revision, 1);
    assert.ok(repository.importer?.last_sync instanceof Date);
    const report = task.progress_report.iso_importer as unknown as Record<string, unknown>;
    assert.deepEqual(report.content, {
      ...{ state: 'FINISHED', error_details: [], details: {} },
      ...{ items_total: 3, items_left: 0, size_total: 2, size_left: 0 },
    });
    assert.equal(task.spawned_tasks.length, 1);
    const [entry] = await syncing.history.ofSync(repositoryId, {});
    assert.deepEqual([entry?.result, entry?.added_count], ['success', 3]);
    assert.deepEqual(task.tags, ['pulp:repository:acme', 'pulp:action:sync']);
  });

  it('fetches what is new alone, and stores what is the same once', async () => {
    await using remote = await startRemoteFiles({ 'a.iso': 'A', 'same.iso': 'A' });
    await using syncing = await openSyncing({ config: { feed: remote.url } });
    await syncing.sync();
    remote.files.set('b.iso', 'B');
    const { result } = await syncing.sync();
    assert.equal((result as { added_count: number }).added_count, 1);
    assert.deepEqual(['a.iso', 'b.iso'].map(remote.asked), [1, 1]);
    const artifacts = await Array.fromAsync(syncing.parts.storage.artifacts.list());
    assert.equal(artifacts.length, 2);
  });

  it('replaces a file of the same name, and removes what is missing only if told to', async () => {
    await using remote = await startRemoteFiles({ 'a.iso': 'A', 'b.iso': 'B' });
    await using syncing = await openSyncing({ config: { feed: remote.url } });
    await syncing.sync();
    remote.files.set('a.iso', 'other');
    remote.files.delete('b.iso');
    const { result } = await syncing.sync();
    const { added_count, removed_count } = result as never;
    assert.deepEqual([added_count, removed_count], [1, 1]);
    assert.deepEqual(await namesIn(syncing), ['a.iso', 'b.iso']);
    await syncing.sync({ remove_missing: true });
    assert.deepEqual(await namesIn(syncing), ['a.iso']);
  });

  it('changes nothing in the repository when one file cannot be had', async () => {
    await using remote = await startRemoteFiles({ 'a.iso': 'A', 'b.iso': 'B' });
    await using syncing = await openSyncing({ config: { feed: remote.url, remove_missing: true } });
    await syncing.sync();
    remote.files.delete('a.iso');
    remote.files.set('new.iso', 'N');
    remote.files.set('gone.iso', 'G');
    remote.lies.set('gone.iso', manifestLine('gone2.iso', 'G'));
    const task = await syncing.sync();
    assert.equal(task.state, 'error');
    assert.match(task.error?.description ?? '', /gone2\.iso: it answered with the status 404$/);
    assert.deepEqual(await namesIn(syncing), ['a.iso', 'b.iso']);
    const [entry] = await syncing.history.ofSync(repositoryId, { limit: 1 });
    assert.equal(entry?.result, 'failed');
    assert.match(entry?.error_message ?? '', /status 404$/);
    const report = task.progress_report.iso_importer as unknown as Record<string, never>;
    assert.equal((report.content as unknown as { state: string }).state, 'FAILED');
  });

  it('T90 keeps nothing whose digest or size is another than was said', async () => {
    await using remote = await startRemoteFiles({ 'a.iso': 'A'.repeat(1000) });
    await using syncing = await openSyncing({ config: { feed: remote.url } });
    const wrong: readonly [string, RegExp][] = [
      [manifestLine('a.iso', 'B'.repeat(1000)), /its sha256 is another than its metadata says/],
      [manifestLine('a.iso', 'A'.repeat(999)), /it is over 999 bytes/],
      [manifestLine('a.iso', 'A'.repeat(1001)), /it has 1000 bytes, and its metadata says 1001/],
    ];
    for (const [line, problem] of wrong) {
      remote.lies.set('a.iso', line);
      const { state, error } = await syncing.sync();
      assert.equal(state, 'error');
      assert.match(error?.description ?? '', problem);
    }
    assert.equal(await syncing.units.count(), 0);
    assert.deepEqual(await Array.fromAsync(syncing.parts.storage.artifacts.list()), []);
  });

  it('T28 takes no name that leads elsewhere', async () => {
    await using remote = await startRemoteFiles({ a: 'A' });
    await using syncing = await openSyncing({ config: { feed: remote.url } });
    for (const name of ['../a', '/a', 'b/../../a', 'b/a', '.', 'a\\b', 'PULP_MANIFEST']) {
      remote.lies.set('a', manifestLine(name, 'A'));
      const { state, error } = await syncing.sync();
      assert.equal(state, 'error', name);
      assert.match(
        error?.description ?? '',
        /^Cannot (?:take|fetch PULP_MANIFEST: it is over)/,
        name,
      );
    }
    assert.equal((await syncing.repository()).content_revision, 0);
  });

  it('keeps to its limits: the size of a file, and the number of units', async () => {
    await using remote = await startRemoteFiles({ a: '12345', b: '1' });
    const config = { feed: remote.url };
    const limits = { fileBytesMax: 5, unitsMax: 2 };
    await using syncing = await openSyncing({ config, limits });
    assert.equal((await syncing.sync()).state, 'finished');
    remote.files.set('a', '123456');
    assert.match((await syncing.sync()).error?.description ?? '', /it is over 5 bytes$/);
    remote.files.set('a', '12345');
    remote.files.set('c', '');
    assert.match((await syncing.sync()).error?.description ?? '', /over 2 units of one kind$/);
  });

  it('ends within seconds when it is cancelled, and then fetches only what is missing', async () => {
    await using remote = await startRemoteFiles({ 'a.iso': 'A', 'slow.iso': 'S' });
    const manifest = manifestLine('a.iso', 'A') + manifestLine('slow.iso', 'S');
    let isSlow = true;
    remote.server.answer((request, response) => {
      if (request.url === '/PULP_MANIFEST') response.end(manifest);
      else if (request.url === '/a.iso') response.end('A');
      else if (!isSlow) response.end('S');
    });
    await using syncing = await openSyncing({ config: { feed: remote.url } });
    const id = await syncing.begin();
    await until('one is here and the other is asked for', async () => {
      return remote.asked('slow.iso') === 1 && (await syncing.units.countOrphans('iso')) === 1;
    });
    await syncing.queue.cancel(id);
    assert.equal((await syncing.ended(id)).state, 'canceled');
    assert.deepEqual(await namesIn(syncing), []);
    const canceled = async () => (await syncing.history.ofSync(repositoryId, {}))[0];
    await until('the history says so', async () => (await canceled()) !== undefined);
    const { result, error_message: message, summary } = (await canceled()) ?? {};
    assert.deepEqual([result, message], ['canceled', null]);
    assert.deepEqual(summary, { metadata: 'FINISHED', content: 'CANCELLED' });
    isSlow = false;
    assert.equal((await syncing.sync()).state, 'finished');
    assert.deepEqual(await namesIn(syncing), ['a.iso', 'slow.iso']);
    assert.equal(remote.asked('a.iso'), 1);
  });

  it('comes to the same however often it is cut off, with every byte that units refer to', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `file-${index}.iso`);
    const files = Object.fromEntries(names.map((name) => [name, name.repeat(100)]));
    await using remote = await startRemoteFiles(files);
    await using syncing = await openSyncing({ config: { feed: remote.url, max_downloads: 2 } });
    for (let cut = 0; cut < 5; cut += 1) {
      const before = remote.server.requests.length;
      const id = await syncing.begin();
      await until('it has asked for some, or is over', async () => {
        const state = (await syncing.queue.get(id))?.state;
        return remote.server.requests.length > before + cut || state === 'finished';
      });
      await syncing.queue.cancel(id);
      assert.ok(['canceled', 'finished'].includes((await syncing.ended(id)).state));
    }
    assert.equal((await syncing.sync()).state, 'finished');
    const units = await syncing.unitsOf('iso');
    assert.deepEqual(units.map(({ fields }) => fields.name).sort(), [...names].sort());
    const { artifacts } = syncing.parts.storage;
    for (const { artifact, is_pending: isPending } of units) {
      assert.equal(isPending, false);
      assert.equal(await artifacts.sizeOf(artifact?.sha256 ?? ''), artifact?.size);
    }
    assert.equal((await Array.fromAsync(artifacts.list())).length, names.length);
    assert.deepEqual((await syncing.repository()).content_unit_counts, { iso: names.length });
  });

  it('fetches again what was removed as an orphan while it went on', async () => {
    await using remote = await startRemoteFiles({ 'a.iso': 'A' });
    await using syncing = await openSyncing({ config: { feed: remote.url } });
    const manifest = manifestLine('a.iso', 'A') + manifestLine('b.iso', 'B');
    remote.server.answer(async (request, response) => {
      if (request.url === '/PULP_MANIFEST') return response.end(manifest);
      if (request.url === '/a.iso') return response.end('A');
      if (remote.asked('b.iso') > 1) return response.end('B');
      await until('the sync has the other', async () => {
        const [task] = await syncing.queue.list();
        const report = task?.progress_report.iso_importer as { content?: { items_left: number } };
        return report?.content?.items_left === 1;
      });
      const [unit] = await Array.fromAsync(syncing.units.orphans('iso'));
      assert.ok(unit !== undefined && (await syncing.units.removeOrphan(unit)) === 'removed');
      return response.end('B');
    });
    assert.equal((await syncing.sync()).state, 'finished');
    assert.deepEqual(await namesIn(syncing), ['a.iso', 'b.iso']);
    assert.equal(remote.asked('a.iso'), 2);
  });

  it('refuses what it cannot do, in words', async () => {
    await using remote = await startRemoteFiles({ a: 'A' });
    await using syncing = await openSyncing({ config: {} });
    const refusals: readonly [Record<string, string | boolean>, RegExp][] = [
      [{}, /its importer has no feed; set one$/],
      [{ feed: remote.url, download_policy: 'on_demand' }, /immediate: on_demand and background/],
      [{ feed: remote.url, download_policy: 'background' }, /immediate: on_demand and background/],
      [{ feed: 'file:///etc/' }, /feed: expected an http: or https: URL/],
      [{ feed: 'FILE:/etc/passwd' }, /feed: expected an http: or https: URL/],
    ];
    for (const [override, problem] of refusals) {
      const { state, error } = await syncing.sync(override);
      assert.equal(state, 'error');
      assert.match(error?.description ?? '', problem);
    }
    assert.equal(remote.server.requests.length, 0);
  });

  it('T89 sends the secrets of its feed to no other, where it is synced from one once', async () => {
    await using own = await startRemoteFiles({ a: 'A' });
    await using other = await startRemoteFiles({ b: 'B' });
    const login = { basic_auth_username: 'u', basic_auth_password: 'secret' };
    await using syncing = await openSyncing({ config: { feed: own.url, ...login } });
    assert.equal((await syncing.sync({ feed: other.url })).state, 'finished');
    const sent = other.server.requests.map(({ request }) => request.headers.authorization);
    assert.deepEqual(new Set(sent), new Set([undefined]));
    await syncing.sync({ feed: other.url, ...login });
    assert.match(other.server.requests.at(-1)?.request.headers.authorization ?? '', /^Basic /);
  });

  it('T92 shows the secrets of its feed to nobody', async () => {
    await using remote = await startRemoteFiles({ a: 'A' });
    const canaries = [
      'canary-password',
      'canary-proxy',
      'canary-key',
      'canary-token',
      'canary-url',
    ];
    const config = {
      feed: `${remote.url}?token=canary-token`,
      basic_auth_username: 'u',
      basic_auth_password: 'canary-password',
      proxy_username: 'u',
      proxy_password: 'canary-proxy',
    };
    await using syncing = await openSyncing({ config });
    const seen: unknown[] = [
      await syncing.sync(),
      await syncing.sync({ ssl_client_key: 'canary-key' }),
    ];
    remote.lies.set('a', manifestLine('missing', 'A'));
    seen.push(await syncing.sync());
    const withPassword = remote.url.replace('//', '//u:canary-url@');
    seen.push(await syncing.sync({ feed: withPassword, ssl_client_cert: 'canary-key' }));
    seen.push(await syncing.history.ofSync(repositoryId, {}), syncing.lines);
    const { importer, ...repository } = await syncing.repository();
    const text = JSON.stringify([...seen, repository, importer?.scratchpad]);
    for (const canary of canaries) assert.ok(!text.includes(canary), canary);
    const sent = remote.server.requests.at(-1)?.request.headers.authorization ?? '';
    assert.equal(Buffer.from(sent.slice(6), 'base64').toString(), 'u:canary-password');
  });
});
