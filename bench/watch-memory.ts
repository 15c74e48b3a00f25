/** The memory of one worker over many requests for content: whether it grows, and by how much. */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startWrk } from '../test/e2e/load.ts';
import { type Instance, startInstance } from '../test/e2e/pool.ts';
import { writeTree } from '../test/support/application.ts';
import { startNginx } from '../test/support/nginx.ts';
import { freePort } from '../test/support/processes.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../test/support/temporary.ts';
import type { MemorySample } from './memory-probe.ts';
import { printRow } from './rounds.ts';

interface Point extends Omit<MemorySample, 'time'> {
  readonly requests: number;
}

const mebibyte = 1024 * 1024;

/** @param requests so many */
export async function watchMemory(requests: number): Promise<void> {
  using directory = temporaryDirectory();
  const memoryFile = directory.file('memory.jsonl');
  await using instance = startWorker(directory, memoryFile);
  await instance.whole(1);
  const port = await freePort();
  await using _nginx = await startNginx(serverBlock(directory, port));
  const url = `http://127.0.0.1:${port}/pulp/repos/acme/el9/repodata/repomd.xml`;
  await using wrk = startWrk(directory, url, { connections: 32, delayMs: 0 });
  const counts = await countRequests(instance, requests);
  const { failures } = await wrk.stop();
  if (failures.length > 0) throw new Error(`requests failed: ${failures.join(' ')}`);
  print(requests, pointsOf(readSamples(memoryFile), counts));
}

/** Its log is that of a service without a line for each request, which would be half a gigabyte. */
function startWorker(directory: TemporaryDirectory, memoryFile: string): Instance {
  const root = directory.file('root');
  writeTree(root, { 'repodata/repomd.xml': 'x'.repeat(4096) });
  const uwsgi = { address: `unix:${directory.file('content.sock')}`, handOff: 'x-accel-redirect' };
  const configuration = {
    workers: 1,
    log: { file: directory.file('portcullis.log'), level: 'warn' },
    listen: { uwsgi },
    distributions: [
      { relativeUrl: 'acme/el9', root, access: { address: { allow: ['127.0.0.1'] } } },
    ],
  };
  const probe = path.join(import.meta.dirname, 'memory-probe.ts');
  const environment = {
    NODE_OPTIONS: `--expose-gc --import ${probe}`,
    BENCH_MEMORY_FILE: memoryFile,
  };
  return startInstance(directory, configuration, {
    spawn: { env: { ...process.env, ...environment } },
  });
}

function serverBlock(directory: TemporaryDirectory, port: number): string {
  return `
  server {
    listen 127.0.0.1:${port};
    keepalive_requests 1000000000;
    location / {
      include /etc/nginx/uwsgi_params;
      uwsgi_pass unix:${directory.file('content.sock')};
    }
    location ^~ /portcullis-internal/acme/el9/!/ {
      internal;
      alias ${directory.file('root')}/;
      disable_symlinks on from=${directory.file('root')};
    }
  }`;
}

interface Count {
  readonly time: number;
  readonly requests: number;
}

/** Looks twice a second how many there were, until there were so many. */
async function countRequests(instance: Instance, requests: number): Promise<readonly Count[]> {
  const counts: Count[] = [];
  for (let done = 0; done < requests; ) {
    await sleep(500);
    done = (await instance.status()).requests;
    counts.push({ time: Date.now(), requests: done });
    if (counts.length % 20 === 0) console.error(`${done} of ${requests} requests`);
  }
  return counts;
}

function readSamples(file: string): readonly MemorySample[] {
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line));
}

/** Each sample with the number of requests at its time. */
function pointsOf(samples: readonly MemorySample[], counts: readonly Count[]): readonly Point[] {
  return samples.flatMap(({ time, ...memory }) => {
    const count = counts.find((one) => one.time >= time);
    return count === undefined ? [] : [{ requests: count.requests, ...memory }];
  });
}

function print(requests: number, points: readonly Point[]): void {
  const widths = [16, 12, 12];
  const mebibytes = (bytes: number): string => (bytes / mebibyte).toFixed(1);
  console.log(`\nMemory of one worker over ${requests} requests for content\n`);
  printRow(['requests', 'RSS MiB', 'heap MiB'], widths);
  for (let tenth = 1; tenth <= 10; tenth += 1) {
    const point = points.findLast((one) => one.requests <= (requests * tenth) / 10);
    if (point === undefined) continue;
    printRow([`${point.requests}`, mebibytes(point.rss), mebibytes(point.heap)], widths);
  }
  const later = points.filter((one) => one.requests >= requests / 10);
  const slope = (value: (point: Point) => number): string => slopeOf(later, value).toFixed(2);
  console.log(
    `\nAfter the first tenth: RSS ${slope(({ rss }) => rss)}, heap ${slope(({ heap }) => heap)} bytes a request`,
  );
  console.log('heap: what is reachable after a collection, buffers included');
}

/** Of the line with the least squares, bytes for each request. */
function slopeOf(points: readonly Point[], value: (point: Point) => number): number {
  const meanOf = (get: (point: Point) => number): number =>
    points.reduce((sum, point) => sum + get(point), 0) / points.length;
  const x = meanOf(({ requests }) => requests);
  const y = meanOf(value);
  const above = meanOf((point) => (point.requests - x) * (value(point) - y));
  return above / meanOf(({ requests }) => (requests - x) ** 2);
}
