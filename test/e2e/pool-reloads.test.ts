import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../support/processes.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';
import { dnfInstall } from './dnf.ts';
import { type Load, repeat, startChecking, startWrk } from './load.ts';
import { patienceMs } from './pool.ts';
import {
  complaints,
  type FrontedOptions,
  type FrontedPool,
  type PoolFront,
  startFrontedPool,
} from './pool-fronts.ts';
import { createSite, needsForSite, packageName, type Site } from './site.ts';

const skip = needsForSite('dnf', 'rpm', 'nginx', 'wrk', 'curl');

/** Of the file that is downloaded during a reload: more than all the buffers between us and the client hold. */
const largeBytes = 48 * 1024 * 1024;

const workers = 2;

/** A worker with idle connections of HTTP takes a second to end, so those are fewer. */
const scenarios: readonly {
  readonly reloads: number;
  readonly listeners: FrontedOptions['listeners'];
}[] = [
  { reloads: 50, listeners: { uwsgi: { sockets: 'shared', handOff: 'x-accel-redirect' } } },
  {
    reloads: 4,
    listeners: {
      uwsgi: { sockets: 'worker', handOff: 'x-accel-redirect' },
      http: { sockets: 'shared', handOff: 'stream' },
    },
  },
  {
    reloads: 4,
    listeners: {
      uwsgi: { sockets: 'shared', handOff: 'stream' },
      http: { sockets: 'worker', handOff: 'x-accel-redirect' },
    },
  },
];

// One waits while another works.
describe('rolling reloads under load', { skip, concurrency: scenarios.length }, () => {
  let site: Site;
  let large: TemporaryDirectory;
  before(async () => {
    site = await createSite();
    large = temporaryDirectory();
    mkdirSync(large.file('root'));
    writeFileSync(large.file('root/large.bin'), randomBytes(largeBytes));
    writeFileSync(large.file('root/small.bin'), randomBytes(10_000));
  });
  after(() => {
    site[Symbol.dispose]();
    large[Symbol.dispose]();
  });

  for (const { reloads, listeners } of scenarios) {
    const kinds = Object.entries(listeners).map(
      ([protocol, { sockets, handOff }]) => `${protocol}, ${sockets} sockets, ${handOff}`,
    );
    it(`${reloads} reloads lose no request and cut no body: ${kinds.join('; ')}`, async () => {
      using directory = temporaryDirectory();
      const open = { relativeUrl: 'open', root: large.file('root'), access: 'public' };
      await using pool = await startFrontedPool(directory, {
        ...{ workers, listeners, server: site.server },
        distributions: [...site.distributions, open],
        settings: {
          log: { file: directory.file('portcullis.log'), level: 'warn' },
          // What is cut off at its end is none of what is tested here.
          limits: { drainSeconds: patienceMs / 1000 },
        },
      });
      await using load = startLoad(directory, site, pool, large.file('root'));
      for (const { url, protocol } of pool.fronts) {
        if (listeners[protocol]?.handOff !== 'stream') continue;
        const download = await beginDownload(site, `${url}/pulp/isos/open/large.bin`);
        const reloaded = reload(pool, 1);
        await until('the worker that sends it drains', () => isSendingDrained(pool), patienceMs);
        assert.ok((await download.finish()).equals(readFileSync(large.file('root/large.bin'))));
        await reloaded;
      }
      await reload(pool, reloads);
      await load.end();
      assert.deepEqual(pool.instance.log().filter(isFault), []);
    });
  }
});

/** Waits for so many reloads to be done; those before count. */
async function reload({ instance }: FrontedPool, times: number): Promise<void> {
  for (let done = (await instance.status()).reloads.done ?? 0; done < times; done += 1) {
    instance.child.kill('SIGHUP');
    const isDone = async (): Promise<boolean> =>
      (await instance.status()).reloads.done === done + 1;
    await until(`reload ${done + 1} is done`, isDone, patienceMs);
  }
}

async function isSendingDrained({ instance }: FrontedPool): Promise<boolean> {
  const { workers: all } = await instance.status();
  return all.some(({ phase, requestsInFlight }) => phase === 'draining' && requestsInFlight > 0);
}

/** A download of which nothing more than its beginning is taken until `finish`. */
async function beginDownload(site: Site, url: string): Promise<{ finish(): Promise<Buffer> }> {
  const request = get(url, { ca: readFileSync(site.serverCa), agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  assert.equal(response.statusCode, 200);
  return { finish: () => buffer(response) };
}

function isFault({ level }: Readonly<Record<string, unknown>>): boolean {
  return level === 'error';
}

/** wrk, clients that compare every byte, and dnf, on each front. */
function startLoad(
  directory: TemporaryDirectory,
  site: Site,
  { fronts }: FrontedPool,
  root: string,
): AsyncDisposable & { end(): Promise<void> } {
  const stack = new AsyncDisposableStack();
  const loads = new Map<string, Load>();
  const small = ['repodata/repomd.xml', `${packageName}-data-1.0-1.noarch.rpm`];
  for (const { protocol, url } of fronts) {
    const base = `${url}/pulp/repos`;
    const expect = (name: string) => ({
      url: `${base}/acme/el9/${name}`,
      body: readFileSync(`${site.root}/${name}`),
    });
    const open = { url: `${base}/open/small.bin`, body: readFileSync(`${root}/small.bin`) };
    const often = [...small.map(expect), open];
    const expected = [...Array.from({ length: 6 }, () => often).flat(), expect('image.iso')];
    const options = { clients: 2, pauseMs: 60, certificate: site.clients.entitled };
    loads.set(`a checking client over ${protocol}`, startChecking(expected, options));
    const wrk = startWrk(directory, open.url, { connections: 4, delayMs: 40 });
    loads.set(`wrk over ${protocol}`, wrk);
  }
  loads.set('dnf', repeatDnf(site, fronts));
  for (const load of loads.values()) stack.use(load);
  const end = async (): Promise<void> => {
    for (const [name, load] of loads) {
      const { requests, failures } = await load.stop();
      assert.ok(requests > 0, `${name} asked nothing`);
      const said = [...failures.slice(0, 5), ...fronts.map(complaints)].join('\n');
      assert.equal(failures.length, 0, `${name}: ${said}`);
    }
  };
  return { end, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Between two runs of dnf, which takes a whole core, milliseconds. */
const dnfPauseMs = 5000;

/** Each front in turn. */
function repeatDnf(site: Site, fronts: readonly PoolFront[]): Load {
  return repeat(1, async (index) => {
    const baseUrl = `${fronts[index % fronts.length]?.url}/pulp/repos/acme/el9/`;
    const identity = { certificate: site.clients.entitled };
    const { installed, stderr } = await dnfInstall(site, baseUrl, identity, packageName);
    assert.ok(installed.includes(packageName), stderr);
    await sleep(dnfPauseMs);
  });
}
