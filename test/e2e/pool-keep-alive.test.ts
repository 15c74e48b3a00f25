import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Agent, get } from 'node:https';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { keepAliveConnections } from '../../src/front/nginx-upstream.ts';
import { isRunning } from '../../src/workers/host/process-state.ts';
import { needs } from '../support/needs.ts';
import { createPki, type Pki } from '../support/pki.ts';
import { sendSignal, until } from '../support/processes.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { patienceMs } from './pool.ts';
import { complaints, type PoolFront, startFrontedPool } from './pool-fronts.ts';

const skip = needs('openssl', 'nginx');

/** nginx listens before its worker is there. */
async function workerOf({ nginx }: PoolFront): Promise<number> {
  const master = readFileSync(path.join(nginx.directory, 'nginx.pid'), 'utf8').trim();
  let children = '';
  await until('nginx has a worker', () => {
    children = readFileSync(`/proc/${master}/task/${master}/children`, 'utf8');
    return children !== '';
  });
  return Number(children.split(' ')[0]);
}

/** Those that wait to be accepted included (proc_net(5)). */
function connectionsTo(socket: string): number {
  const lines = readFileSync('/proc/net/unix', 'utf8').split('\n');
  return lines.filter((line) => line.endsWith(` ${socket}`) && / 0001 0[23] /.test(line)).length;
}

/** What is stopped would not even end. */
function goOn(pid: number): void {
  if (isRunning(pid)) sendSignal(pid, 'SIGCONT');
}

describe('connections that nginx keeps', { skip }, () => {
  let pki: Pki;
  before(() => {
    pki = createPki();
  });
  after(() => pki[Symbol.dispose]());

  for (const sockets of ['shared', 'worker'] as const) {
    it(`a request that meets all the connections to a killed worker is answered by the next one: ${sockets} sockets`, async () => {
      using directory = temporaryDirectory();
      const root = directory.file('root');
      mkdirSync(root);
      writeFileSync(`${root}/a.txt`, 'the content');
      await using pool = await startFrontedPool(directory, {
        ...{ workers: 1, server: await pki.server(undefined) },
        listeners: { http: { sockets, handOff: 'stream' } },
        distributions: [{ relativeUrl: 'open', root, access: 'public' }],
        // It is stopped for a while below, on a machine that may do other work at the same time.
        settings: { supervision: { silenceSeconds: 60 } },
      });
      const [front] = pool.fronts;
      const [worker] = await pool.instance.whole(1);
      assert.ok(front !== undefined && worker !== undefined);
      const nginx = await workerOf(front);
      await using stack = new AsyncDisposableStack();
      const agent = stack.adopt(
        new Agent({ keepAlive: true, maxFreeSockets: 100, rejectUnauthorized: false }),
        (each) => each.destroy(),
      );
      const ask = () => {
        const request = get(`${front.url}/pulp/repos/open/a.txt`, { agent });
        const answer = (async () => {
          const [response] = (await once(request, 'response')) as [IncomingMessage];
          for await (const _chunk of response);
          return response.statusCode;
        })();
        return { sent: once(request, 'finish'), answer };
      };

      // As many as it keeps are at work at once, so that they are idle afterwards.
      sendSignal(worker.pid, 'SIGSTOP');
      stack.defer(() => goOn(worker.pid));
      const atOnce = Array.from({ length: keepAliveConnections }, () => ask().answer);
      const socket = directory.file(sockets === 'shared' ? 'http.sock' : 'http-1.sock');
      const areAtWork = (): boolean => connectionsTo(socket) === keepAliveConnections;
      await until('all are at work', areAtWork, patienceMs);
      sendSignal(worker.pid, 'SIGCONT');
      assert.deepEqual(new Set(await Promise.all(atOnce)), new Set([200]));

      // nginx hears of the request and of the end of all its connections at once, in this order.
      sendSignal(nginx, 'SIGSTOP');
      stack.defer(() => goOn(nginx));
      const { sent, answer } = ask();
      await sent;
      sendSignal(worker.pid, 'SIGKILL');
      await until('the worker is gone', () => !isRunning(worker.pid));
      sendSignal(nginx, 'SIGCONT');
      assert.equal(await answer, 200, complaints(front));
    });
  }
});
