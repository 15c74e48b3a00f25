import assert from 'node:assert/strict';
import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { it } from 'node:test';
import { admin } from '../api/running-api.ts';
import { asAdmin, testWithRealApi } from './real-commands.ts';

testWithRealApi('sessions, denials and tasks', (given) => {
  it('portcullis-admin status needs no login', async () => {
    const { ok, real } = given();
    const session = {
      worker: 'tasks@a',
      beats: 1,
      lease: 30_000,
      renewedAt: '2026-01-02T03:04:05Z',
    };
    await real.api.parts.store.insert('task_sessions', session);
    const out = await ok('status');
    assert.match(out, /^Database Connection:\n {2}Connected: {2}true$/m);
    assert.match(out, /^ {2}Last Heartbeat: {2}2026-01-02T03:04:05Z$/m);
  });

  it('portcullis-admin refuses a wrong password, of a user and of nobody', async () => {
    const { refused } = given();
    for (const login of [admin.login, 'nobody']) {
      const wrong = ['-u', login, '-p', 'wrong', 'auth', 'user', 'list'];
      await refused(77, /^Invalid Username or Password\nThe server does not know /, ...wrong);
    }
    await refused(77, /^Authentication Failed\nNobody is logged in/, 'auth', 'user', 'list');
  });

  it('portcullis-admin works by the session alone from login to logout', async () => {
    const { ok, refused, real } = given();
    const { sessionFile } = real.settings;
    assert.match(await ok(...asAdmin, 'login'), /^Successfully logged in\. /);
    assert.match(await ok('auth', 'user', 'list'), /^admin {2}Admin {2}super-users {2}enabled$/m);
    copyFileSync(sessionFile, `${sessionFile}.copy`);
    assert.equal(await ok('logout'), 'Session certificate successfully removed.\n');
    assert.equal(existsSync(sessionFile), false);
    copyFileSync(`${sessionFile}.copy`, sessionFile);
    await refused(77, /^Session Expired\n/, 'auth', 'user', 'list');
    rmSync(sessionFile);
  });

  it('portcullis-admin -u logout ends the sessions that were begun elsewhere', async () => {
    const { ok, refused, real } = given();
    await ok(...asAdmin, 'login');
    copyFileSync(real.settings.sessionFile, `${real.settings.sessionFile}.copy`);
    assert.equal(await ok(...asAdmin, 'logout'), 'All sessions of the user are ended.\n');
    copyFileSync(`${real.settings.sessionFile}.copy`, real.settings.sessionFile);
    await refused(77, /^Session Expired\n/, 'auth', 'user', 'list');
    rmSync(real.settings.sessionFile);
  });

  it('portcullis-admin denies certificates, by each of their names, and takes them from the list', async () => {
    const { ok, json, refused, real } = given();
    const denial = [...asAdmin, 'auth', 'denial'];
    const ca = await real.pki.authority({ subject: '/CN=acme' });
    const { certificate, key, keyPath } = await real.pki.client(ca, { serial: '0abc' });
    const both = real.pki.write('both.pem', key, certificate);
    const fingerprint = 'AB:'.repeat(31).concat('CD');
    const why = (reason: string) => ['--reason', reason];
    const added = await ok(...denial, 'add', '--certificate', both, ...why('Lost laptop'));
    const [, id = ''] =
      /^Certificate successfully denied as \[(serial:.+:abc)\]\n$/.exec(added) ?? [];
    assert.notEqual(id, '');
    const same = ['--issuer', ca.certificatePath, '--serial', 'decimal:2748'];
    await refused(
      65,
      /^Conflict\nA resource with the ID "serial:/,
      ...denial,
      'add',
      ...same,
      ...why('x'),
    );
    await ok(...denial, 'add', '--fingerprint', fingerprint, ...why('Stolen'));
    const listed = await ok(...denial, 'list');
    assert.match(listed, new RegExp(`^${id} +20\\d\\d-\\S+ +admin +Lost laptop$`, 'm'));
    assert.match(listed, /^sha256:(?:ab){31}cd +\S+ +admin +Stolen$/m);
    const found = await json(...denial, 'search', '--match', 'reason=^Lost');
    assert.deepEqual(
      found.map((one: { id: string }) => one.id),
      [id],
    );
    assert.equal(
      await ok(...denial, 'remove', '--denial-id', id),
      `Denial [${id}] successfully removed\n`,
    );
    await refused(65, /^Not Found\n/, ...denial, 'remove', '--denial-id', id);
    const wrong = [...denial, 'add', '--fingerprint', 'ab', ...why('x')];
    await refused(65, /^Invalid Request\n.*no SHA-256 fingerprint/, ...wrong);
    const noCertificate = /^Cannot read --certificate .+: it holds no certificate\n$/;
    await refused(66, noCertificate, ...denial, 'add', '--certificate', keyPath, ...why('x'));
    for (const ways of [
      [],
      ['--serial', 'ab'],
      ['--issuer', both],
      [...same, '--fingerprint', 'ab'],
    ]) {
      await refused(
        64,
        /^Cannot deny a certificate: give --certificate, /,
        ...denial,
        'add',
        ...ways,
        ...why('x'),
      );
    }
  });

  it('portcullis-admin lists, searches, shows, cancels and purges tasks', async () => {
    const { ok, json, refused, real } = given();
    const submitted = await real.api.parts.tasks.submit({
      name: 'tests.nothing',
      tags: ['pulp:repository:zoo', 'pulp:action:sync'],
    });
    assert.ok(submitted.outcome === 'submitted');
    const id = submitted.task.task_id;
    const row = `^${id} {2}waiting {2}sync {8}zoo \\(repository\\) {2}-`;
    assert.match(await ok(...asAdmin, 'tasks', 'list'), new RegExp(row, 'm'));
    const details = await ok(...asAdmin, 'tasks', 'details', '--task-id', id);
    assert.match(details, /^Resources: +zoo \(repository\)\nState: +waiting\nStart Time: +Unst/m);
    const cancelled = await ok(...asAdmin, 'tasks', 'cancel', '--task-id', id);
    assert.equal(cancelled, 'Task cancel is successfully initiated.\n');
    assert.match(await ok(...asAdmin, 'tasks', 'list'), /^None\.$/m);
    assert.match(await ok(...asAdmin, 'tasks', 'list', '-s', 'canceled'), /canceled {2}sync/);
    assert.match(await ok(...asAdmin, 'tasks', 'list', '-s', 'error,canceled'), /canceled {2}sync/);
    const successful = [...asAdmin, 'tasks', 'list', '-s', 'running,successful'];
    await refused(64, /^Cannot use --state "successful": expected one of waiting, /, ...successful);
    assert.match(await ok(...asAdmin, 'tasks', 'list', '--all'), /canceled {2}sync/);
    const search = ['tasks', 'search', '--str-eq', `task_id=${id}`, '--fields', 'state'];
    const [found] = await json(...asAdmin, ...search);
    assert.deepEqual([found.task_id, found.state], [id, 'canceled']);
    assert.match(await ok(...asAdmin, 'tasks', 'purge', '--all'), /^Task purge is succ/);
    assert.equal(await ok('--json', ...asAdmin, 'tasks', 'purge', '-s', 'error'), 'null\n');
    const wrong = [...asAdmin, 'tasks', 'purge', '--state', 'waiting'];
    await refused(65, /^Invalid Request\nTasks are purged in the states/, ...wrong);
    const missing = [...asAdmin, 'tasks', 'details', '--task-id', 'none'];
    await refused(65, /^Not Found\n.*\n {2}none \(resource_id\)\n$/, ...missing);
  });

  it('portcullis-admin says why the server does not take a value', async () => {
    const { refused } = given();
    const auth = [...asAdmin, 'auth'];
    const member = ['--role-id', 'super-users', '--login', 'nosuch'];
    for (const [reason, ...command] of [
      ['it is a reserved name', ...auth, 'user', 'create', '--login', 'search', '--password', 'x'],
      ['there is no user "nosuch"', ...auth, 'role', 'user', 'add', ...member],
    ] as const) {
      const text = `^Invalid Request\nInvalid properties: \\['\\w+'\\]: ${reason}\\.\n$`;
      await refused(65, new RegExp(text), ...command);
    }
  });

  it('portcullis-admin carries names with slashes, escapes and other letters', async () => {
    const { run, refused } = given();
    const named = (login: string) => ['auth', 'user', 'delete', `--login=${login}`];
    for (const login of ['müller', '100%', 'a b+c', 'x?y=1&z#', "o'hara", 'a%2Fb', '-u']) {
      const { code, err } = await run([...asAdmin, ...named(login)]);
      assert.equal(code, 65, err);
      assert.ok(
        err.split('\n').some((line) => line.startsWith(`  ${login} (`)),
        err,
      );
    }
    for (const login of ['..', '.', '']) {
      await refused(64, /^Invalid Name\nCannot name a resource /, ...asAdmin, ...named(login));
    }
  });
});
