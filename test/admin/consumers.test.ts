/** `portcullis-admin consumer …` and `bindings …` with the real API. */

import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { parseSession } from '../../src/admin/session.ts';
import { bindingsMax } from '../../src/consumers/documents.ts';
import { addRepository } from '../api/consumer-fixture.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { runCommand } from './program.ts';
import { asAdmin, testWithRealApi } from './real-commands.ts';

const directory = temporaryDirectory();
after(() => directory[Symbol.dispose]());

testWithRealApi('consumers', (given) => {
  const consumer = (...words: readonly string[]) => [...asAdmin, 'consumer', ...words];
  const named = (id: string) => ['--consumer-id', id];
  const register = (id: string, ...more: readonly string[]) =>
    given().run(consumer('register', ...named(id), ...more));

  before(async () => {
    await addRepository(given().real.api, 'zoo', 'acme/zoo');
    await addRepository(given().real.api, 'lab', 'acme/lab');
  });

  it('portcullis-admin registers a consumer, and writes its key on the standard output alone', async () => {
    const { json, refused } = given();
    const { code, out, err } = await register('web-01', '--display-name', 'Web', '--note', 'a=1');
    assert.equal(code, 0, err);
    assert.ok(parseSession(out) !== undefined && out.startsWith('-----BEGIN PRIVATE KEY-----\n'));
    assert.match(
      err,
      /^Consumer \[web-01\] successfully registered\.\nIt is good until .+\.\nThe key cannot be shown again\.\n$/,
    );
    const made = await json(...consumer('register', ...named('web-02')));
    assert.deepEqual(
      [made.consumer.id, parseSession(made.certificate) !== undefined],
      ['web-02', true],
    );
    const again = /^Conflict\nA resource with the ID "web-01" already exists\.\n$/;
    await refused(65, again, ...consumer('register', ...named('web-01')));
    const wrong = consumer('register', '--consumer-id=a/b\u001b[2J');
    await refused(65, /^Invalid Request\nInvalid properties: \['id'\]/, ...wrong);
  });

  it('portcullis-admin lists, searches, changes and unregisters consumers', async () => {
    const { ok, json, refused } = given();
    const hostile = 'Evil\u001b[2J\u202e\nx';
    await register('c-1', '--display-name', hostile, '--note', 'a=1', '--note', 'b=2');
    await register('c-2');
    const listed = await ok(...consumer('list'));
    assert.match(listed, /^ID +DISPLAY NAME +DESCRIPTION +CERTIFICATE UNTIL$/m);
    assert.match(listed, /^c-1 +Evil\\u001b\[2J\\u202e x +- +20\S+Z$/m);
    assert.match(await ok(...consumer('list', ...named('c-2'), '--details')), /^Id: +c-2$/m);
    const changed = await json(
      ...consumer('update', ...named('c-1'), '--description', 'x', '--note', 'a='),
    );
    assert.deepEqual([changed.description, changed.notes], ['x', { b: '2' }]);
    const found = await json(...consumer('search', '--str-eq', 'notes.b=2', '--fields', 'id'));
    assert.deepEqual(
      found.map(({ id }: { id: string }) => id),
      ['c-1'],
    );
    await refused(64, /^Cannot update the consumer: give /, ...consumer('update', ...named('c-1')));
    const gone = await ok(...consumer('unregister', ...named('c-1')));
    assert.equal(gone, 'Consumer [c-1] successfully unregistered\n');
    for (const verb of ['unregister', 'list', 'history', 'renew']) {
      await refused(65, /\n {2}c-1 \(consumer_id\)\n$/, ...consumer(verb, ...named('c-1')));
    }
    for (const id of ['100%', 'a+b c', 'a%2Fb', "o'x"]) {
      await refused(
        65,
        /^Not Found\nThe following/,
        ...consumer('unregister', `--consumer-id=${id}`),
      );
    }
    await refused(64, /^Invalid Name\n/, ...consumer('unregister', '--consumer-id=..'));
  });

  it('portcullis-admin binds a consumer, tells of it, and ends the binding', async () => {
    const { ok, json, refused } = given();
    await register('bound');
    const to = [...named('bound'), '--repo-id', 'zoo', '--distributor-id', 'yum_distributor'];
    assert.equal(
      await ok(...consumer('bind', ...to)),
      'Consumer [bound] successfully bound to repository [zoo]\n',
    );
    const listed = await ok(...consumer('list', ...named('bound'), '--bindings'));
    assert.match(listed, /^bound .+ zoo \(yum_distributor\)$/m);
    const search = [...asAdmin, 'bindings', 'search', '--str-eq', 'consumer_id=bound'];
    const row = /^bound +zoo +yum_distributor +\/pulp\/repos\/acme\/zoo$/m;
    assert.match(await ok(...search), row);
    const rpm = [...asAdmin, 'rpm', 'consumer'];
    await ok(...rpm, 'bind', ...named('bound'), '--repo-id', 'lab');
    assert.equal((await json(...search)).length, 2);
    await ok(...consumer('unbind', ...to));
    const unbound = await ok(...rpm, 'unbind', ...named('bound'), '--repo-id', 'lab');
    assert.equal(unbound, 'Consumer [bound] successfully unbound from repository [lab]\n');
    assert.match(await ok(...search), /^None\.$/m);
    const history = consumer('history', ...named('bound'));
    const told = /^20\S+Z +repo_bound +admin +repo_id=zoo, distributor_id=yum_distributor$/m;
    assert.match(await ok(...history), told);
    const one = [...history, '--event-type', 'consumer_registered', '--limit', '5'];
    assert.equal(
      (await json(...one, '--sort', 'ascending', '--start-date', '2020-01-01')).length,
      1,
    );
    await refused(65, /^Invalid Request\n.*event_type/, ...history, '--event-type', 'x');
    await refused(65, /\n {2}zoo \(repo_id\)\n/, ...consumer('unbind', ...to));
    const nothing = [...named('bound'), '--repo-id', 'nothing', '--distributor-id', 'x'];
    await refused(65, /\n {2}nothing \(repo_id\)\n/, ...consumer('bind', ...nothing));
    await refused(
      65,
      /nobody \(consumer_id\)/,
      ...rpm,
      'bind',
      ...named('nobody'),
      '--repo-id',
      'zoo',
    );
  });

  it('portcullis-admin binds and unbinds a group of consumers', async () => {
    const { run, ok, json, refused, real } = given();
    for (const id of ['m-1', 'm-2']) await register(id);
    const all = ['--group-id', 'hosts'];
    const group = (...words: readonly string[]) => consumer('group', ...words, ...all);
    await ok(...group('create'), ...named('m-1'));
    const added = await ok(...group('members', 'add'), ...named('m-2'));
    assert.equal(added, 'Consumers successfully added to Consumer Group [hosts]\n');
    assert.match(await ok(...group('members', 'list')), /^m-1 .+\nm-2 /m);
    assert.match(await ok(...consumer('group', 'list')), /^hosts +hosts +2 +-$/m);
    await refused(
      65,
      /\n {2}nobody \(consumer\)\n$/,
      ...group('members', 'add'),
      ...named('nobody'),
    );
    const to = ['--repo-id', 'zoo', '--distributor-id', 'yum_distributor'];
    const bound = await ok(...group('bind'), ...to);
    assert.equal(bound, 'Consumers of group [hosts] that are bound to repository [zoo]: 2\n');
    const [first] = await json(...asAdmin, 'bindings', 'search', '--str-eq', 'consumer_id=m-1');
    assert.equal(first.repo_id, 'zoo');
    const unbound = await ok(...group('unbind'), ...to);
    assert.equal(
      unbound,
      'Consumers of group [hosts] that were unbound from repository [zoo]: 2\n',
    );

    const { store } = real.api.parts;
    const record = (await store.get('consumers', 'm-2'))?.record;
    const rows = Array.from({ length: bindingsMax }, (_, at) => ({
      ...{
        _id: `full-${at}`,
        consumer_id: 'm-2',
        record,
        repo_id: 'lab',
        distributor_id: `d${at}`,
      },
      ...{ notify_agent: false, binding_config: {}, created: new Date() },
    }));
    await store.insertMany('consumer_bindings', rows as never);
    const full = await run([...group('bind'), ...to]);
    assert.deepEqual(
      [full.code, full.out],
      [65, 'Consumers of group [hosts] that are bound to repository [zoo]: 1\n'],
    );
    assert.match(full.err, /^Conflict\nThese consumers have as many bindings .+:\n {2}m-2\n$/);
    await refused(
      65,
      /nothing \(consumer_group_id\)/,
      ...consumer('group', 'bind', '--group-id', 'nothing', ...to),
    );
  });

  it('portcullis-admin lets a consumer renew its certificate by itself, and end the others', async () => {
    const { real, refused } = given();
    const { out } = await register('self');
    const { pki, settings } = real;
    const own = { ...settings, sessionFile: pki.write('consumer.pem', out) };
    const renew = ['consumer', 'renew', ...named('self'), '--file', own.sessionFile, '--force'];
    const renewed = await runCommand([...renew, '--end-others'], own);
    assert.equal(renewed.code, 0, renewed.err);
    assert.match(
      renewed.out,
      /^Certificate of consumer \[self\] successfully renewed\. It is good /,
    );
    assert.equal((await runCommand(['consumer', 'list', ...named('self')], own)).code, 0);
    const old = { ...settings, sessionFile: pki.write('old.pem', out) };
    assert.equal((await runCommand(['consumer', 'list', ...named('self')], old)).code, 77);
    const others = await runCommand(['consumer', 'list'], own);
    assert.match(others.err, /^Insufficient Permissions\n/);
    await refused(65, /nobody \(consumer_id\)/, ...consumer('renew', ...named('nobody')));
  });
});
