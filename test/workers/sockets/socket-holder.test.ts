import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import type { ListenAddress } from '../../../src/listen-address.ts';
import { listenWithoutAccepting } from '../../../src/workers/sockets/kernel-socket.ts';
import { listeningSockets } from '../../../src/workers/sockets/kernel-sockets.ts';
import { isInTheWay, isSameAddress } from '../../../src/workers/sockets/same-address.ts';
import { describeHolder, holderOf } from '../../../src/workers/sockets/socket-holder.ts';
import { freePort, stop } from '../../support/processes.ts';
import { temporaryDirectory } from '../../support/temporary.ts';
import { bindingCode, startHelper, unix } from './socket-support.ts';

const tcp = (host: string, port: number): ListenAddress => ({ type: 'tcp', host, port });

describe('holderOf()', () => {
  test('holderOf() names the process that listens on a path, even one with a space', async () => {
    using directory = temporaryDirectory();
    const path = directory.file('a socket');
    await using helper = await startHelper(bindingCode(path));
    assert.equal(holderOf(unix(path)), helper.pid);
    assert.equal(describeHolder(unix(path)), `process ${helper.pid} listens on it`);
  });

  test('holderOf() names the primary, and not a worker that has inherited its socket', async () => {
    const socket = listenWithoutAccepting(tcp('127.0.0.1', 0));
    const stdio = ['ignore', 'pipe', 'inherit', socket.descriptor] as const;
    const worker = spawn(process.execPath, ['-e', 'console.log(1); setInterval(() => {}, 1000)'], {
      stdio: [...stdio],
    });
    if (worker.stdout !== null) await once(worker.stdout, 'data');
    assert.equal(holderOf(tcp('127.0.0.1', socket.port ?? 0)), process.pid);
    socket.close();
    assert.equal(holderOf(tcp('127.0.0.1', socket.port ?? 0)), worker.pid);
    await stop(worker);
  });

  test('holderOf() sees that a wildcard holds the port of every host', () => {
    const socket = listenWithoutAccepting(tcp('::', 0));
    for (const host of ['127.0.0.1', '::1', '0.0.0.0']) {
      assert.equal(holderOf(tcp(host, socket.port ?? 0)), process.pid);
    }
    socket.close();
  });

  test('holderOf() knows nobody where nobody listens', async () => {
    const address = tcp('127.0.0.1', await freePort());
    assert.equal(holderOf(address), undefined);
    assert.equal(describeHolder(address), 'another process listens on it');
    assert.equal(holderOf(unix('/nonexistent/s')), undefined);
  });
});

describe('listeningSockets()', () => {
  test('listeningSockets() has the addresses as the kernel knows them', () => {
    using directory = temporaryDirectory();
    const addresses = [unix(directory.file('s')), tcp('127.0.0.1', 0), tcp('::1', 0)];
    for (const address of addresses) {
      const socket = listenWithoutAccepting(address);
      const bound = address.type === 'tcp' ? { ...address, port: socket.port ?? 0 } : address;
      assert.equal(
        listeningSockets().filter((seen) => isSameAddress(seen.address, bound)).length,
        1,
      );
      socket.close();
      assert.equal(
        listeningSockets().filter((seen) => isSameAddress(seen.address, bound)).length,
        0,
      );
    }
  });
});

describe('isSameAddress()', () => {
  for (const [one, other, isSame, isBlocked] of [
    [unix('/a'), unix('/a'), true, true],
    [unix('/a'), unix('/b'), false, false],
    [unix('/a'), tcp('::', 1), false, false],
    [tcp('::1', 1), tcp('0:0:0:0:0:0:0:1', 1), true, true],
    [tcp('::1', 1), tcp('::1', 2), false, false],
    [tcp('::', 1), tcp('0.0.0.0', 1), false, true],
    [tcp('127.0.0.1', 1), tcp('0.0.0.0', 1), false, true],
    [tcp('127.0.0.1', 1), tcp('127.0.0.2', 1), false, false],
  ] as const) {
    test(`isSameAddress() and isInTheWay() of ${JSON.stringify([one, other])}`, () => {
      assert.deepEqual([isSameAddress(one, other), isSameAddress(other, one)], [isSame, isSame]);
      assert.deepEqual([isInTheWay(one, other), isInTheWay(other, one)], [isBlocked, isBlocked]);
    });
  }
});
