/** What requests feel of a revocation list of a million entries that is read meanwhile. */

import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { readVerifiedLists } from '../src/revocation/verify-lists.ts';
import { hugeList, makeList, spreadSerial } from '../test/revocation/list-maker.ts';
import { writeTree } from '../test/support/application.ts';
import { type Credential, createPki, type Pki } from '../test/support/pki.ts';
import { type Portcullis, startPortcullis } from '../test/support/portcullis.ts';
import { freePort, until } from '../test/support/processes.ts';
import { type LoadResult, load } from './measure.ts';
import { inRounds, median, printRow } from './rounds.ts';

const entries = 1_000_000;
const connections = 32;
const delayMs = 20;

/** Lists that are put into place in one measurement, one after the other. */
const listsEach = 2;
const rounds = 3;

/** @param seconds of each measurement */
export async function measureRevocationLists(seconds: number): Promise<void> {
  using pki = createPki();
  const authority = await pki.authority();
  const client = await pki.client(authority);
  const lists = await writeLists(pki, authority);
  printReading(pki, authority, lists);
  const port = await freePort();
  await using portcullis = await startServer(pki, authority, port);
  const options = {
    url: `http://127.0.0.1:${port}/pulp/repos/a/file`,
    connections,
    seconds,
    script: writeScript(pki, client),
  };
  await load(options);
  const before = residentMebibytes(portcullis);
  const readBefore = listsRead(portcullis);
  const measured = await inRounds([{ name: 'quiet' }, { name: 'reading' }], async ({ name }) => {
    const given = name === 'quiet' ? [] : lists.splice(0, listsEach);
    const [result] = await Promise.all([load(options), putInForce(pki, given, seconds)]);
    return result;
  });
  const wasRead = () => listsRead(portcullis) - readBefore === rounds * listsEach;
  await until('all lists were read', wasRead, 60_000);
  print(measured, seconds, residentMebibytes(portcullis) - before);
}

/** The files, each with a higher number than the one before. */
async function writeLists(pki: Pki, authority: Credential): Promise<string[]> {
  writeFileSync(pki.file('list.crl'), await makeList(authority));
  const files: string[] = [];
  for (let number = 2n; files.length < rounds * listsEach; number += 1n) {
    const template = await makeList(authority, { number });
    const file = pki.write(`${number}.crl`);
    writeFileSync(file, hugeList(authority, template, spreadSerial, entries));
    files.push(file);
  }
  return files;
}

function printReading(pki: Pki, { der }: Credential, [file = '']: readonly string[]): void {
  const source = new Uint8Array(readFileSync(file));
  const start = performance.now();
  const read = readVerifiedLists({ source, authorities: [der], now: Date.now() / 1000 });
  const milliseconds = performance.now() - start;
  if ('problem' in read) throw new Error(`the list of ${pki.directory} is wrong: ${read.problem}`);
  const megabytes = (source.length / 1e6).toFixed(1);
  console.log(
    `\n${entries} entries, ${megabytes} MB: read and verified in ${milliseconds.toFixed(0)} ms`,
  );
}

function startServer(pki: Pki, { certificatePath }: Credential, port: number): Promise<Portcullis> {
  writeTree(pki.file('root'), { file: 'x'.repeat(4096) });
  const certificate = { ca: certificatePath, crl: pki.file('list.crl') };
  const headers = { clientCertificate: 'X-Client-Cert' };
  const configuration = {
    listen: { http: { address: `127.0.0.1:${port}`, trustedPeers: ['127.0.0.1'], headers } },
    distributions: [{ relativeUrl: 'a', root: pki.file('root'), access: { certificate } }],
  };
  return startPortcullis(configuration, ['--single-process']);
}

function writeScript(pki: Pki, { certificate }: Credential): string {
  const header = `wrk.headers["X-Client-Cert"] = "${encodeURIComponent(certificate)}"`;
  return pki.write('load.lua', `${header}\nfunction delay() return ${delayMs} end\n`);
}

/** Evenly over the measurement; this process does next to nothing meanwhile. */
async function putInForce(pki: Pki, files: readonly string[], seconds: number): Promise<void> {
  for (const file of files) {
    await sleep((seconds * 1000) / (2 * listsEach));
    renameSync(file, pki.file('list.crl'));
    await sleep((seconds * 1000) / (2 * listsEach));
  }
}

function listsRead({ log }: Portcullis): number {
  return log().filter(({ message }) => message === 'A revocation list is in force').length;
}

function residentMebibytes({ child }: Portcullis): number {
  const status = readFileSync(`/proc/${child.pid}/status`, 'latin1');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

const widths = [20, 12, 10, 10, 8];

function print(
  measured: ReadonlyMap<string, readonly LoadResult[]>,
  seconds: number,
  mebibytes: number,
): void {
  console.log(`${connections} connections that wait ${delayMs} ms each time, ${seconds} s\n`);
  printRow(['while', 'requests/s', 'p50 ms', 'p99 ms', 'ratio'], widths);
  const quiet = median(measured.get('quiet') ?? [], ({ p99 }) => p99);
  for (const [name, list] of measured) {
    const p99 = median(list, (one) => one.p99);
    const rate = median(list, ({ requestsPerSecond }) => requestsPerSecond).toFixed(0);
    const p50 = median(list, (one) => one.p50).toFixed(2);
    printRow([name, rate, p50, p99.toFixed(2), (p99 / quiet).toFixed(2)], widths);
  }
  console.log(`\nresident memory of the worker afterwards: ${mebibytes.toFixed(0)} MiB more`);
  console.log('ratio: of the p99, to that of the quiet in this run');
}
