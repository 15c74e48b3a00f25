/** `portcullis-admin repo group …` with the real API. */

import assert from 'node:assert/strict';
import { before, it } from 'node:test';
import { Client } from '../api/client.ts';
import { asAdmin, testWithRealApi } from './real-commands.ts';

const ids = ['g-a', 'g-b', 'g-c'];

testWithRealApi('groups of repositories', (given) => {
  const group = (...words: readonly string[]) => [...asAdmin, 'repo', 'group', ...words];

  before(async () => {
    const client = new Client(given().real.api);
    for (const id of ids) await client.ok(201, 'POST', '/v2/repositories/', { body: { id } });
  });

  it('portcullis-admin makes, changes, lists, searches and deletes a group', async () => {
    const { ok, json, refused } = given();
    const named = ['--group-id', 'all'];
    const described = ['--display-name', 'All', '--note', 'a=1', '--note', 'b=x=y'];
    const made = await ok(...group('create', ...named, ...described, '--repo-id', 'g-a'));
    assert.equal(made, 'Repository Group [all] successfully created\n');
    const again = /^Conflict\nA resource with the ID "all" already exists\.\n$/;
    await refused(65, again, ...group('create', ...named));
    const changed = await json(...group('update', ...named, '--description', 'x', '--note', 'a='));
    assert.deepEqual([changed.description, changed.notes], ['x', { b: 'x=y' }]);
    assert.match(await ok(...group('list')), /^all +All +1 +x$/m);
    assert.match(await ok(...group('list', '--details')), /^Repo Ids: +g-a$/m);
    const found = await json(...group('search', '--match', 'display_name=^A', '--fields', 'id'));
    assert.deepEqual(
      found.map(({ id }: { id: string }) => id),
      ['all'],
    );
    await refused(
      64,
      /^Cannot update the group: give --display-name/,
      ...group('update', ...named),
    );
    const note = group('update', ...named, '--note', '=x');
    await refused(64, /^Cannot use --note "=x": expected NAME=VALUE/, ...note);
    const nobody = group('create', '--group-id', 'x', '--repo-id', 'nothing');
    await refused(65, /\['repo_ids'\]: one of them is no repository/, ...nobody);
    await refused(65, /\['id'\]/, ...group('create', '--group-id', 'a/b\u001b[2J'));
    assert.equal(
      await ok(...group('delete', ...named)),
      'Repository Group [all] successfully deleted\n',
    );
    for (const verb of ['delete', 'members list']) {
      await refused(65, /\n {2}all \(repo_group\)\n$/, ...group(...verb.split(' '), ...named));
    }
    await refused(65, /all \(repo_group\)/, ...group('update', ...named, '--description', 'y'));
  });

  it('portcullis-admin puts repositories into a group, lists them, and takes them out', async () => {
    const { ok, json, refused } = given();
    const named = ['--group-id', 'members'];
    const members = (...words: readonly string[]) => group('members', ...words, ...named);
    const there = async (...filter: readonly string[]) =>
      (await json(...members('list'), ...filter)).map(({ id }: { id: string }) => id).sort();
    await ok(...group('create', ...named));
    assert.deepEqual(await there(), []);
    const added = await ok(...members('add'), '--repo-id', 'g-a', '--repo-id', 'g-b');
    assert.equal(added, 'Repositories successfully added to Repository Group [members]\n');
    assert.deepEqual(await there(), ['g-a', 'g-b']);
    assert.deepEqual(await there('--match', 'id=b$'), ['g-b']);
    assert.match(await ok(...members('list')), /^g-a +g-a +- +- +- +-$/m);
    await ok(...members('remove'), '--str-eq', 'id=g-a');
    assert.deepEqual(await there(), ['g-b']);
    await ok(...members('add'), '--all');
    assert.deepEqual(await there(), ids);
    await ok(...members('remove'), '--repo-id', 'g-a', '--match', 'id=[ab]$');
    assert.deepEqual(await there(), ['g-b', 'g-c']);
    await ok(...members('remove'), '--all');
    assert.deepEqual(await there(), []);
    const nobody = [...members('add'), '--repo-id', 'nothing'];
    await refused(65, /^Not Found\n.+\n {2}nothing \(repository\)\n$/, ...nobody);
    const which = /^Cannot tell which repositories: give either --all, or --repo-id or criteria/;
    for (const meant of [[], ['--all', '--repo-id', 'g-a'], ['--all', '--str-eq', 'id=x']]) {
      for (const verb of ['add', 'remove']) await refused(64, which, ...members(verb), ...meant);
    }
    const unknown = group('members', 'add', '--group-id', 'nothing', '--all');
    await refused(65, /nothing \(repo_group\)/, ...unknown);
  });

  it('portcullis-admin gives a group distributors, changes them, and takes them away', async () => {
    const { ok, json, refused } = given();
    const named = ['--group-id', 'published'];
    const distributor = (...words: readonly string[]) => group('distributor', ...words, ...named);
    await ok(...group('create', ...named));
    const id = ['--distributor-id', 'yum'];
    const made = await ok(...distributor('create'), ...id, '--type', 'yum_distributor');
    assert.equal(made, 'Distributor [yum] successfully created\n');
    const config = ['--config', '{"checksum_type": "sha256"}'];
    const changed = await json(...distributor('update'), ...id, ...config);
    assert.deepEqual(changed.config, { checksum_type: 'sha256' });
    assert.match(await ok(...distributor('list')), /^yum +yum_distributor +-$/m);
    await refused(65, /^Conflict\n/, ...distributor('create'), ...id, '--type', 'yum_distributor');
    const type = [...distributor('create'), '--distributor-id', 'x', '--type', 'y'];
    await refused(65, /there is no such type; there are yum_distributor/, ...type);
    for (const wrong of ['[1]', 'null', '{', '"x"']) {
      const line = [...distributor('update'), ...id, '--config', wrong];
      await refused(64, /^Cannot use --config: expected an object in JSON/, ...line);
    }
    assert.equal(
      await ok(...distributor('delete'), ...id),
      'Distributor [yum] successfully deleted\n',
    );
    await refused(65, /yum \(distributor_id\)/, ...distributor('delete'), ...id);
    const publish = group('publish', '--group-id', 'nothing', ...id);
    await refused(65, /nothing \(repo_group\)/, ...publish);
  });
});
