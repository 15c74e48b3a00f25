import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { describe, it } from 'node:test';
import { PasswordHasher } from '../../src/identity/password-hasher.ts';
import { passwordBytesMax } from '../../src/identity/password-text.ts';
import { WorkQueue } from '../../src/identity/work-queue.ts';
import { everything } from '../../src/stores/filter.ts';
import { secretBytesMax } from '../../src/terminal/prompt.ts';
import { createControlPlane } from '../../src/work/control-plane.ts';
import { resolveUser } from '../../src/workers/host/accounts.ts';
import {
  type ControlPlaneDirectory,
  configurationIn,
  controlPlaneDirectory,
} from '../support/administered.ts';
import { needsRoot } from '../support/needs.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { hasStackTrace, portcullis, type Ran } from './program.ts';

async function createAdmin(
  directory: ControlPlaneDirectory,
  line: readonly string[],
  input: string | Buffer = '',
  more: object = {},
): Promise<Ran> {
  await configurationIn(directory, { ...directory.settings, ...more });
  const config = ['--config', directory.file('portcullis.yaml')];
  return portcullis(['create-admin', ...line, ...config], { input: input as string });
}

/** The users of the store, and whether `password` is that of the one named `login`. */
async function look(directory: ControlPlaneDirectory, login: string, password: string) {
  const configuration = await configurationIn(directory, directory.settings);
  await using controlPlane = createControlPlane(configuration, 'read');
  const store = await controlPlane.store();
  const users = await store.find('users', { filter: everything });
  const user = users.find((each) => each.login === login);
  const [superUsers] = await store.find('roles', { filter: everything });
  const passwords = new PasswordHasher({ queue: new WorkQueue({ runningMax: 1, pendingMax: 1 }) });
  const stored = typeof user?.password === 'string' ? user.password : undefined;
  const { outcome } = await passwords.verify(password, stored, new AbortController().signal);
  const members = superUsers?.members;
  const isSuper = Array.isArray(members) && members.includes(user?._id ?? '');
  return { logins: users.map((each) => each.login), isSuper, roles: user?.roles, outcome };
}

describe('portcullis create-admin', () => {
  it('T58 portcullis create-admin makes a super-user with the password that it is given', async () => {
    using directory = controlPlaneDirectory();
    const { code, out, err } = await createAdmin(directory, [], 'pässword 1\nnot this\n');
    const made = `Made the store ${directory.settings.store.file}.\n`;
    const told = `${made}Made the user admin, who may do everything.\n`;
    assert.deepEqual([code, out, err], [0, told, '']);
    assert.deepEqual(await look(directory, 'admin', 'pässword 1'), {
      ...{ logins: ['admin'], isSuper: true, roles: ['super-users'], outcome: 'right' },
    });
    const bytes = readFileSync(directory.settings.store.file);
    assert.equal(bytes.includes('pässword 1'), false);
  });

  it('portcullis create-admin leaves a user as it is, and makes another one', async () => {
    using directory = controlPlaneDirectory();
    await createAdmin(directory, ['alice'], 'first');
    const { code, out, err } = await createAdmin(directory, ['alice'], 'second');
    assert.deepEqual([code, out], [1, '']);
    assert.match(err, /^Cannot make the user alice: there is one already; name another login/);
    const other = await createAdmin(directory, ['bob'], 'third');
    assert.deepEqual([other.code, other.out], [0, 'Made the user bob, who may do everything.\n']);
    const { logins, outcome } = await look(directory, 'alice', 'first');
    assert.deepEqual([logins.sort(), outcome], [['alice', 'bob'], 'right']);
  });

  it('portcullis create-admin takes the password from the first line of a file', async () => {
    using directory = controlPlaneDirectory();
    const file = directory.file('secret');
    writeFileSync(file, 'from a file\r\nmore\n');
    const line = ['alice', '--password-file', file];
    assert.equal((await createAdmin(directory, line, 'other')).code, 0);
    assert.equal((await look(directory, 'alice', 'from a file')).outcome, 'right');
    const missing = await createAdmin(directory, ['bob', '--password-file', '/nowhere']);
    assert.equal(missing.code, 66);
    assert.match(missing.err, /^Cannot read the password in \/nowhere: there is no such file/);
    writeFileSync(file, 'x'.repeat(secretBytesMax + 1));
    const long = await createAdmin(directory, ['bob', '--password-file', file]);
    assert.deepEqual([long.code, /longer than 4096 bytes/.test(long.err)], [66, true]);
  });

  it('portcullis create-admin refuses logins and passwords that nobody could use', async () => {
    using directory = controlPlaneDirectory();
    for (const login of ['a:b', 'a/b', '..', '__proto__', 'constructor', 'x'.repeat(256), 'ä']) {
      const { code, err } = await createAdmin(directory, [login], 'x');
      assert.deepEqual([code, /^Cannot use the login: /.test(err)], [64, true], login);
    }
    for (const password of ['', '\n', 'a\u0000', 'x'.repeat(passwordBytesMax + 1)]) {
      const { code, err } = await createAdmin(directory, [], password);
      assert.deepEqual([code, /^Cannot use the password: it /.test(err)], [64, true]);
      assert.equal(hasStackTrace(err), false);
    }
    assert.equal((await createAdmin(directory, [], 'x'.repeat(passwordBytesMax))).code, 0);
    assert.equal((await createAdmin(directory, ['a', 'b'], 'x')).code, 64);
  });

  it('portcullis create-admin makes no new store in place of a lost one, unless that is meant', async () => {
    using directory = controlPlaneDirectory();
    const { store, api } = directory.settings;
    writeFileSync(api.sessionCertificate, 'the CA of the sessions of a store');
    const { code, out, err } = await createAdmin(directory, [], 'x');
    assert.deepEqual(
      [code, out, err],
      [
        1,
        '',
        `Cannot make the user admin: there is no store ${store.file}, and yet the session CA ${api.sessionCertificate} is there; put a backup in place, or make a new store with --new-store\n`,
      ],
    );
    assert.equal(existsSync(store.file), false);
    const meant = await createAdmin(directory, ['--new-store'], 'x');
    assert.deepEqual([meant.code, meant.out.split('\n')[0]], [0, `Made the store ${store.file}.`]);
    assert.equal((await createAdmin(directory, ['alice'], 'x')).code, 0);
    const elsewhere = { store: { mongodbUrl: 'mongodb://127.0.0.1:1/portcullis' } };
    assert.equal((await createAdmin(directory, [], 'x', elsewhere)).code, 69);
  });

  it('portcullis create-admin says in one line what is wrong with the store', async () => {
    using directory = controlPlaneDirectory();
    const store = { file: directory.file('missing/portcullis.db') };
    const missing = await createAdmin(directory, [], 'x', { store });
    assert.equal(missing.code, 69);
    assert.match(missing.err, /^Cannot use the store .+: its directory cannot be used: [^\n]+\n$/);
    writeFileSync(directory.settings.store.file, 'no database at all, but text of some length');
    chmodSync(directory.settings.store.file, 0o600);
    const corrupt = await createAdmin(directory, [], 'x');
    assert.equal(corrupt.code, 69);
    assert.match(corrupt.err, /^Cannot use the store .+not an SQLite database[^\n]+\n$/);
  });
});

describe('portcullis create-admin, run by root', { skip: needsRoot() }, () => {
  const { uid, gid } = resolveUser('nobody');

  /** A directory that root can pass, with one of `nobody` in it. */
  function directoryOfNobody() {
    const directory = temporaryDirectory();
    const own = directory.file('state');
    mkdirSync(own, { mode: 0o700 });
    chownSync(own, uid, gid ?? 0);
    return { ...directory, store: { file: `${own}/portcullis.db` } };
  }

  for (const process of [undefined, { user: 'nobody' }]) {
    const by = process === undefined ? 'the owner of its directory' : 'process.user';
    it(`portcullis create-admin makes the store as ${by}`, async () => {
      const directory = directoryOfNobody();
      using _ = directory;
      const file = directory.file('portcullis.yaml');
      writeFileSync(file, JSON.stringify({ store: directory.store, process }));
      const line = ['create-admin', '--config', file];
      const { code, err } = await portcullis(line, { input: 'x' });
      assert.deepEqual([code, err], [0, '']);
      assert.equal(statSync(directory.store.file).uid, uid);
    });
  }
});
