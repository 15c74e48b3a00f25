/** A large file by `portcullis-admin` through nginx, killed half-way and resumed; what it takes is watched. */

import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { until } from '../support/processes.ts';
import type { RepositorySite } from './repository-site.ts';
import type { Administration } from './site-administration.ts';

/** What was seen of it. */
export interface InterruptedUpload {
  readonly seconds: number;
  /** What the server had when the client was killed, in mebibytes. */
  readonly killedAt: number;
  /** Where the client went on, in mebibytes. */
  readonly resumedAt: number;
  /** What each process had resident: beside what it has for nothing, which is Node and our code. */
  readonly resident: { readonly api: Resident; readonly client: Resident };
}

/** In mebibytes. */
export interface Resident {
  /** Of a server that has answered calls, of a client that makes one small call. */
  readonly without: number;
  /** The most at any time. */
  readonly peak: number;
}

/** How long all of it may take, in milliseconds. */
const uploadMsMax = 900_000;
const mebibyte = 1024 ** 2;

/** Uploads `file` into an ISO repository. */
export async function uploadWithInterruption(
  site: RepositorySite,
  { admin, begin }: Administration,
  { repository, file, bytes }: { repository: string; file: string; bytes: number },
): Promise<InterruptedUpload> {
  const without = await watch(begin('status'));
  const { workers } = await site.instance.status();
  const api = workers.find(({ pool }) => pool === 'api')?.pid;
  const idle = beginPeak(api);
  const begun = performance.now();
  const words = ['iso', 'repo', 'uploads'];
  const first = begin(...words, 'upload', '--repo-id', repository, '--file', file);
  const sent = await untilHalfSent(site, first, bytes / 2);
  const clientPeak = residentOf(first.pid).peak;
  first.kill('SIGKILL');
  await once(first, 'close');
  const listed = await admin(...words, 'list');
  assert.match(listed.out, new RegExp(`${sent.id} +${repository}`), listed.err);
  const second = begin('--verbose', ...words, 'resume');
  const { text, peak } = await watch(second);
  assert.equal(second.exitCode, 0, text);
  // Of each call the path is told: the first chunk says where it went on.
  const offset = Number(text.match(/PUT \S*\/uploads\/[^/\s]+\/(\d+)\//)?.[1] ?? 0);
  assert.ok(offset >= sent.bytes && offset < bytes, `it went on at ${offset} of ${sent.bytes}`);
  return {
    seconds: (performance.now() - begun) / 1000,
    killedAt: sent.bytes / mebibyte,
    resumedAt: offset / mebibyte,
    resident: {
      api: { without: idle, peak: residentOf(api).peak },
      client: { without: without.peak, peak: Math.max(clientPeak, peak) },
    },
  };
}

async function untilHalfSent(
  { api }: RepositorySite,
  client: ChildProcess,
  half: number,
): Promise<{ readonly id: string; readonly bytes: number }> {
  let sent = { id: '', bytes: 0 };
  const isHalf = async (): Promise<boolean> => {
    assert.equal(client.exitCode, null, 'the client ended before it was killed');
    const { upload_ids: ids } = await api.ok('GET', '/v2/content/uploads/');
    const [id] = ids;
    if (id === undefined) return false;
    const { size } = await api.ok('GET', `/v2/content/uploads/${id}/`);
    sent = { id, bytes: size };
    return size >= half;
  };
  await until('half of the file is sent', isHalf, uploadMsMax);
  return sent;
}

/** Waits for its end. @returns all that it wrote, and the most that it had resident */
async function watch(
  child: ChildProcess,
): Promise<{ readonly text: string; readonly peak: number }> {
  let text = '';
  const append = (chunk: Buffer): void => {
    text += chunk.toString();
  };
  child.stdout?.on('data', append);
  child.stderr?.on('data', append);
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, residentOf(child.pid).peak);
  }, 20);
  const killer = setTimeout(() => child.kill('SIGKILL'), uploadMsMax);
  await once(child, 'close');
  clearInterval(timer);
  clearTimeout(killer);
  return { text, peak };
}

/** Forgets what the process had before. @returns what it has now, in mebibytes */
function beginPeak(pid: number | undefined): number {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
  return residentOf(pid).now;
}

/** In mebibytes; nothing of a process that is not there any more. */
function residentOf(pid: number | undefined): { readonly now: number; readonly peak: number } {
  const status = statusOf(pid);
  const of = (name: string): number =>
    Number(status.match(`${name}:\\s+(\\d+) kB`)?.[1] ?? 0) / 1024;
  return { now: of('VmRSS'), peak: of('VmHWM') };
}

function statusOf(pid: number | undefined): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}

/** Bytes that no compression makes less of. */
export async function writeRandomFile(file: string, bytes: number): Promise<void> {
  await using handle = await open(file, 'w');
  const buffer = Buffer.alloc(mebibyte);
  for (let written = 0; written < bytes; written += buffer.length) {
    randomFillSync(buffer);
    await handle.write(buffer, 0, Math.min(buffer.length, bytes - written));
  }
}

/** How many artifacts there are. */
export function artifactCount({ storage }: Pick<RepositorySite, 'storage'>): number {
  const found = readdirSync(`${storage}/artifacts`, { recursive: true, withFileTypes: true });
  return found.filter((entry) => entry.isFile()).length;
}
