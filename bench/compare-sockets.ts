/** Latency and throughput by how connections reach the workers, in one run. */

import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import type { Configuration } from '../src/config/configuration.ts';
import { loadConfiguration, requireRight } from '../src/config/load.ts';
import { upstreamBlock, upstreamsOf } from '../src/front/nginx-upstream.ts';
import { startInstance } from '../test/e2e/pool.ts';
import { writeTree } from '../test/support/application.ts';
import { startNginx } from '../test/support/nginx.ts';
import { freePort, stop, until } from '../test/support/processes.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../test/support/temporary.ts';
import { type LoadResult, load } from './measure.ts';
import { inRounds, median, printRow } from './rounds.ts';

/** As many as `workers: auto` has, and two at least: with one there is nothing to balance. */
const workers = Math.max(2, availableParallelism());

/** As fast as they can. */
const closedLoop = { connections: 32 };

/** The same load for each way: each connection asks again so many milliseconds after its answer. */
const pace = { connections: 32, milliseconds: 20 };

interface Way {
  readonly name: string;
  readonly url: string;
}

interface Measured {
  readonly full: LoadResult;
  readonly paced: LoadResult;
}

/** @param seconds of each measurement */
export async function compareSockets(seconds: number): Promise<void> {
  using directory = temporaryDirectory();
  const script = directory.file('pace.lua');
  writeFileSync(script, `function delay() return ${pace.milliseconds} end\n`);
  await using opened = new AsyncDisposableStack();
  const ways = await startWays(directory, opened);
  for (const { url } of ways) await load({ url, ...closedLoop, seconds: 2 });
  const measured = await inRounds(ways, async ({ url }) => ({
    full: await load({ url, ...closedLoop, seconds }),
    paced: await load({ url, connections: pace.connections, seconds, script }),
  }));
  print(measured, seconds);
}

/** Three ways into the same listener, with as many workers, behind one nginx. */
async function startWays(
  directory: TemporaryDirectory,
  opened: AsyncDisposableStack,
): Promise<readonly Way[]> {
  const root = directory.file('root');
  writeTree(root, { 'repodata/repomd.xml': 'x'.repeat(4096) });
  const upstreams = new Map([
    ['one shared socket', await startPool('shared', opened)],
    ['a socket each, least_conn', await startPool('worker', opened)],
    ['dealt out by the primary', await startCluster(directory, opened)],
  ]);
  const ways: (Way & { readonly block: string })[] = [];
  for (const [name, upstream] of upstreams) {
    const port = await freePort();
    const block = serverBlock(port, `way${ways.length}`, upstream, root);
    ways.push({ name, url: `http://127.0.0.1:${port}/`, block });
  }
  opened.use(await startNginx(ways.map(({ block }) => block).join('\n')));
  return ways;
}

/** @returns the upstream of nginx that nginx-config writes for it */
async function startPool(
  sockets: 'shared' | 'worker',
  opened: AsyncDisposableStack,
): Promise<string> {
  const directory = opened.use(temporaryDirectory());
  const instance = startInstance(directory, {
    workers,
    application: { module: path.join(import.meta.dirname, 'hand-over.ts') },
    listen: {
      uwsgi: {
        ...{ address: `unix:${directory.file('content.sock')}`, sockets },
        handOff: 'x-accel-redirect',
      },
    },
  });
  opened.use(instance);
  await instance.whole(workers);
  return upstreamBlock(upstreamsOf(await configurationIn(instance.file)).main);
}

async function configurationIn(file: string): Promise<Configuration> {
  const loaded = await loadConfiguration({ file, environment: {}, flags: {} });
  return requireRight(loaded).configuration;
}

async function startCluster(
  directory: TemporaryDirectory,
  opened: AsyncDisposableStack,
): Promise<string> {
  const socket = directory.file('cluster.sock');
  const program = path.join(import.meta.dirname, 'cluster.ts');
  const child = spawn(process.execPath, [program, socket, String(workers)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  opened.defer(() => stop(child));
  await until('the cluster listens', () => existsSync(socket), 30_000);
  return `upstream portcullis {\n  server unix:${socket};\n}`;
}

function serverBlock(port: number, name: string, upstream: string, root: string): string {
  return `
  ${upstream.replace('upstream portcullis', `upstream ${name}`).replace('zone portcullis', `zone ${name}`)}
  server {
    listen 127.0.0.1:${port};
    keepalive_requests 1000000;
    location / {
      include /etc/nginx/uwsgi_params;
      uwsgi_pass ${name};
    }
    location ^~ /portcullis-internal/acme/el9/!/ {
      internal;
      alias ${root}/;
    }
  }`;
}

const widths = [28, 12, 8, 10, 10, 8, 14, 10, 10, 8];

function print(measured: ReadonlyMap<string, readonly Measured[]>, seconds: number): void {
  const rateOf = ({ full }: Measured): number => full.requestsPerSecond;
  const tailOf = ({ full }: Measured): number => full.p99;
  const pacedTailOf = ({ paced }: Measured): number => paced.p99;
  const [first = []] = measured.values();
  const ratio = (list: readonly Measured[], value: (one: Measured) => number): string =>
    (median(list, value) / median(first, value)).toFixed(2);
  console.log(`\nHow connections reach ${workers} workers, ${seconds} s a measurement`);
  console.log(
    `First ${closedLoop.connections} connections as fast as they can, then ${pace.connections} that wait ${pace.milliseconds} ms each time\n`,
  );
  const columns = ['requests/s', 'ratio', 'p50 ms', 'p99 ms', 'ratio'];
  printRow(['way', ...columns, 'at requests/s', ...columns.slice(2)], widths);
  for (const [name, list] of measured) {
    printRow(
      [
        name,
        median(list, rateOf).toFixed(0),
        ratio(list, rateOf),
        median(list, ({ full }) => full.p50).toFixed(2),
        median(list, tailOf).toFixed(2),
        ratio(list, tailOf),
        median(list, ({ paced }) => paced.requestsPerSecond).toFixed(0),
        median(list, ({ paced }) => paced.p50).toFixed(2),
        median(list, pacedTailOf).toFixed(2),
        ratio(list, pacedTailOf),
      ],
      widths,
    );
  }
  console.log('\nratio: to one shared socket in this run');
}
