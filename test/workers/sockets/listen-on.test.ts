import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer, type ListenOptions, type Server } from 'node:net';
import { describe, test } from 'node:test';
import type { ListenAddress } from '../../../src/listen-address.ts';
import { socketPathBytesMax } from '../../../src/listen-address.ts';
import { listenOn } from '../../../src/workers/sockets/listen-on.ts';
import { freePort } from '../../support/processes.ts';
import { temporaryDirectory } from '../../support/temporary.ts';

const unix = (path: string): ListenAddress => ({ type: 'unix', path });

class TestServer implements AsyncDisposable {
  readonly server: Server = createServer((socket) => {
    socket.on('error', () => {});
    socket.end('hello');
  });

  listen = async (options: ListenOptions): Promise<void> => {
    this.server.listen(options);
    await once(this.server, 'listening');
  };

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.server.listening) return;
    this.server.close();
    await once(this.server, 'close');
  }
}

async function answerOf(path: string): Promise<string> {
  const [chunk] = await once(connect(path), 'data');
  return String(chunk);
}

describe('listenOn', () => {
  test('listenOn() makes the socket with its mode, in a directory that it makes', async () => {
    using directory = temporaryDirectory();
    await using server = new TestServer();
    const path = directory.file('run/deep/content.sock');
    await listenOn(server.listen, unix(path), 0o660);
    assert.equal(statSync(path).mode & 0o777, 0o660);
    assert.equal(await answerOf(path), 'hello');
  });

  test('listenOn() leaves the umask as it was', async () => {
    using directory = temporaryDirectory();
    await using server = new TestServer();
    const before = process.umask();
    await listenOn(server.listen, unix(directory.file('s')), 0o600);
    assert.equal(process.umask(), before);
  });

  test('listenOn() replaces the socket of a process that is gone', async () => {
    using directory = temporaryDirectory();
    const path = directory.file('stale.sock');
    const script = directory.file('stale.mjs');
    writeFileSync(
      script,
      `import { createServer } from 'node:net';
       createServer().listen(process.argv[2], () => process.kill(process.pid, 'SIGKILL'));`,
    );
    await once(fork(script, [path]), 'exit');
    assert.ok(existsSync(path));
    await using server = new TestServer();
    await listenOn(server.listen, unix(path), 0o660);
    assert.equal(await answerOf(path), 'hello');
  });

  test('listenOn() refuses a socket on which somebody listens, and leaves it working', async () => {
    using directory = temporaryDirectory();
    await using first = new TestServer();
    await using second = new TestServer();
    const path = directory.file('live.sock');
    await listenOn(first.listen, unix(path), 0o660);
    await assert.rejects(listenOn(second.listen, unix(path), 0o660), {
      code: 'LISTEN_FAILED',
      message: `Cannot listen on unix:${path}: process ${process.pid} listens on it`,
    });
    assert.equal(await answerOf(path), 'hello');
  });

  test('listenOn() refuses a path at which something else lies, and leaves it', async () => {
    using directory = temporaryDirectory();
    await using server = new TestServer();
    const file = directory.file('data');
    writeFileSync(file, 'precious');
    mkdirSync(directory.file('folder'));
    for (const path of [file, directory.file('folder')]) {
      await assert.rejects(listenOn(server.listen, unix(path), 0o660), /not a socket is there/);
      assert.ok(existsSync(path));
    }
    await assert.rejects(
      listenOn(server.listen, unix(`${file}/content.sock`), 0o660),
      /not a directory/,
    );
  });

  test('listenOn() takes a path of socketPathBytesMax bytes, and one past it not', async () => {
    using directory = temporaryDirectory();
    await using server = new TestServer();
    const atLimit = directory.file('').padEnd(socketPathBytesMax, 'x');
    await assert.rejects(listenOn(server.listen, unix(`${atLimit}x`), 0o660), /longer than 107/);
    await listenOn(server.listen, unix(atLimit), 0o660);
    assert.equal(await answerOf(atLimit), 'hello');
  });

  test('listenOn() says which TCP port is taken, and listens on IPv6', async () => {
    await using first = new TestServer();
    await using second = new TestServer();
    const port = await freePort();
    const address: ListenAddress = { type: 'tcp', host: '::1', port };
    await listenOn(first.listen, address, 0);
    await assert.rejects(
      listenOn(second.listen, address, 0),
      new RegExp(`Cannot listen on \\[::1\\]:${port}: process ${process.pid} listens on it`),
    );
  });

  test('listenOn() says when permission is missing', async () => {
    using directory = temporaryDirectory();
    await using server = new TestServer();
    chmodSync(directory.path, 0o555);
    // Root may write everywhere, so root asks as somebody else.
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) process.seteuid?.('nobody');
    try {
      await assert.rejects(
        listenOn(server.listen, unix(directory.file('s')), 0o660),
        /permission (?:is )?denied/,
      );
    } finally {
      if (isRoot) process.seteuid?.('root');
      chmodSync(directory.path, 0o755);
    }
  });
});
