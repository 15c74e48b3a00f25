import assert from 'node:assert/strict';
import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { admin } from '../api/running-api.ts';
import { needs } from '../support/needs.ts';
import { type Ran, runCommand } from './program.ts';
import { type RealApi, startRealApi, type Way } from './real-api.ts';

const ways: readonly (readonly [way: Way, skip: string | false])[] = [
  ['directly', needs('openssl')],
  ['through nginx', needs('nginx', 'openssl')],
];
const asAdmin = ['-u', admin.login, '-p', admin.password];

for (const [way, skip] of ways) {
  describe(`portcullis-admin with the real API, ${way}`, { skip }, () => {
    let real: RealApi;
    before(async () => {
      real = await startRealApi(way);
    });
    after(() => real?.[Symbol.asyncDispose]());

    const run = (line: readonly string[]): Promise<Ran> => runCommand(line, real.settings);
    const ok = async (...line: readonly string[]): Promise<string> => {
      const ran = await run(line);
      assert.deepEqual([ran.code, ran.err], [0, ''], ran.out);
      return ran.out;
    };
    const json = async (...line: readonly string[]) => JSON.parse(await ok('--json', ...line));
    const refused = async (code: number, text: RegExp, ...line: readonly string[]) => {
      const ran = await run(line);
      assert.deepEqual([ran.code, ran.out], [code, ''], ran.err);
      assert.match(ran.err, text);
    };

    it('portcullis-admin status needs no login', async () => {
      const out = await ok('status');
      assert.match(out, /^Database Connection:\n {2}Connected: {2}true$/m);
    });

    it('portcullis-admin refuses a wrong password, of a user and of nobody', async () => {
      for (const login of [admin.login, 'nobody']) {
        const wrong = ['-u', login, '-p', 'wrong', 'auth', 'user', 'list'];
        await refused(77, /^Invalid Username or Password\nThe server does not know /, ...wrong);
      }
      await refused(77, /^Authentication Failed\nNobody is logged in/, 'auth', 'user', 'list');
    });

    it('portcullis-admin works by the session alone from login to logout', async () => {
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
      await ok(...asAdmin, 'login');
      copyFileSync(real.settings.sessionFile, `${real.settings.sessionFile}.copy`);
      assert.equal(await ok(...asAdmin, 'logout'), 'All sessions of the user are ended.\n');
      copyFileSync(`${real.settings.sessionFile}.copy`, real.settings.sessionFile);
      await refused(77, /^Session Expired\n/, 'auth', 'user', 'list');
      rmSync(real.settings.sessionFile);
    });

    it('portcullis-admin makes, finds, changes and deletes users', async () => {
      const user = ['--login', 'joe'];
      const made = [...asAdmin, 'auth', 'user', 'create', ...user, '--password', 'first'];
      assert.equal(await ok(...made, '--name', 'Joe'), 'User [joe] successfully created\n');
      await refused(65, /^Conflict\nA resource with the ID "joe" already exists\.\n$/, ...made);
      const update = [...asAdmin, 'auth', 'user', 'update', ...user];
      assert.match(await ok(...update, '--name', 'Joseph', '--password', 'second'), /updated\n$/);
      await refused(77, /does not know joe/, '-u', 'joe', '-p', 'first', 'login');
      const found = await json(...asAdmin, 'auth', 'user', 'search', '--str-eq', 'login=joe');
      assert.deepEqual([found.length, found[0].name], [1, 'Joseph']);
      const shown = await ok(...asAdmin, 'auth', 'user', 'list', '--fields', 'login,name');
      assert.match(shown, /^Login: {2}joe\nName: {3}Joseph$/m);
      assert.match(await ok(...asAdmin, 'auth', 'user', 'delete', ...user), /deleted\n$/);
      const missing =
        /^Not Found\nThe following resource\(s\) could not be found:\n {2}joe \(user\)\n$/;
      await refused(65, missing, ...asAdmin, 'auth', 'user', 'delete', ...user);
    });

    it('portcullis-admin keeps a disabled user out until they are enabled', async () => {
      const user = ['--login', 'idle'];
      await ok(...asAdmin, 'auth', 'user', 'create', ...user, '--password', 'x');
      const asUser = ['-u', 'idle', '-p', 'x', '--json', 'login'];
      await ok(...asUser);
      assert.match(await ok(...asAdmin, 'auth', 'user', 'disable', ...user), /disabled\n$/);
      assert.match(await ok(...asAdmin, 'auth', 'user', 'list'), /^idle .* disabled$/m);
      await refused(77, /^Session Expired/, 'auth', 'user', 'list');
      await refused(77, /does not know idle/, ...asUser);
      assert.match(await ok(...asAdmin, 'auth', 'user', 'enable', ...user), /enabled\n$/);
      await ok(...asUser);
      rmSync(real.settings.sessionFile);
      await refused(
        65,
        /The last user of the role super-users cannot be deleted/,
        ...[...asAdmin, 'auth', 'user', 'disable', '--login', 'admin'],
      );
    });

    it('portcullis-admin searches users by every kind of criteria', async () => {
      for (const login of ['find-a', 'find-b', 'find-c']) {
        await ok(...asAdmin, 'auth', 'user', 'create', '--login', login, '--password', 'x');
      }
      const logins = async (...criteria: readonly string[]): Promise<readonly string[]> => {
        const match = criteria.includes('--filters') ? [] : ['--match', 'login=^find-'];
        const all = [...asAdmin, 'auth', 'user', 'search', ...match, '--sort', 'login'];
        const found = (await json(...all, ...criteria)) as readonly { login: string }[];
        return found.map(({ login }) => login.replace('find-', ''));
      };
      assert.deepEqual(await logins(), ['a', 'b', 'c']);
      assert.deepEqual(await logins('--in', 'login=find-a,find-c,other'), ['a', 'c']);
      assert.deepEqual(await logins('--not', 'login=b$'), ['a', 'c']);
      assert.deepEqual(await logins('--gt', 'login=find-a'), ['b', 'c']);
      assert.deepEqual(await logins('--str-gte', 'login=find-b'), ['b', 'c']);
      assert.deepEqual(await logins('--gte', 'login=find-b', '--lt', 'login=find-c'), ['b']);
      assert.deepEqual(await logins('--lte', 'login=find-b'), ['a', 'b']);
      assert.deepEqual(await logins('--str-lte', 'login=find-a'), ['a']);
      assert.deepEqual(await logins('--limit', '1', '--skip', '1'), ['b']);
      assert.deepEqual(await logins('--fields', 'login'), ['a', 'b', 'c']);
      assert.deepEqual(await logins('--filters', '{"login": "find-c"}'), ['c']);
      const search = [...asAdmin, 'auth', 'user', 'search'];
      await refused(65, /^Invalid Request\n.*\$where/, ...search, '--filters', '{"$where": "1"}');
      await refused(65, /^Invalid Request\n/, ...search, '--str-eq', 'password=x');
    });

    it('portcullis-admin makes roles, gives them, and takes them', async () => {
      const role = ['--role-id', 'keepers'];
      const made = [...asAdmin, 'auth', 'role', 'create', ...role, '--display-name', 'The Keepers'];
      assert.equal(await ok(...made), 'Role [keepers] successfully created\n');
      await ok(...asAdmin, 'auth', 'user', 'create', '--login', 'kay', '--password', 'x');
      const member = [...role, '--login', 'kay'];
      await ok(...asAdmin, 'auth', 'role', 'user', 'add', ...member);
      const list = [...asAdmin, 'auth', 'role', 'list'];
      assert.match(await ok(...list), /^keepers {6}The Keepers {3}kay$/m);
      await ok(...asAdmin, 'auth', 'role', 'update', ...role, '--description', 'Who keep');
      assert.match(await ok(...list, '--details'), /^Description: {3}Who keep$/m);
      await ok(...asAdmin, 'auth', 'role', 'user', 'remove', ...member);
      await ok(...asAdmin, 'auth', 'role', 'delete', ...role);
      assert.doesNotMatch(await ok(...list), /keepers/);
      await refused(
        65,
        /^Not Found\n.*\n {2}keepers \(role\)\n$/,
        ...[...asAdmin, 'auth', 'role', 'delete', ...role],
      );
    });

    it('portcullis-admin grants what a refusal names, and revokes it', async () => {
      await ok(...asAdmin, 'auth', 'user', 'create', '--login', 'ohara', '--password', 'x');
      const asUser = ['-u', 'ohara', '-p', 'x', 'auth', 'role', 'list'];
      const { code, err } = await run(asUser);
      assert.equal(code, 77);
      assert.match(
        err,
        /^Insufficient Permissions\nohara does not have the permission READ on \/v2\/roles\/\.\n/,
      );
      const [, words = ''] = /portcullis-admin (auth permission grant .+)\n$/.exec(err) ?? [];
      assert.equal(
        words,
        'auth permission grant --resource=/v2/roles/ --login=ohara --operation=READ',
      );
      await ok(...asAdmin, ...words.split(' '));
      await ok(...asUser);
      const list = await ok(...asAdmin, 'auth', 'permission', 'list', '--resource', '/v2/roles/');
      assert.match(list, /^\/v2\/roles\/ {2}ohara {2}READ$/m);
      await ok(...asAdmin, ...words.replace('grant', 'revoke').split(' '));
      assert.equal((await run(asUser)).code, 77);
    });

    it('portcullis-admin grants to a role and revokes from it', async () => {
      const role = ['--role-id', 'readers'];
      await ok(...asAdmin, 'auth', 'role', 'create', ...role);
      const grant = [...role, '--resource', '/v2/tasks', '-o', 'read', '-o', 'DELETE'];
      const granted = await ok(...asAdmin, 'auth', 'permission', 'grant', ...grant);
      assert.equal(
        granted,
        'Permissions [/v2/tasks: READ, DELETE] successfully granted to role [readers]\n',
      );
      const [shown] = (await json(...asAdmin, 'auth', 'role', 'list')).filter(
        ({ id }: { id: string }) => id === 'readers',
      );
      assert.deepEqual(shown.permissions, { '/v2/tasks/': ['READ', 'DELETE'] });
      await ok(...asAdmin, 'auth', 'permission', 'revoke', ...grant);
      await refused(
        65,
        /super-users cannot be changed/,
        ...[...asAdmin, 'auth', 'permission', 'grant', '--role-id', 'super-users'],
        ...['--resource', '/', '-o', 'READ'],
      );
    });

    it('portcullis-admin denies certificates, by each of their names, and takes them from the list', async () => {
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

    it('portcullis-admin carries names with slashes, escapes and other letters', async () => {
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
}
