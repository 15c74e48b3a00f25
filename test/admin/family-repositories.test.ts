/** `portcullis-admin X repo create|update|delete|list|search` with the real API and a worker. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, it } from 'node:test';
import { Client } from '../api/client.ts';
import {
  type RepositoryWorker,
  runRepositoryTasks,
  yumRepository,
} from '../api/repository-fixture.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { asAdmin, testWithRealApi } from './real-commands.ts';

const directory = temporaryDirectory();
after(() => directory[Symbol.dispose]());

function file(name: string, text: string): string {
  const path = directory.file(name);
  writeFileSync(path, text);
  return path;
}

testWithRealApi('repositories by type', (given) => {
  let worker: RepositoryWorker;
  before(async () => {
    worker = await runRepositoryTasks(given().real.api);
  });
  after(() => worker[Symbol.asyncDispose]());

  const rpm = (...words: string[]) => [...asAdmin, 'rpm', 'repo', ...words];
  const iso = (...words: string[]) => [...asAdmin, 'iso', 'repo', ...words];

  it('portcullis-admin rpm repo create sends what pulp-admin sends', async () => {
    const { ok, json } = given();
    const made = await ok(
      ...rpm(
        'create',
        '--repo-id',
        'el9',
        '--feed',
        'https://joe:pw%40@mirror.example.com/acme/el9/',
      ),
      ...[
        '--display-name',
        'EL 9',
        '--note',
        'a=b',
        '--max-downloads',
        '3',
        '--skip',
        'srpm,erratum',
      ],
      ...['--auth-ca', file('ca.pem', (await given().real.pki.authority({})).certificate)],
    );
    assert.equal(made, 'Successfully created repository [el9]\n');
    const [shown] = await json(...rpm('list', '--repo-id', 'el9'));
    assert.deepEqual(shown.notes, { '_repo-type': 'rpm-repo', a: 'b' });
    const [importer] = shown.importers;
    assert.deepEqual(importer.config, {
      feed: 'https://mirror.example.com/acme/el9/',
      basic_auth_username: 'joe',
      basic_auth_password: '*****',
      max_downloads: 3,
      type_skip_list: ['srpm', 'erratum'],
    });
    const [yum, exporter] = shown.distributors;
    assert.equal(yum.auto_publish, true);
    const { relative_url, http, https, protected: isProtected, auth_ca } = yum.config;
    assert.deepEqual([relative_url, http, https, isProtected], ['acme/el9/', false, true, true]);
    assert.match(auth_ca, /^-----BEGIN CERTIFICATE-----/);
    assert.deepEqual(exporter.config, { relative_url: 'acme/el9/', http: false, https: true });
  });

  it('portcullis-admin makes repositories of every type, and lists each type by itself', async () => {
    const { ok, run } = given();
    await ok(...iso('create', '--repo-id', 'files', '--serve-http', 'true'));
    const deb = [...asAdmin, 'deb', 'repo'];
    await ok(...deb, 'create', '--repo-id', 'bookworm', '--architectures', 'amd64,arm64');
    const tree = [...asAdmin, 'directory', 'repo'];
    await ok(...tree, 'create', '--repo-id', 'tree', '--path', '/srv/tree');
    for (const [words, id] of [
      [iso('list'), 'files'],
      [[...deb, 'list'], 'bookworm'],
      [[...tree, 'search', '--str-eq', 'id=tree'], 'tree'],
    ] as const) {
      const out = await ok(...words);
      assert.deepEqual(out.match(/^(?:files|bookworm|tree) .*$/gm)?.length, 1, out);
      assert.match(out, new RegExp(`^${id} `, 'm'));
    }
    const none = await run(iso('list', '--repo-id', 'tree'));
    assert.match(none.out, /^None\.$/m);
    assert.match(await ok(...iso('list', '--fields', 'id,notes')), /^Id: +files$/m);
  });

  it('portcullis-admin says who may read a repository as it makes it', async () => {
    const { ok, json, refused } = given();
    const show = async (url: string) =>
      (await json(...asAdmin, 'policy', 'access', 'show', '--distribution', url)).access;
    await ok(...rpm('create', '--repo-id', 'open', '--relative-url', '/a/open/', '--public'));
    assert.equal(await show('a/open'), 'public');
    await ok(...rpm('create', '--repo-id', 'named', '--policy', 'configured'));
    assert.deepEqual(await show('named'), { policy: 'configured' });
    const access = file('access.yaml', 'access:\n  not: public\n');
    await ok(...iso('create', '--repo-id', 'closed', '--access', access));
    assert.deepEqual(await show('closed'), { not: 'public' });
    await refused(
      64,
      /Cannot use --public with --policy: give one of them/,
      ...rpm('create', '--repo-id', 'two', '--public', '--policy', 'configured'),
    );
    await refused(
      65,
      /The repository was created, and who may read it was not set/,
      ...rpm('create', '--repo-id', 'odd', '--policy', 'nowhere'),
    );
    assert.equal((await json(...rpm('list', '--repo-id', 'odd'))).length, 1);
  });

  it('portcullis-admin updates a repository, and takes away what is given as nothing', async () => {
    const { ok, json, waited, refused } = given();
    await ok(...rpm('create', '--repo-id', 'change', '--feed', 'http://a.example.com/x'));
    const id = ['--repo-id', 'change'];
    assert.equal(
      await ok(...rpm('update', ...id, '--feed=', '--description', 'new', '--note', 'a=b')),
      'Repository [change] successfully updated\n',
    );
    assert.equal(
      await waited(...rpm('update', ...id, '--relative-url', 'else', '--serve-http', 'true')),
      'Repository [change] successfully updated\n',
    );
    const [shown] = await json(...rpm('list', ...id));
    assert.deepEqual([shown.description, shown.notes.a], ['new', 'b']);
    assert.deepEqual(shown.importers[0].config, {});
    const urls = shown.distributors.map(({ config }: { config: object }) => config);
    assert.deepEqual(urls, [
      { relative_url: 'else', http: true, https: true },
      { relative_url: 'else', http: true, https: true },
    ]);
    await refused(64, /give what is to be changed/, ...rpm('update', ...id));
    await refused(
      65,
      /nowhere \(repository\)/,
      ...rpm('update', '--repo-id', 'nowhere', '--feed='),
    );
  });

  it('portcullis-admin updates a repository that has no exporter, as other clients make it', async () => {
    const { real, waited, json } = given();
    const client = new Client(real.api);
    const { distributors, ...rest } = yumRepository('plain');
    const plain = { ...rest, distributors: distributors.slice(0, 1) };
    await client.ok(201, 'POST', '/v2/repositories/', { body: plain });
    await waited(...rpm('update', '--repo-id', 'plain', '--relative-url', 'plain/new'));
    const [shown] = await json(...rpm('list', '--repo-id', 'plain'));
    assert.equal(shown.distributors[0].config.relative_url, 'plain/new');
  });

  it('portcullis-admin deletes a repository, at once or in the background', async () => {
    const { ok, waited, refused, json } = given();
    await ok(...iso('create', '--repo-id', 'gone'));
    assert.equal(
      await waited(...iso('delete', '--repo-id', 'gone')),
      'Repository [gone] successfully deleted\n',
    );
    await refused(65, /gone \(repository\)/, ...iso('delete', '--repo-id', 'gone'));
    await ok(...iso('create', '--repo-id', 'later'));
    const report = await json(...iso('delete', '--repo-id', 'later', '--bg'));
    assert.equal(report.spawned_tasks.length, 1);
  });

  it('portcullis-admin refuses repositories that cannot be, by the names of their options', async () => {
    const { ok, refused } = given();
    const create = (...words: string[]) => rpm('create', ...words);
    await ok(...create('--repo-id', 'twice'));
    await refused(
      65,
      /A resource with the ID "twice" already exists/,
      ...create('--repo-id', 'twice'),
    );
    await refused(64, /--repo-id ID is missing/, ...create());
    const flag = /Cannot use --serve-http "maybe": expected true or false/;
    await refused(64, flag, ...create('--repo-id', 'x', '--serve-http', 'maybe'));
    const number = /Cannot use --max-speed "fast": expected a whole number/;
    await refused(64, number, ...create('--repo-id', 'x', '--max-speed', 'fast'));
    await refused(64, /expected NAME=VALUE/, ...create('--repo-id', 'x', '--note', 'x'));
    const noFile = /Cannot read --gpg-key \/nonexistent: /;
    await refused(66, noFile, ...create('--repo-id', 'x', '--gpg-key', '/nonexistent'));
    await refused(65, /./, ...create('--repo-id', 'x', '--relative-url', '../x'));
    await refused(65, /"twice"/, ...create('--repo-id', 'x', '--relative-url', 'twice/below'));
    // T28: what leads out is no name, in any place.
    for (const id of ['..', 'a/b', 'a\u0000', '\u001b[2J', '']) {
      await refused(65, /./, ...create(`--repo-id=${id}`));
    }
    await refused(64, /that is no name/, ...rpm('delete', '--repo-id', '..'));
    await refused(65, /./, ...rpm('delete', '--repo-id', 'a/b'));
  });
});
