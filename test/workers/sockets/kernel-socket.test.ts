import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect, type NetConnectOpts } from 'node:net';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ListenAddress } from '../../../src/listen-address.ts';
import {
  type KernelSocket,
  listenWithoutAccepting,
} from '../../../src/workers/sockets/kernel-socket.ts';
import { freePort, stop } from '../../support/processes.ts';
import { temporaryDirectory } from '../../support/temporary.ts';

const acceptor = `require('node:net').createServer((socket) => socket.end('hello'))
  .listen({ fd: 4 }, 4096, () => process.send('ready'))`;

/** A process that inherits the socket and accepts from it. */
async function startAcceptor({ descriptor }: KernelSocket): Promise<ChildProcess> {
  const stdio = ['ignore', 'inherit', 'inherit', 'ipc', descriptor] as const;
  const child = spawn(process.execPath, ['-e', acceptor], { stdio: [...stdio] });
  await once(child, 'message');
  return child;
}

const hosts = ['unix', '127.0.0.1', '::1'] as const;

for (const host of hosts) {
  describe(`listenWithoutAccepting() on ${host}`, () => {
    test('lets connections wait until a process that inherits the socket accepts them', async () => {
      using directory = temporaryDirectory();
      const address = addressOn(host, directory.file('s'));
      const socket = listenWithoutAccepting(address);
      const client = connect(whereOf(address, socket));
      let answer = '';
      client.on('data', (chunk) => {
        answer += chunk;
      });
      await once(client, 'connect');
      await sleep(100);
      assert.equal(answer, '', 'nobody accepts yet');
      assert.equal(client.readyState, 'open');
      const child = await startAcceptor(socket);
      await once(client, 'end');
      assert.equal(answer, 'hello');
      await stop(child);
      socket.close();
    });

    test('refuses what is taken, with the system code', () => {
      using directory = temporaryDirectory();
      const address = addressOn(host, directory.file('s'));
      const first = listenWithoutAccepting(address);
      const same = address.type === 'tcp' ? { ...address, port: first.port ?? 0 } : address;
      assert.throws(() => listenWithoutAccepting(same), { code: 'EADDRINUSE' });
      first.close();
    });

    test('gives the address free at close()', async () => {
      using directory = temporaryDirectory();
      const address = addressOn(host, directory.file('s'));
      const socket = listenWithoutAccepting(address);
      const where = whereOf(address, socket);
      socket.close();
      assert.equal(existsSync(directory.file('s')), false);
      const [error] = await once(connect(where), 'error').catch((reason: unknown) => [reason]);
      assert.match(String((error as NodeJS.ErrnoException).code), /ECONNREFUSED|ENOENT/);
    });
  });
}

describe('listenWithoutAccepting()', () => {
  test('listenWithoutAccepting() keeps the process alive for nothing', async () => {
    const port = await freePort();
    const module = new URL('../../../src/workers/sockets/kernel-socket.ts', import.meta.url).href;
    const code = `const { listenWithoutAccepting } = await import('${module}');
      listenWithoutAccepting({ type: 'tcp', host: '127.0.0.1', port: ${port} });`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', code]);
    assert.deepEqual(await once(child, 'exit'), [0, null]);
  });

  test('listenWithoutAccepting() takes IPv4 too on [::]', async () => {
    const socket = listenWithoutAccepting({ type: 'tcp', host: '::', port: 0 });
    const client = connect({ host: '127.0.0.1', port: socket.port ?? 0 });
    await once(client, 'connect');
    client.destroy();
    socket.close();
  });
});

function addressOn(host: (typeof hosts)[number], path: string): ListenAddress {
  return host === 'unix' ? { type: 'unix', path } : { type: 'tcp', host, port: 0 };
}

function whereOf(address: ListenAddress, { port = 0 }: KernelSocket): NetConnectOpts {
  return address.type === 'unix' ? { path: address.path } : { host: address.host, port };
}
