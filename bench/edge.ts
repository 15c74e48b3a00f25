/** Requests per second with decisions that nginx remembers, beside nginx alone: plain, and over TLS. */

import { existsSync } from 'node:fs';
import { runOk } from '../test/support/processes.ts';
import { createEdgePeers, type EdgePeer, fileKibibytes } from './edge-peers.ts';
import { cpuMicroseconds, load } from './measure.ts';
import { inRounds, median, printRow } from './rounds.ts';

const connections = 32;
const widths = [34, 12, 8, 16, 8];

interface Measured {
  readonly rate: number;
  /** CPU time of nginx for each request. */
  readonly cpu: number;
}

/** @param seconds of each measurement */
export async function compareEdge(seconds: number): Promise<void> {
  await using peers = await createEdgePeers();
  for (const size of fileKibibytes) {
    const file = `${size}.rpm`;
    await compare(`plain, ${size} KiB`, peers.plain, ({ url }) => loadPlain(url + file, seconds));
    await compare(`TLS with client certificates, ${size} KiB`, peers.tls, ({ url }) =>
      loadTls(url + file, peers.clientFile, seconds),
    );
  }
  console.log('\nratio: to nginx static in the same rounds; CPU: of nginx, without whom it asks');
}

interface Load {
  readonly requests: number;
  readonly requestsPerSecond: number;
}

async function compare(
  title: string,
  peers: readonly EdgePeer[],
  loadOf: (peer: EdgePeer) => Promise<Load>,
): Promise<void> {
  const measure = async (peer: EdgePeer): Promise<Measured> => {
    const before = cpuOf(peer);
    const { requests, requestsPerSecond } = await loadOf(peer);
    return { rate: requestsPerSecond, cpu: (cpuOf(peer) - before) / requests };
  };
  for (const peer of peers) await measure(peer);
  const measured = await inRounds(peers, measure);
  const [alone = []] = measured.values();
  const baseline = medians(alone);
  console.log(`\nDecisions that nginx remembers: ${title}\n`);
  printRow(['', 'requests/s', 'ratio', 'CPU µs/request', 'ratio'], widths);
  for (const [name, list] of measured) {
    const { rate, cpu } = medians(list);
    const ratios = [rate / baseline.rate, baseline.cpu / cpu].map((ratio) => ratio.toFixed(2));
    printRow([name, rate.toFixed(0), ratios[0] ?? '', cpu.toFixed(0), ratios[1] ?? ''], widths);
  }
}

function medians(list: readonly Measured[]): Measured {
  return { rate: median(list, ({ rate }) => rate), cpu: median(list, ({ cpu }) => cpu) };
}

function cpuOf({ pids }: EdgePeer): number {
  return pids.reduce(
    (sum, pid) => sum + (existsSync(`/proc/${pid}`) ? cpuMicroseconds(pid) : 0),
    0,
  );
}

function loadPlain(url: string, seconds: number): Promise<Load> {
  return load({ url, connections, seconds });
}

/** wrk has no client certificates; ab has, and keeps its connections. */
async function loadTls(url: string, clientFile: string, seconds: number): Promise<Load> {
  const args = ['-q', '-k', '-t', String(seconds), '-n', '10000000', '-c', String(connections)];
  const limits = { timeoutMs: seconds * 1000 + 60_000 };
  const text = (await runOk('ab', [...args, '-E', clientFile, url], limits)).toString();
  const failed = Number(/Failed requests:\s+(\d+)/.exec(text)?.[1]);
  if (failed > 0 || text.includes('Non-2xx'))
    throw new Error(`${url} did not answer well:\n${text}`);
  return {
    requests: Number(/Complete requests:\s+(\d+)/.exec(text)?.[1]),
    requestsPerSecond: Number(/Requests per second:\s+([\d.]+)/.exec(text)?.[1]),
  };
}
