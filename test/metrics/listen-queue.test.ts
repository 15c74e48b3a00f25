import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, test } from 'node:test';
import { listenQueues, queuesIn } from '../../src/metrics/listen-queue.ts';
import { freePort, stop, until } from '../support/processes.ts';

describe('listenQueues', () => {
  test('queuesIn() reads the listening sockets of a table, and nothing else', () => {
    const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid
   0: 0100007F:1F90 00000000:0000 0A 00000000:0000000C 00:00000000 00000000     0        0 1 1
   1: 0100007F:1F91 0100007F:A0B0 01 00000000:0000000D 00:00000000 00000000     0        0 2 1
   2: cut`;
    assert.deepEqual([...queuesIn(table)], [['0100007F:1F90', 12]]);
    assert.deepEqual([...queuesIn('')], []);
  });

  for (const host of ['127.0.0.1', '::1']) {
    test(`listenQueues() tells how many wait at ${host}`, async () => {
      const port = await freePort();
      // It listens, and then accepts nothing more.
      const program = `require('node:net').createServer().listen(${port}, '${host}', () => {
        require('node:fs').writeSync(1, 'listening');
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      })`;
      const child = spawn(process.execPath, ['-e', program], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      try {
        await once(child.stdout, 'data');
        const sockets = [1, 2, 3].map(() => connect(port, host));
        for (const socket of sockets) socket.on('error', () => {});
        const elsewhere = { type: 'tcp', host: '127.0.0.2', port } as const;
        const unix = { type: 'unix', path: '/run/x' } as const;
        const addresses = [{ type: 'tcp', host, port } as const, elsewhere, unix];
        await until('three wait', () => listenQueues(addresses)[0] === 3);
        assert.deepEqual(listenQueues(addresses), [3, 0, 0]);
        for (const socket of sockets) socket.destroy();
      } finally {
        child.kill('SIGKILL');
        await stop(child);
      }
    });
  }
});
