import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { grantsMax } from '../../src/api/people/documents.ts';
import { openPeople } from '../../src/api/people/people.ts';
import { PasswordHasher } from '../../src/identity/password-hasher.ts';
import { WorkQueue } from '../../src/identity/work-queue.ts';
import { readPeople } from '../../src/pulp2-import/people.ts';
import { createControlPlane } from '../../src/work/control-plane.ts';
import { hasStackTrace, portcullis, type Ran } from '../cli/program.ts';
import {
  administer,
  type ControlPlaneDirectory,
  configurationIn,
  controlPlaneDirectory,
} from '../support/administered.ts';

/** As Pulp 2 keeps passwords. */
function pulpHash(password: string): string {
  const salt = Buffer.from('saltsalt');
  let digest: Uint8Array = Buffer.from(password);
  for (let round = 0; round < 5000; round += 1) {
    digest = createHmac('sha256', digest).update(salt).digest();
  }
  return `${salt.toString('base64')},${Buffer.from(digest).toString('base64')}`;
}

type Collections = Readonly<Partial<Record<'users' | 'roles' | 'permissions', readonly unknown[]>>>;

function writeExports(directory: ControlPlaneDirectory, collections: Collections): void {
  for (const [name, documents] of Object.entries(collections)) {
    const lines = documents.map((each) => (typeof each === 'string' ? each : JSON.stringify(each)));
    writeFileSync(directory.file(`${name}.json`), lines.join('\n'));
  }
}

async function importUsers(
  directory: ControlPlaneDirectory,
  collections: Collections,
): Promise<Ran> {
  writeExports(directory, collections);
  const config = ['--config', directory.file('portcullis.yaml')];
  return portcullis(['import-pulp2-users', directory.path, ...config]);
}

/** A store with its administrator. */
async function storeDirectory(): Promise<ControlPlaneDirectory> {
  const directory = controlPlaneDirectory();
  await administer(await configurationIn(directory, directory.settings));
  return directory;
}

/** What the store has of a user. */
async function look(directory: ControlPlaneDirectory, login: string) {
  const configuration = await configurationIn(directory, directory.settings);
  await using controlPlane = createControlPlane(configuration, 'read');
  const people = openPeople(await controlPlane.store(), () => new Date());
  const user = await people.users.byLogin(login);
  const role = await people.roles.byId('customers');
  return { user, role };
}

async function verify(stored: string | null | undefined, password: string): Promise<string> {
  const passwords = new PasswordHasher({ queue: new WorkQueue({ runningMax: 1, pendingMax: 1 }) });
  const { signal } = new AbortController();
  return (await passwords.verify(password, stored ?? undefined, signal)).outcome;
}

const ann = {
  _id: { $oid: '5a0dc5e6c1c0a40d2a8c4d11' },
  ...{ login: 'ann', name: 'Ann', password: pulpHash('right horse'), roles: ['customers'] },
};
const customers = {
  ...{ id: 'customers', display_name: 'Customers', description: null },
  permissions: [{ resource: '/v2/tasks/', permission: [1] }],
};
/** What a role gives stands in here too. */
const permissions = [
  { resource: '/v2/tasks/', users: [{ username: 'ann', permissions: [1, 3] }] },
  { resource: '/pulp/api/v2/users', users: [{ username: 'ann', permissions: [1] }] },
];

describe('portcullis import-pulp2-users', () => {
  it('makes users with their passwords, roles and permissions', async () => {
    using directory = await storeDirectory();
    const { code, out, err } = await importUsers(directory, {
      ...{ users: [ann], roles: [{ id: 'super-users', permissions: [] }, customers], permissions },
    });
    assert.deepEqual([code, out, err], [0, 'Made 1 users and 1 roles.\n', '']);
    const { user, role } = await look(directory, 'ann');
    assert.equal(await verify(user?.password, 'right horse'), 'right');
    assert.deepEqual([user?.name, user?.roles], ['Ann', ['customers']]);
    const granted = user?.grants.map(({ resource, operations }) => [resource, operations]);
    assert.deepEqual(
      granted?.filter(([resource]) => resource === '/v2/tasks/' || resource === '/v2/users/'),
      [
        ['/v2/tasks/', ['DELETE']],
        ['/v2/users/', ['READ']],
      ],
    );
    assert.deepEqual(role?.grants, [{ resource: '/v2/tasks/', operations: ['READ'] }]);
    assert.equal(role?.display_name, 'Customers');
  });

  it('leaves whoever is there as before, and finishes whom an import has begun', async () => {
    using directory = await storeDirectory();
    const admin = { login: 'admin', name: 'Other', password: pulpHash('other'), roles: [] };
    const first = await importUsers(directory, { users: [admin, ann] });
    assert.equal(first.code, 1);
    assert.match(first.err, /^Not carried over: the user "admin": there is one already, who stays/);
    assert.match(first.err, /the user "ann": there is no role "customers" to be a member of\.$/m);
    assert.notEqual((await look(directory, 'admin')).user?.name, 'Other');
    const second = await importUsers(directory, { users: [ann], roles: [customers] });
    assert.deepEqual([second.code, second.out], [0, 'Made 0 users and 1 roles.\n']);
    assert.deepEqual((await look(directory, 'ann')).user?.roles, ['customers']);
    const third = await importUsers(directory, { users: [ann], roles: [customers] });
    assert.match(third.err, /^Not carried over: the role "customers": there is one already, which/);
  });

  it("T58 takes no password that is Pulp's default, nor one in a form that nobody knows", async () => {
    using directory = await storeDirectory();
    const users = [
      { login: 'root', password: pulpHash('admin'), roles: ['super-users'] },
      { login: 'odd', password: 'plain text' },
      { login: 'ldap', password: null },
    ];
    const { code, err } = await importUsers(directory, { users });
    assert.equal(code, 1);
    assert.match(
      err,
      /^Not carried over: the user "root": the password is the one that everybody/m,
    );
    assert.match(
      err,
      /^Not carried over: the user "odd": the password is kept in a form that is not/m,
    );
    assert.doesNotMatch(err, /ldap|plain text|saltsalt|c2FsdHNhbHQ/);
    for (const login of ['root', 'odd', 'ldap']) {
      assert.equal((await look(directory, login)).user?.password, null);
    }
    assert.deepEqual((await look(directory, 'root')).user?.roles, ['super-users']);
  });

  it('tells names and permissions that cannot be, and takes the others', async () => {
    using directory = await storeDirectory();
    const many = Array.from({ length: grantsMax + 1 }, (_, index) => ({
      ...{ resource: `/v2/x${index}/`, permission: [1] },
    }));
    const { code, out, err } = await importUsers(directory, {
      users: [{ ...ann, login: 'a:b' }, { login: '__proto__' }, ann],
      roles: [{ id: 'a/b', permissions: [] }, customers, { id: 'many', permissions: many }],
      permissions: [{ resource: 'nowhere', users: [{ username: 'ann', permissions: [0] }] }],
    });
    assert.deepEqual([code, out], [1, 'Made 1 users and 2 roles.\n']);
    for (const said of [
      /the user "a:b": /,
      /the user "__proto__": /,
      /the role "a\/b": /,
      /the role "many": READ on "\/v2\/x1000\/": there are too many grants/,
      /the user "ann": CREATE on "nowhere": it is neither "\/" nor begins with "\/v2\/"/,
    ]) {
      assert.match(err, said);
    }
    assert.equal(err.split('\n').length - 1, 5);
  });

  for (const [collection, line] of [
    ['users', 'rubbish'],
    ['users', '{"name":"x"}'],
    ['users', '{"login":"x","roles":[1]}'],
    ['users', '{"login":"x","roles":{"$ne":1}}'],
    ['roles', '{"id":1}'],
    ['roles', '{"id":"x","permissions":[null]}'],
    ['roles', '{"id":"x","permissions":[{"resource":"/","permission":[5]}]}'],
    ['permissions', '{"resource":"/","users":[null]}'],
    ['permissions', '{"resource":1,"users":[{"username":"x","permissions":[1]}]}'],
  ] as const) {
    it(`T56 makes nobody of an export whose ${collection} have the line ${line}`, async () => {
      using directory = controlPlaneDirectory();
      writeExports(directory, { users: [ann], [collection]: [line] });
      await assert.rejects(readPeople(directory.path), {
        code: 'FILE_UNREADABLE',
        message: `Cannot use ${directory.file(`${collection}.json`)}:1: it is no document of ${collection}; expected what mongoexport writes of that collection`,
      });
    });
  }

  it('needs users, and a store', async () => {
    using directory = controlPlaneDirectory();
    await configurationIn(directory, directory.settings);
    const none = await importUsers(directory, {});
    assert.equal(none.code, 66);
    assert.ok(!hasStackTrace(none.err));
    assert.match(none.err, /^Cannot read the users in .*users\.json: there is no such file/);
    const { code, err } = await importUsers(directory, { users: [ann] });
    assert.equal(code, 1);
    assert.match(
      err,
      /^Cannot import users: there is no store .*; make it with portcullis create-admin/,
    );
  });
});
