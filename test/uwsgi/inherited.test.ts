import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { renameSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { test } from 'node:test';
import { listenWithoutAccepting } from '../../src/workers/sockets/kernel-socket.ts';
import { stop } from '../support/processes.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { getVariables, uwsgiRequest } from '../support/uwsgi-client.ts';

/** What a worker does with a listening socket that its parent opened. */
const worker = `
  import { createUwsgiServer } from ${JSON.stringify(import.meta.resolve('../../src/uwsgi/server.ts'))};
  const server = createUwsgiServer({}, (request, response) => response.end('inherited'));
  await server.listen({ fd: 3 });
  process.on('SIGTERM', () => server.close().then(() => process.exit()));
`;

for (const kind of ['unix', 'tcp']) {
  test(`UwsgiServer.listen() serves an inherited ${kind} socket`, async () => {
    using directory = temporaryDirectory();
    const path = directory.file('inherited.sock');
    const parent = createServer();
    parent.listen(kind === 'unix' ? `${path}.parent` : { host: '127.0.0.1', port: 0 });
    await once(parent, 'listening');
    const bound = parent.address();
    const { fd } = (parent as unknown as { _handle: { fd: number } })._handle;
    const args = ['--input-type=module', '--eval', worker];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit', fd] });
    try {
      // Under another name, because the parent removes its own when it closes.
      if (kind === 'unix') renameSync(`${path}.parent`, path);
      parent.close();
      const isTcp = bound !== null && typeof bound === 'object';
      const address = isTcp ? { host: bound.address, port: bound.port } : { path };
      const answer = await uwsgiRequest(address, getVariables('/'));
      assert.equal(answer.body.toString(), 'inherited');
    } finally {
      await stop(child);
    }
  });
}

/** Listens with room for one more than one connection, and then does not come round to accept. */
const busyWorker = `
  import { createUwsgiServer } from ${JSON.stringify(import.meta.resolve('../../src/uwsgi/server.ts'))};
  await createUwsgiServer({}, () => {}).listen({ fd: 4, backlog: 1 });
  process.send('busy', () => { for (;;); });
`;

test('UwsgiServer.listen() gives an inherited socket the backlog', async () => {
  using directory = temporaryDirectory();
  const path = directory.file('inherited.sock');
  const socket = listenWithoutAccepting({ type: 'unix', path });
  const stdio = ['ignore', 'inherit', 'inherit', 'ipc', socket.descriptor] as const;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', busyWorker], {
    stdio: [...stdio],
  });
  await once(child, 'message');
  const clients = [connect(path), connect(path), connect(path)];
  const [, , third] = clients;
  if (third !== undefined) await assert.rejects(once(third, 'connect'), { code: 'EAGAIN' });
  for (const client of clients) client.destroy();
  child.kill('SIGKILL');
  await once(child, 'exit');
  socket.close();
});
