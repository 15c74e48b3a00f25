/** A large file by `portcullis-admin` through nginx, killed half-way and resumed; what it takes is watched. */

import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { until } from '../support/processes.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { type RepositorySite, startRepositorySite } from './repository-site.ts';
import { type Administration, administerSite } from './site-administration.ts';

/** What was seen of it. */
export interface InterruptedUpload {
  readonly seconds: number;
  /** What the server had when the client was killed, in mebibytes. */
  readonly killedAt: number;
  /** Where the client went on, in mebibytes. */
  readonly resumedAt: number;
  readonly memory: { readonly api: Memory; readonly client: Memory };
}

/**
 * What a process has for itself, in megabytes of 1,000,000 bytes (RssAnon, proc_pid_status(5)): not the pages of
 * Node's own file, which all of them share, and which the kernel takes back.
 */
export interface Memory {
  /** Of a server that has answered calls, of a client that makes one small call. */
  readonly without: number;
  /** The most that was seen at any time. */
  readonly peak: number;
}

/** How long all of it may take, in milliseconds. */
const uploadMsMax = 900_000;
const mebibyte = 1024 ** 2;

/**
 * An installation and its administrator whose programs find their code compiled, as the units of systemd have it:
 * who compiles it has 22 MB more for ever.
 */
export async function startCompiledSite(
  stack: AsyncDisposableStack,
): Promise<{ readonly site: RepositorySite; readonly administration: Administration }> {
  const kept = stack.use(temporaryDirectory());
  process.env.NODE_COMPILE_CACHE ??= kept.path;
  {
    await using first = await startRepositorySite();
    await administerSite(first);
  }
  const site = stack.use(await startRepositorySite());
  return { site, administration: await administerSite(site) };
}

/** Uploads `file` into an ISO repository. */
export async function uploadWithInterruption(
  site: RepositorySite,
  { admin, begin }: Administration,
  { repository, file, bytes }: { repository: string; file: string; bytes: number },
): Promise<InterruptedUpload> {
  const without = await watch(begin('status'));
  const { workers } = await site.instance.status();
  const api = workers.find(({ pool }) => pool === 'api')?.pid;
  const idle = memoryOf(api);
  using server = watchMemory(api);
  const begun = performance.now();
  const words = ['iso', 'repo', 'uploads'];
  const first = begin(...words, 'upload', '--repo-id', repository, '--file', file);
  const whole = watch(first);
  const sent = await stopHalfSent(site, first, bytes / 2);
  first.kill('SIGKILL');
  const killed = await whole;
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
    memory: {
      api: { without: idle, peak: server.peak() },
      client: { without: without.peak, peak: Math.max(killed.peak, peak) },
    },
  };
}

/** Looks at the disk, which is never late, and asks once the client sends no more. */
async function stopHalfSent(
  { api, storage }: RepositorySite,
  client: ChildProcess,
  half: number,
): Promise<{ readonly id: string; readonly bytes: number }> {
  const isHalf = (): boolean => {
    assert.equal(client.exitCode, null, 'the client ended before it was killed');
    return bytesBelow(`${storage}/uploads`) >= half;
  };
  await until('half of the file is sent', isHalf, uploadMsMax);
  client.kill('SIGSTOP');
  const { upload_ids: ids } = await api.ok('GET', '/v2/content/uploads/');
  const [id = ''] = ids;
  const { size } = await api.ok('GET', `/v2/content/uploads/${id}/`);
  return { id, bytes: size };
}

function bytesBelow(directory: string): number {
  const found = readdirSync(directory, { recursive: true, withFileTypes: true });
  return found
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => statSync(`${parentPath}/${name}`, { throwIfNoEntry: false }))
    .reduce((sum, stats) => sum + (stats?.size ?? 0), 0);
}

/** Waits for its end. @returns all that it wrote, and the most memory that it had */
async function watch(
  child: ChildProcess,
): Promise<{ readonly text: string; readonly peak: number }> {
  let text = '';
  const append = (chunk: Buffer): void => {
    text += chunk.toString();
  };
  child.stdout?.on('data', append);
  child.stderr?.on('data', append);
  using memory = watchMemory(child.pid);
  const killer = setTimeout(() => child.kill('SIGKILL'), uploadMsMax);
  await once(child, 'close');
  clearTimeout(killer);
  return { text, peak: memory.peak() };
}

function watchMemory(pid: number | undefined): Disposable & { peak(): number } {
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, memoryOf(pid));
  }, 20);
  return { peak: () => peak, [Symbol.dispose]: () => clearInterval(timer) };
}

/** In megabytes; nothing of a process that is not there any more. */
function memoryOf(pid: number | undefined): number {
  return (Number(/RssAnon:\s+(\d+) kB/.exec(statusOf(pid))?.[1] ?? 0) * 1024) / 1_000_000;
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
