/** Clients that ask on and on, and keep what they got that is not exactly what it should be. */

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Agent, get } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TemporaryDirectory } from '../support/temporary.ts';

export interface Load extends AsyncDisposable {
  /** Lets what runs end, and says how it went. */
  stop(): Promise<LoadResult>;
}

export interface LoadResult {
  readonly requests: number;
  /** One sentence for each request that went wrong. */
  readonly failures: readonly string[];
}

/** How long one answer may take, on a machine that does other work at the same time. */
const answerMsMax = 60_000;

/** Asks with `ask` again and again, in `clients` loops at once. */
export function repeat(clients: number, ask: (index: number) => Promise<void>): Load {
  let isStopped = false;
  let requests = 0;
  const failures: string[] = [];
  const loop = async (index: number): Promise<void> => {
    while (!isStopped) {
      await ask(index + requests).catch((error: unknown) => failures.push(String(error)));
      requests += 1;
    }
  };
  const loops = Promise.all(Array.from({ length: clients }, (_, index) => loop(index)));
  const stop = async (): Promise<LoadResult> => {
    isStopped = true;
    await loops;
    return { requests, failures };
  };
  return { stop, [Symbol.asyncDispose]: async () => void (await stop()) };
}

/** Which answer belongs to a URL. */
export interface Expected {
  readonly url: string;
  readonly body: Buffer;
}

export interface CheckOptions {
  readonly clients: number;
  /** Before each request, milliseconds. */
  readonly pauseMs: number;
  readonly certificate?: { readonly certificate: string; readonly key: string };
}

/** Compares the length and the digest of every answer, over connections that are kept. */
export function startChecking(
  expected: readonly Expected[],
  { clients, pauseMs, certificate }: CheckOptions,
): Load {
  const agent = new Agent({
    ...{ keepAlive: true, maxSockets: clients, rejectUnauthorized: false },
    ...(certificate && { cert: certificate.certificate, key: certificate.key }),
  });
  const wanted = expected.map(({ url, body }) => ({
    ...{ url, length: body.length, digest: digestOf(body) },
  }));
  const load = repeat(clients, async (index) => {
    await sleep(pauseMs);
    const one = wanted[index % wanted.length];
    if (one !== undefined) await check(one, agent);
  });
  const stop = async (): Promise<LoadResult> => {
    const result = await load.stop();
    agent.destroy();
    return result;
  };
  return { stop, [Symbol.asyncDispose]: async () => void (await stop()) };
}

interface Wanted {
  readonly url: string;
  readonly length: number;
  readonly digest: string;
}

/** @throws Error for every answer but the wanted one */
async function check({ url, length, digest }: Wanted, agent: Agent): Promise<void> {
  const signal = AbortSignal.timeout(answerMsMax);
  const request = get(url, { agent, signal });
  try {
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}`);
    if (body.length !== length) throw new Error(`${body.length} bytes instead of ${length}`);
    if (digestOf(body) !== digest) throw new Error('other bytes');
  } catch (error) {
    throw new Error(`${new Date().toISOString()} GET ${url}: ${String(error)}`);
  }
}

function digestOf(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex');
}

export interface WrkOptions {
  readonly connections: number;
  /** Between two requests of a connection, milliseconds. */
  readonly delayMs: number;
}

/** The most that wrk runs; it is stopped before. */
const wrkSecondsMax = 600;

/** wrk, which counts every answer that is not a success and every connection that breaks. */
export function startWrk(
  directory: TemporaryDirectory,
  url: string,
  { connections, delayMs }: WrkOptions,
): Load {
  const script = directory.file('wrk.lua');
  writeFileSync(script, `function delay() return ${delayMs} end\n`);
  const child = spawn(
    'wrk',
    [
      ...['--threads', '1', '--connections', `${connections}`, '--duration', `${wrkSecondsMax}s`],
      ...['--timeout', `${answerMsMax / 1000}s`, '--script', script, url],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
  }
  const closed = once(child, 'close');
  const stop = async (): Promise<LoadResult> => {
    // It takes SIGINT as the end of its time, and prints what it has counted.
    if (child.exitCode === null) child.kill('SIGINT');
    await closed;
    const requests = Number(/(\d+) requests in/.exec(text)?.[1] ?? 0);
    const failures = text.match(/^.*(?:Non-2xx|Socket errors|unable to).*$/gm) ?? [];
    return { requests, failures };
  };
  return { stop, [Symbol.asyncDispose]: async () => void (await stop()) };
}
