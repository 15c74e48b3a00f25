import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning } from '../../src/workers/host/process-state.ts';
import { httpGet } from '../support/http-client.ts';
import { needs } from '../support/needs.ts';
import { createPki, type Pki } from '../support/pki.ts';
import { freePort, sendSignal, until } from '../support/processes.ts';
import { repositoryRoot } from '../support/source-tree.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { getVariables, uwsgiRequest } from '../support/uwsgi-client.ts';
import { type Load, startChecking, startWrk } from './load.ts';
import { type Instance, patienceMs, startInstance } from './pool.ts';
import {
  complaints,
  type FrontedOptions,
  type PoolFront,
  startFrontedPool,
} from './pool-fronts.ts';

const skip = needs('openssl', 'nginx', 'wrk');
const handOff = 'x-accel-redirect';
const seconds = 60;
const workers = 4;
/** On a machine that does much other work at the same time. */
const killsMin = 8;
const fileBytes = 20_000;

const scenarios: readonly FrontedOptions['listeners'][] = [
  { uwsgi: { sockets: 'shared', handOff }, http: { sockets: 'worker', handOff } },
  { uwsgi: { sockets: 'worker', handOff }, http: { sockets: 'shared', handOff } },
];

// Both at once, since each is mostly waiting for its next second.
describe('workers that are killed', { skip, concurrency: scenarios.length }, () => {
  let pki: Pki;
  before(() => {
    pki = createPki();
  });
  after(() => pki[Symbol.dispose]());

  for (const listeners of scenarios) {
    const kinds = Object.entries(listeners).map(
      ([protocol, { sockets }]) => `${protocol} on ${sockets} sockets`,
    );
    it(`a worker killed every second for a minute is no error to a client: ${kinds.join(', ')}`, async (t) => {
      using directory = temporaryDirectory();
      const root = directory.file('root');
      mkdirSync(root);
      const body = randomBytes(fileBytes);
      writeFileSync(`${root}/a.bin`, body);
      await using pool = await startFrontedPool(directory, {
        ...{ workers, listeners, server: await pki.server(undefined) },
        distributions: [{ relativeUrl: 'open', root, access: 'public' }],
        settings: { log: { file: directory.file('portcullis.log'), level: 'warn' } },
      });
      await using stack = new AsyncDisposableStack();
      const loads = pool.fronts.flatMap(({ url }): readonly Load[] => {
        const target = `${url}/pulp/repos/open/a.bin`;
        return [
          stack.use(startChecking([{ url: target, body }], { clients: 2, pauseMs: 20 })),
          stack.use(startWrk(directory, target, { connections: 4, delayMs: 40 })),
        ];
      });
      const kills = await killEverySecond(pool.instance);
      for (const load of loads) await assertClean(load, pool.fronts);
      await pool.instance.whole(workers);
      const { restarts } = await pool.instance.status();
      t.diagnostic(`${kills} kills, restarts ${JSON.stringify(restarts)}`);
      assert.equal(restarts.died, kills);
      assert.ok(kills >= killsMin, `${kills} kills only`);
    });
  }
});

/**
 * One of the workers that serve, at random. The last one is left alone until another serves: without
 * any, requests wait, and on a machine that is slow to start one they would wait for each next victim.
 */
async function killEverySecond({ status }: Instance): Promise<number> {
  const end = performance.now() + seconds * 1000;
  const killed = new Set<number>();
  while (performance.now() < end) {
    await sleep(1000);
    const serving = (await status()).workers.filter(
      ({ phase, pid }) => phase === 'serving' && !killed.has(pid),
    );
    const victim = serving[Math.floor(Math.random() * serving.length)];
    if (victim === undefined || serving.length < 2) continue;
    sendSignal(victim.pid, 'SIGKILL');
    killed.add(victim.pid);
  }
  return killed.size;
}

async function assertClean(load: Load, fronts: readonly PoolFront[]): Promise<void> {
  const { requests, failures } = await load.stop();
  assert.ok(requests > 0);
  const said = [...failures.slice(0, 5), ...fronts.map(complaints)].join('\n');
  assert.equal(failures.length, 0, said);
}

/** What the primary promises, milliseconds. */
const orphanMsMax = 2000;
/** For a machine that does other work at the same time. */
const slackMs = 3000;

describe('a primary that is killed', () => {
  it('a primary that is killed leaves no worker, not even a stuck one, and the next one takes its sockets over', async (t) => {
    using directory = temporaryDirectory();
    const port = await freePort();
    const socket = directory.file('uwsgi.sock');
    writeFileSync(directory.file('a.txt'), 'the content');
    const configuration = {
      workers: 3,
      plugins: [path.join(repositoryRoot, 'test/fixtures/plugins/misbehaving.ts')],
      // Seen soon, and not ended before the primary is.
      supervision: { heartbeatSeconds: 0.2, silenceSeconds: 1, answerSeconds: 600 },
      process: { pidFile: directory.file('portcullis.pid') },
      listen: { uwsgi: { address: `unix:${socket}` }, http: { address: `127.0.0.1:${port}` } },
      distributions: [{ relativeUrl: 'a', root: directory.path, access: 'misbehaving' }],
    };
    await using first = startInstance(directory, configuration);
    const pids = (await first.whole(3)).map(({ pid }) => pid);
    const stuck = uwsgiRequest({ path: socket }, getVariables('/pulp/repos/a/loop'), {
      timeoutMs: patienceMs,
    });
    await first.line({ message: 'The event loop is stuck' });
    const begin = performance.now();
    first.child.kill('SIGKILL');
    await until('no worker is left', () => !pids.some(isRunning), orphanMsMax + slackMs);
    t.diagnostic(`the last worker ended after ${Math.round(performance.now() - begin)} ms`);
    assert.equal((await stuck).bytes.length, 0);
    await using second = startInstance(directory, configuration);
    await second.whole(3);
    await assertServes(second, socket, port);
  });
});

async function assertServes(instance: Instance, socket: string, port: number): Promise<void> {
  const target = '/pulp/repos/a/a.txt';
  const overUwsgi = await uwsgiRequest({ path: socket }, getVariables(target));
  assert.equal(overUwsgi.body.toString(), 'the content', instance.output());
  const overHttp = await httpGet({ host: '127.0.0.1', port }, target);
  assert.equal(overHttp.body.toString(), 'the content', instance.output());
}
