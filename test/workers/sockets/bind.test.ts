import assert from 'node:assert/strict';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { describe, test } from 'node:test';
import { socketPathBytesMax } from '../../../src/listen-address.ts';
import { sameOwner } from '../../../src/workers/plan.ts';
import {
  backlogWarning,
  bindSocket,
  queueMax,
  type SocketRequest,
} from '../../../src/workers/sockets/bind.ts';
import { backlog } from '../../../src/workers/sockets/kernel-socket.ts';
import { needsRoot } from '../../support/needs.ts';
import { until } from '../../support/processes.ts';
import { temporaryDirectory } from '../../support/temporary.ts';
import {
  bindingCode,
  connects,
  directoryAccess,
  moduleOf,
  startHelper,
  unix,
} from './socket-support.ts';

function requestFor(file: string, changes: Partial<SocketRequest> = {}): SocketRequest {
  const access = { mode: 0o660, owner: sameOwner, directory: directoryAccess };
  return { address: unix(file), ...access, ...changes };
}

const loopback = (host: string, port: number): SocketRequest => ({
  ...requestFor(''),
  address: { type: 'tcp', host, port },
});

describe('bindSocket()', () => {
  test('bindSocket() listens at once with the mode, and leaves nothing beside the socket', async () => {
    using directory = temporaryDirectory();
    const file = directory.file('run/deep/content.sock');
    const socket = await bindSocket(requestFor(file, { mode: 0o640 }));
    assert.equal(statSync(file).mode & 0o7777, 0o640);
    assert.ok(await connects(unix(file)));
    assert.deepEqual(readdirSync(directory.file('run/deep')), ['content.sock']);
    assert.deepEqual(socket.warnings, []);
    socket.release();
    assert.deepEqual(readdirSync(directory.file('run/deep')), []);
  });

  test('bindSocket() gives the socket its owner', { skip: needsRoot() }, async () => {
    using directory = temporaryDirectory();
    const file = directory.file('s');
    const socket = await bindSocket(requestFor(file, { owner: { uid: 12345, gid: 23456 } }));
    const { uid, gid, mode } = statSync(file);
    assert.deepEqual([uid, gid, mode & 0o7777], [12345, 23456, 0o660]);
    socket.setAccess({ mode: 0o600, owner: { uid: undefined, gid: 1 } });
    assert.deepEqual([statSync(file).uid, statSync(file).gid], [12345, 1]);
    assert.equal(statSync(file).mode & 0o7777, 0o600);
    socket.release();
  });

  test('bindSocket() leaves no socket when its owner cannot be set', {
    skip: needsRoot(),
  }, async () => {
    using directory = temporaryDirectory();
    mkdirSync(directory.file('open'), { mode: 0o777 });
    const code = `const { chmodSync } = await import('node:fs');
      chmodSync('${directory.file('open')}', 0o777);
      process.seteuid('nobody');
      const { bindSocket } = await import('${moduleOf('sockets/bind.ts')}');
      const owner = { uid: 0 };
      const message = await bindSocket({
        address: { type: 'unix', path: '${directory.file('open/s')}' }, mode: 0o660, owner,
        directory: { mode: 0o755, owner },
      }).catch((error) => error.message);
      if (!/permission denied/.test(message)) throw new Error(message);
      process.send('ready');
      setInterval(() => {}, 1000);`;
    await using _helper = await startHelper(code);
    assert.deepEqual(readdirSync(directory.file('open')), []);
  });

  test('bindSocket() replaces the socket of a killed process', async () => {
    using directory = temporaryDirectory();
    const file = directory.file('stale.sock');
    await using helper = await startHelper(bindingCode(file));
    await helper.kill();
    assert.ok(existsSync(file));
    const socket = await bindSocket(requestFor(file));
    assert.ok(await connects(unix(file)));
    socket.release();
  });

  test('bindSocket() refuses a socket on which a process listens, with its pid', async () => {
    using directory = temporaryDirectory();
    const file = directory.file('live.sock');
    await using helper = await startHelper(bindingCode(file));
    await assert.rejects(bindSocket(requestFor(file)), {
      code: 'LISTEN_FAILED',
      message: `Cannot listen on unix:${file}: process ${helper.pid} listens on it`,
    });
    assert.ok(await connects(unix(file)));
  });

  test('bindSocket() sees that a server of another kind listens, too', async () => {
    using directory = temporaryDirectory();
    const file = directory.file('s');
    const server = createServer().listen(file);
    await until('the server listens', () => server.listening);
    await assert.rejects(bindSocket(requestFor(file)), /process \d+ listens on it/);
    server.close();
  });

  test('bindSocket() refuses what is no socket, and leaves it (T93)', async () => {
    using directory = temporaryDirectory();
    writeFileSync(directory.file('data'), 'precious');
    symlinkSync(directory.file('data'), directory.file('link'));
    for (const name of ['data', 'link']) {
      await assert.rejects(bindSocket(requestFor(directory.file(name))), /not a socket is there/);
      assert.ok(existsSync(directory.file(name)));
    }
  });

  test('bindSocket() says what keeps it from its lock, and follows no link there (T93)', async () => {
    using directory = temporaryDirectory();
    const file = directory.file('s');
    symlinkSync(directory.file('elsewhere'), `${file}.lock`);
    await assert.rejects(bindSocket(requestFor(file)), {
      code: 'LISTEN_FAILED',
      message: `Cannot listen on unix:${file}: ${file}.lock is in the way: it is a symbolic link; remove it`,
    });
    assert.deepEqual(readdirSync(directory.path), ['s.lock']);
  });

  test('bindSocket() takes over from a starter that was killed while it bound', async () => {
    using directory = temporaryDirectory();
    const file = directory.file('s');
    await using helper = await startHelper(`process.send('ready'); setInterval(() => {}, 1000);`);
    writeFileSync(`${file}.lock`, `${helper.pid}\n`);
    await helper.kill();
    (await bindSocket(requestFor(file))).release();
    assert.deepEqual(readdirSync(directory.path), []);
  });

  test('bindSocket() takes a path of socketPathBytesMax bytes, and one past it not', async () => {
    using directory = temporaryDirectory();
    const atLimit = directory.file('').padEnd(socketPathBytesMax, 'x');
    await assert.rejects(bindSocket(requestFor(`${atLimit}x`)), /longer than 107 bytes/);
    (await bindSocket(requestFor(atLimit))).release();
  });

  for (const host of ['127.0.0.1', '::1']) {
    test(`bindSocket() says who holds a port of ${host}`, async () => {
      const first = await bindSocket(loopback(host, 0));
      if (first.address.type !== 'tcp') throw new Error('not TCP');
      assert.notEqual(first.address.port, 0);
      await assert.rejects(
        bindSocket(loopback(host, first.address.port)),
        new RegExp(`:${first.address.port}: process ${process.pid} listens on it`),
      );
      first.release();
      assert.equal(await connects(first.address), false);
    });
  }

  test('bindSocket() lets one of many that start at once through, and the others know it', async () => {
    using directory = temporaryDirectory();
    const file = directory.file('s');
    await using stale = await startHelper(bindingCode(file));
    await stale.kill();
    const code = `const { bindSocket } = await import('${moduleOf('sockets/bind.ts')}');
      const owner = {};
      const outcome = await bindSocket({
        address: { type: 'unix', path: '${file}' }, mode: 0o600, owner, directory: { mode: 0o755, owner },
      }).then(() => 'bound', (error) => error.message);
      const { writeFileSync } = await import('node:fs');
      writeFileSync('${directory.file('outcome-')}' + process.pid, outcome);
      process.send('ready');
      setInterval(() => {}, 1000);`;
    const helpers = await Promise.all(Array.from({ length: 8 }, () => startHelper(code)));
    const outcomes = readOutcomes(directory.path);
    await Promise.all(helpers.map((helper) => helper[Symbol.asyncDispose]()));
    assert.equal(outcomes.filter(([, outcome]) => outcome === 'bound').length, 1);
    const winner = outcomes.find(([, outcome]) => outcome === 'bound')?.[0];
    for (const [pid, outcome] of outcomes) {
      if (pid !== winner) assert.ok(outcome?.endsWith(`process ${winner} listens on it`), outcome);
    }
  });
});

describe('release()', () => {
  test('release() leaves the socket that another process has put in the place of ours', async () => {
    using directory = temporaryDirectory();
    const file = directory.file('s');
    const socket = await bindSocket(requestFor(file));
    renameSync(file, directory.file('moved'));
    await using _helper = await startHelper(bindingCode(file));
    const { ino } = statSync(file);
    socket.release();
    assert.equal(statSync(file).ino, ino);
    assert.ok(await connects(unix(file)));
  });

  test('release() does not mind that its socket is gone', async () => {
    using directory = temporaryDirectory();
    const socket = await bindSocket(requestFor(directory.file('s')));
    renameSync(directory.file('s'), directory.file('moved'));
    socket.release();
    assert.deepEqual(readdirSync(directory.path), ['moved']);
  });
});

describe('setAccess()', () => {
  test('setAccess() changes nothing that another has put in the place of the socket (T93)', async () => {
    using directory = temporaryDirectory();
    const file = directory.file('s');
    const socket = await bindSocket(requestFor(file));
    renameSync(file, directory.file('moved'));
    writeFileSync(directory.file('secret'), '', { mode: 0o600 });
    const change = (): void => socket.setAccess({ mode: 0o666, owner: sameOwner });
    symlinkSync(directory.file('secret'), file);
    assert.throws(change, /another process has replaced its file/);
    renameSync(file, directory.file('link'));
    linkSync(directory.file('secret'), file);
    assert.throws(change, /another process has replaced its file/);
    assert.equal(statSync(directory.file('secret')).mode & 0o777, 0o600);
    socket.release();
  });
});

describe('backlogWarning()', () => {
  test('backlogWarning() warns of a kernel that keeps one connection less than asked for', () => {
    using directory = temporaryDirectory();
    const file = directory.file('somaxconn');
    writeFileSync(file, `${backlog}\n`);
    assert.equal(backlogWarning(file), undefined);
    writeFileSync(file, `${backlog - 1}\n`);
    assert.match(backlogWarning(file) ?? '', /lets 4095 connections wait instead of 4096/);
    assert.equal(queueMax(file), backlog - 1);
    assert.equal(backlogWarning(directory.file('missing')), undefined);
    writeFileSync(file, `${backlog + 1}\n`);
    assert.equal(queueMax(file), backlog);
  });
});

function readOutcomes(directory: string): readonly (readonly [pid: string, outcome: string])[] {
  return readdirSync(directory)
    .filter((name) => name.startsWith('outcome-'))
    .map((name) => [
      name.slice('outcome-'.length),
      readFileSync(path.join(directory, name), 'utf8'),
    ]);
}
