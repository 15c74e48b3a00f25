import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { describe, test } from 'node:test';
import { listenWithoutAccepting } from '../../../src/workers/sockets/kernel-socket.ts';
import { passedSockets, passedSocketsMax } from '../../../src/workers/sockets/passed-sockets.ts';
import { needs } from '../../support/needs.ts';
import { freePort, stop, until } from '../../support/processes.ts';
import { temporaryDirectory } from '../../support/temporary.ts';
import { connects, moduleOf, unix } from './socket-support.ts';

/** Says as JSON what was passed, holds it in a set, and has a worker answer on the first. */
const program = (socket: string, port: number): string => `
  const { passedSockets } = await import('${moduleOf('sockets/passed-sockets.ts')}');
  const { BoundSockets } = await import('${moduleOf('sockets/bound-sockets.ts')}');
  const passed = passedSockets(process.env, process.pid);
  console.log(JSON.stringify(passed));
  const owner = {};
  const listener = { sockets: 'shared', mode: 0o600, owner };
  const sockets = new BoundSockets({ directory: { mode: 0o755, owner }, passed, warn: () => {} });
  await sockets.open({ pools: [{ name: 'main', workers: 1, listeners: [
    { ...listener, name: 'uwsgi', address: { type: 'unix', path: '${socket}' } },
    { ...listener, name: 'http', address: { type: 'tcp', host: '127.0.0.1', port: ${port} } },
  ] }] });
  const { createServer } = await import('node:net');
  const { descriptor } = sockets.get('current', 'main', 'uwsgi', 1);
  createServer((client) => client.on('error', () => {}).end('hello')).listen({ fd: descriptor });
  process.on('SIGTERM', () => { sockets.close(); process.exit(); });`;

async function firstLineOf(child: ChildProcess): Promise<unknown> {
  let output = '';
  child.stdout?.on('data', (chunk) => {
    output += chunk;
  });
  await until('it says what was passed', () => output.includes('\n'));
  return JSON.parse(output);
}

async function answerOf(path: string): Promise<string> {
  const [chunk] = await once(connect(path), 'data');
  return String(chunk);
}

describe('passedSockets()', () => {
  test('passedSockets() takes what systemd passes, by name and by address', {
    skip: needs('systemd-socket-activate'),
  }, async () => {
    using directory = temporaryDirectory();
    const socket = directory.file('content.sock');
    const port = await freePort();
    const listen = ['--listen', socket, '--listen', `127.0.0.1:${port}`];
    const node = [process.execPath, '--input-type=module', '-e', program(socket, port)];
    const args = [...listen, '--fdname', 'main.uwsgi:http', ...node];
    const child = spawn('systemd-socket-activate', args, { stdio: ['ignore', 'pipe', 'ignore'] });
    // It binds, waits for a client, and becomes the program.
    await until('systemd listens', () => connects(unix(socket)));
    const { mode } = statSync(socket);
    assert.deepEqual(await firstLineOf(child), [
      { descriptor: 3, name: 'main.uwsgi', address: { type: 'unix', path: socket } },
      { descriptor: 4, name: 'http', address: { type: 'tcp', host: '127.0.0.1', port } },
    ]);
    assert.equal(await answerOf(socket), 'hello');
    await stop(child);
    assert.equal(statSync(socket).mode, mode, 'it is not ours to change');
    assert.ok(existsSync(socket), 'it is not ours to remove');
  });

  test('passedSockets() takes standard input that listens, as supervisord passes it', async () => {
    using directory = temporaryDirectory();
    const path = directory.file('content.sock');
    const socket = listenWithoutAccepting(unix(path));
    const node = ['--input-type=module', '-e', program(path, await freePort())];
    const stdio = [socket.descriptor, 'pipe', 'inherit'] as const;
    const child = spawn(process.execPath, node, { stdio: [...stdio] });
    assert.deepEqual(await firstLineOf(child), [{ descriptor: 0, address: unix(path) }]);
    assert.equal(await answerOf(path), 'hello');
    await stop(child);
    assert.ok(existsSync(path), 'it is not ours to remove');
    socket.close();
  });

  test('passedSockets() takes nothing that was meant for another process', () => {
    const environment = { LISTEN_PID: String(process.ppid), LISTEN_FDS: '1' };
    assert.deepEqual(passedSockets(environment, process.pid), []);
    assert.deepEqual(passedSockets({ LISTEN_FDS: '1' }, process.pid), []);
    assert.deepEqual(passedSockets({}, process.pid), []);
  });

  for (const count of ['', '-1', 'x', '1e2', String(passedSocketsMax + 1)]) {
    test(`passedSockets() refuses ${JSON.stringify(count)} sockets`, () => {
      const environment = { LISTEN_PID: '7', LISTEN_FDS: count };
      assert.throws(() => passedSockets(environment, 7), {
        code: 'START_REFUSED',
        message: /LISTEN_FDS is not a number from 0 to 256$/,
      });
    });
  }

  test('passedSockets() refuses a descriptor that does not listen', () => {
    const environment = { LISTEN_PID: '7', LISTEN_FDS: String(passedSocketsMax) };
    assert.throws(() => passedSockets(environment, 7), {
      code: 'START_REFUSED',
      message: /descriptor 3 is not a socket that listens; a socket unit needs ListenStream=/,
    });
  });
});
