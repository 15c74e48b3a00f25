import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import type { ListenAddress } from '../src/listen-address.ts';
import { until } from './support/processes.ts';
import type { TemporaryDirectory } from './support/temporary.ts';
import { getVariables, uwsgiRequest } from './support/uwsgi-client.ts';
import { startPool, type TestWorker } from './support/worker.ts';

const uwsgiAt = (directory: TemporaryDirectory): ListenAddress => ({
  type: 'unix',
  path: directory.file('worker.sock'),
});

/** Leaves a process that runs no more than `count` descriptors beyond those that it has. */
function limitDescriptors(pid: number, count: number): void {
  const max = readdirSync(`/proc/${pid}/fd`).length + count;
  execFileSync('prlimit', [`--pid=${pid}`, `--nofile=${max}:${max}`]);
}

async function reportsAgain(worker: TestWorker): Promise<void> {
  const before = worker.report();
  await until('the worker reports', () => worker.report() !== before);
}

test('T77 a worker whose clients use up its descriptors goes on, and serves when they are gone', async () => {
  await using pool = await startPool(
    (directory) => ({ listen: { uwsgi: { address: `unix:${directory.file('worker.sock')}` } } }),
    (directory) => ({ uwsgi: uwsgiAt(directory) }),
  );
  const worker = await pool.start();
  limitDescriptors(worker.child.pid ?? 0, 10);
  const path = pool.directory.file('worker.sock');
  const clients = Array.from({ length: 40 }, (): Socket => connect(path).on('error', () => {}));
  await Promise.all(clients.map((client) => once(client, 'connect')));
  for (let count = 0; count < 3; count += 1) await reportsAgain(worker);
  for (const client of clients) client.destroy();
  await until('their connections are gone', () => worker.report()?.connections === 0);
  const answer = await uwsgiRequest({ path }, getVariables('/'));
  assert.equal(answer.status, 404);
  assert.ok((worker.report()?.rssBytes ?? 0) > 0);
  assert.equal(worker.child.exitCode, null);
});
