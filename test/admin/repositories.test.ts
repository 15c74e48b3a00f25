/** `portcullis-admin repo …` of every type with the real API. */

import assert from 'node:assert/strict';
import { before, it } from 'node:test';
import { Client } from '../api/client.ts';
import { runRepositoryTasks } from '../api/repository-fixture.ts';
import { asAdmin, testWithRealApi } from './real-commands.ts';

const isoRepository = (id: string, fields: object = {}) => ({
  id,
  ...fields,
  notes: { '_repo-type': 'iso-repo' },
  importer_type_id: 'iso_importer',
  importer_config: { feed: 'http://127.0.0.1:1/' },
  distributors: [{ distributor_id: 'isos', distributor_type_id: 'iso_distributor' }],
});

testWithRealApi('repositories', (given) => {
  const repo = (...words: readonly string[]) => [...asAdmin, 'repo', ...words];
  const hostile = 'Zoo\u001b[2J\u202e\nx';

  before(async () => {
    const client = new Client(given().real.api);
    for (const body of [
      isoRepository('zoo', { display_name: hostile }),
      isoRepository('lab', { display_name: 'Lab' }),
      isoRepository('bar'),
    ]) {
      await client.ok(201, 'POST', '/v2/repositories/', { body });
    }
  });

  it('portcullis-admin lists repositories, and a name in them drives no terminal (T87)', async () => {
    const { ok, json, refused } = given();
    const listed = await ok(...repo('list'));
    assert.match(listed, /^ID +DISPLAY NAME +TYPE +UNITS +LAST ADDED +LAST REMOVED$/m);
    assert.match(listed, /^zoo +Zoo\\u001b\[2J\\u202e x +iso-repo +- +- +-$/m);
    const summary = await ok(...repo('list', '--summary'));
    assert.match(summary, /^ID +DISPLAY NAME$/m);
    const details = await ok(...repo('list', '--repo-id', 'lab', '--details'));
    assert.match(details, /^Display Name: +Lab$/m);
    assert.match(details, /^ {2}Feed: +http:\/\/127\.0\.0\.1:1\/$|^ {4}Feed: /m);
    assert.doesNotMatch(details, /zoo/);
    const fields = await ok(...repo('list', '--fields', 'id,total_repository_units'));
    assert.match(fields, /^Id: +zoo\nTotal Repository Units: +0$/m);
    const all: readonly { id: string }[] = await json(...repo('list'));
    assert.deepEqual(all.map(({ id }) => id).sort(), ['bar', 'lab', 'zoo']);
    const both = repo('list', '--summary', '--details');
    await refused(64, /^Cannot list so: give one of --summary, --details and --fields/, ...both);
    for (const id of ['nothing', '100%', 'a%2Fb', 'x?y=1&z#']) {
      const missing = repo('list', `--repo-id=${id}`);
      await refused(65, /^Not Found\nThe following resource\(s\) could not be /, ...missing);
    }
    await refused(64, /^Invalid Name\n/, ...repo('list', '--repo-id=..'));
  });

  it('portcullis-admin looks whether all bytes of a repository are there', async () => {
    const { ok, waited, json, refused, real } = given();
    const begun = await ok(...repo('download', '--repo-id', 'bar', '--bg'));
    const [, id = ''] = /^The server does it as task \[([\w-]+)\]\n$/.exec(begun) ?? [];
    const tasks = ['--repo-id', 'bar'];
    assert.match(await ok(...repo('tasks', 'list', ...tasks)), new RegExp(`^${id} +waiting`, 'm'));
    await using _ = await runRepositoryTasks(real.api);
    const done = await waited(...repo('download', '--repo-id', 'bar', '--verify-all'));
    assert.equal(done, 'Repository [bar] has all of its bytes; units that were looked at: 0\n');
    // The one that was left to the server came first.
    const all = await json(...repo('tasks', 'list', ...tasks, '--all'));
    assert.deepEqual(
      all.map(({ state }: { state: string }) => state),
      ['finished', 'finished'],
    );
    await refused(65, /nothing \(repository\)/, ...repo('download', '--repo-id', 'nothing'));
  });

  it('portcullis-admin lists, shows and cancels the tasks of a repository alone', async () => {
    const { ok, refused, real } = given();
    const submit = async (repository: string) => {
      const tags = [`pulp:repository:${repository}`, 'pulp:action:sync'];
      const submitted = await real.api.parts.tasks.submit({ name: 'tests.nothing', tags });
      assert.ok(submitted.outcome === 'submitted');
      return submitted.task.task_id;
    };
    const [own, other] = [await submit('zoo'), await submit('lab')];
    const list = repo('tasks', 'list', '--repo-id', 'zoo');
    const listed = await ok(...list);
    assert.match(listed, new RegExp(`^${own} +waiting +sync +zoo \\(repository\\)`, 'm'));
    assert.doesNotMatch(listed, new RegExp(other));
    assert.match(await ok(...repo('tasks', 'details', '--task-id', own)), /^State: +waiting$/m);
    await ok(...repo('tasks', 'cancel', '--task-id', own));
    assert.match(await ok(...list), /^None\.$/m);
    assert.match(await ok(...list, '-s', 'canceled'), new RegExp(`^${own} +canceled`, 'm'));
    await refused(64, /^Cannot use --state "lost": expected one of/, ...list, '-s', 'lost');
    await refused(64, /^Cannot list the tasks: give either/, ...list, '-a', '-s', 'error');
    await ok(...repo('tasks', 'cancel', '--task-id', other));
  });

  it('portcullis-admin tells what synchronizations and publishes came to', async () => {
    const { ok, json, refused, real } = given();
    const client = new Client(real.api);
    await using _ = await runRepositoryTasks(real.api);
    const { run } = given();
    await client.ok(201, 'POST', '/v2/repo_groups/', { body: { id: 'told', repo_ids: ['lab'] } });
    const type = { distributor_type_id: 'iso_distributor', distributor_id: 'd' };
    await client.ok(201, 'POST', '/v2/repo_groups/told/distributors/', { body: type });
    const group = ['--group-id', 'told', '--distributor-id', 'd'];
    const published = await run(repo('group', 'publish', ...group));
    assert.deepEqual(
      [published.code, published.out],
      [0, 'Repository Group [told] successfully published\n'],
    );
    const history = ['history', 'publish', '--repo-id', 'lab', '--distributor-id', 'isos'];
    assert.match(await ok(...repo(...history)), /^success +20\S+Z +20\S+Z +-$/m);
    assert.match(await ok(...repo(...history, '--details')), /^Distributor Id: +isos$/m);
    const early = [...history, '--end-date', '2001-01-01', '--limit', '1', '--sort', 'ascending'];
    assert.deepEqual(await json(...repo(...early)), []);
    assert.match(await ok(...repo('history', 'sync', '--repo-id', 'lab')), /^None\.$/m);
    const wrong = repo(...history, '--start-date', 'yesterday');
    await refused(65, /\['start_date'\]: it is no time as 2026-01-31/, ...wrong);
    await refused(
      65,
      /x \(distributor_id\)/,
      ...repo('history', 'publish', '--repo-id', 'lab', '--distributor-id', 'x'),
    );
    await refused(65, /x \(repository\)/, ...repo('history', 'sync', '--repo-id', 'x'));
  });
});
