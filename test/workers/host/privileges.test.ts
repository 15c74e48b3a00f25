import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { describe, test } from 'node:test';
import { resolveUser } from '../../../src/workers/host/accounts.ts';
import {
  dropPrivileges,
  resolveIdentity,
  rootWarning,
} from '../../../src/workers/host/privileges.ts';
import { needsRoot } from '../../support/needs.ts';
import { run } from '../../support/processes.ts';
import { temporaryDirectory } from '../../support/temporary.ts';
import { moduleOf } from '../sockets/socket-support.ts';

const skip = needsRoot();

/** Runs `code` in a process of its own and answers what it returns. */
async function inProcess(code: string): Promise<unknown> {
  const program = `
    const { dropPrivileges, resolveIdentity } = await import('${moduleOf('host/privileges.ts')}');
    const { readFileSync } = await import('node:fs');
    const answer = await (async () => { ${code} })().catch((error) => error.message);
    process.stdout.write(JSON.stringify(answer));`;
  const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', program]);
  assert.equal(stderr, '');
  return JSON.parse(stdout.toString()) as unknown;
}

const identityOfStatus = `
  const status = readFileSync('/proc/self/status', 'utf8');
  return ['Uid', 'Gid', 'Groups', 'CapEff', 'CapPrm'].map((name) =>
    new RegExp('^' + name + ':\\\\s*(.*?)\\\\s*$', 'm').exec(status)[1].replaceAll('\\t', ' '));`;

describe('resolveIdentity()', () => {
  test('resolveIdentity() leaves everything as it is without settings', () => {
    assert.equal(resolveIdentity(undefined, undefined), undefined);
  });

  test('resolveIdentity() gives a user its primary group, unless a group is named', () => {
    const { uid, gid } = resolveUser('nobody');
    assert.deepEqual(resolveIdentity('nobody', undefined), { uid, gid, user: 'nobody' });
    assert.deepEqual(resolveIdentity('nobody', 12345), { uid, gid: 12345, user: 'nobody' });
    assert.deepEqual(resolveIdentity(uid, undefined), { uid, gid, user: 'nobody' });
  });

  test('resolveIdentity() refuses a user that the host does not know', () => {
    assert.throws(() => resolveIdentity('nobody-has-this', undefined), { code: 'START_REFUSED' });
  });
});

describe('dropPrivileges()', () => {
  test('dropPrivileges() leaves nothing of root', { skip }, async () => {
    const { uid, gid } = resolveUser('nobody');
    const answer = await inProcess(
      `dropPrivileges(resolveIdentity('nobody', undefined)); ${identityOfStatus}`,
    );
    const [four, none] = [(id: number) => Array(4).fill(id).join(' '), '0000000000000000'];
    assert.deepEqual(answer, [four(uid), four(gid), String(gid), none, none]);
  });

  test('dropPrivileges() cannot be undone', { skip }, async () => {
    const answer = await inProcess(
      `dropPrivileges(resolveIdentity('nobody', undefined));
       const calls = { setuid: 0, seteuid: 0, setgid: 0, setegid: 0, setgroups: [0] };
       return Object.entries(calls).map(([name, id]) => {
         try { process[name](id); return name; } catch (error) { return error.code; }
       });`,
    );
    assert.deepEqual(answer, Array(5).fill('EPERM'));
  });

  test('dropPrivileges() gives up the groups of root where only a group is named', {
    skip,
  }, async () => {
    const answer = await inProcess(
      `process.setgroups([0, 4]);
       dropPrivileges({ uid: 12345, gid: 23456, user: undefined }); return process.getgroups();`,
    );
    assert.deepEqual(answer, [23456]);
  });

  test('dropPrivileges() is refused to who is not root, unless nothing changes', {
    skip,
  }, async () => {
    const answer = await inProcess(
      `const nobody = resolveIdentity('nobody', undefined);
       dropPrivileges(nobody);
       dropPrivileges(nobody);
       dropPrivileges({ uid: 0, gid: 0, user: undefined });`,
    );
    assert.match(
      String(answer),
      /^Cannot become user 0 with group 0: only root can become another/,
    );
  });

  test('dropPrivileges() leaves a socket and a pid file that can be changed and removed', {
    skip,
  }, async () => {
    using directory = temporaryDirectory();
    const { uid, gid } = resolveUser('nobody');
    const answer = await inProcess(
      `const { bindSocket } = await import('${moduleOf('sockets/bind.ts')}');
       const { holdPidFile } = await import('${moduleOf('host/pid-file.ts')}');
       const owner = { uid: ${uid}, gid: ${gid} };
       const directory = { mode: 0o755, owner };
       const at = (name) => ({ type: 'unix', path: '${directory.file('run/deep/')}' + name });
       const socket = await bindSocket({ address: at('s'), mode: 0o660, owner, directory });
       const pidFile = await holdPidFile(at('pid').path, { owner, directoryMode: 0o755 });
       dropPrivileges(resolveIdentity('nobody', undefined));
       socket.setAccess({ mode: 0o600, owner });
       const added = await bindSocket({ address: at('added'), mode: 0o660, owner, directory });
       const { readdirSync, statSync } = await import('node:fs');
       const seen = [statSync(at('s').path).mode & 0o777, readdirSync('${directory.file('run/deep')}')];
       socket.release();
       added.release();
       return [...seen, pidFile.release()];`,
    );
    assert.deepEqual(answer, [0o600, ['added', 'pid', 's'], true]);
    assert.deepEqual(readdirSync(directory.file('run/deep')), []);
    for (const name of ['run', 'run/deep']) {
      const stats = statSync(directory.file(name));
      assert.deepEqual([stats.uid, stats.gid, stats.mode & 0o7777], [uid, gid, 0o755]);
    }
  });

  test('dropPrivileges() takes from us what root has kept for itself', { skip }, async () => {
    using directory = temporaryDirectory();
    const answer = await inProcess(
      `const { bindSocket } = await import('${moduleOf('sockets/bind.ts')}');
       const directory = { mode: 0o755, owner: {} };
       const address = { type: 'unix', path: '${directory.file('s')}' };
       const socket = await bindSocket({ address, mode: 0o660, owner: {}, directory });
       dropPrivileges(resolveIdentity('nobody', undefined));
       socket.setAccess({ mode: 0o660, owner: { uid: 0, gid: 0 } });
       socket.setAccess({ mode: 0o666, owner: {} });`,
    );
    assert.match(
      String(answer),
      /cannot be changed any more, for root was given up; a restart can$/,
    );
  });

  test('dropPrivileges() leaves a pid file that the next start replaces, in a directory of root', {
    skip,
  }, async () => {
    using directory = temporaryDirectory();
    const hold = `const { holdPidFile } = await import('${moduleOf('host/pid-file.ts')}');
      const pidFile = await holdPidFile('${directory.file('pid')}', { owner: {}, directoryMode: 0o755 });`;
    const drop = `dropPrivileges(resolveIdentity('nobody', undefined));`;
    assert.equal(await inProcess(`${hold} ${drop} return pidFile.release();`), false);
    assert.deepEqual(readdirSync(directory.path), ['pid']);
    assert.equal(await inProcess(`${hold} return pidFile.release();`), true);
    assert.deepEqual(readdirSync(directory.path), []);
  });
});

describe('dropPrivileges() in this process', () => {
  test('dropPrivileges() to who we are changes nothing for an ordinary user', {
    skip: skip === false && 'runs as an ordinary user only',
  }, () => {
    const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
    dropPrivileges({ uid, gid, user: undefined });
    assert.equal(process.getuid?.(), uid);
  });
});

describe('rootWarning()', () => {
  test('rootWarning() warns of a root that stays root, and of nobody else', { skip }, () => {
    assert.match(rootWarning(undefined) ?? '', /runs as root; name a user in process.user/);
    assert.match(rootWarning({ uid: 0, gid: 0, user: 'root' }) ?? '', /runs as root/);
    assert.equal(rootWarning(resolveIdentity('nobody', undefined)), undefined);
  });
});
