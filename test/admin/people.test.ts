import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { it } from 'node:test';
import { asAdmin, testWithRealApi } from './real-commands.ts';

testWithRealApi('people', (given) => {
  it('portcullis-admin makes, finds, changes and deletes users', async () => {
    const { ok, json, refused } = given();
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
    const { ok, refused, real } = given();
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
    const { ok, json, refused } = given();
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
    const { ok, refused } = given();
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
    const { run, ok } = given();
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
    const { ok, json, refused } = given();
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
});
