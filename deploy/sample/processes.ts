/** The sample's servers: children that end with it, whatever ends it. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:https';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ListenAddress } from '../../src/listen-address.ts';
import { loopback } from './ports.ts';

/** How long a server may take to end before it is killed, in milliseconds. */
const stopMsMax = 15_000;
const pollMs = 50;
/** How long one request may wait for its answer, in milliseconds. */
const answerMsMax = 5000;
/** The least of the statuses by which nginx says that nobody answers behind it. */
const badGateway = 502;

export interface Server {
  readonly name: string;
  readonly child: ChildProcess;
}

/** In a process group of its own: Ctrl-C then reaches the sample alone, which stops both in order. */
export function startServer(name: string, command: string, args: readonly string[]): Server {
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], detached: true });
  return { name, child };
}

/** Rejects when the server ends, with a sentence that says so. */
export async function ended({ name, child }: Server): Promise<never> {
  const [code, signal] = await once(child, 'exit');
  throw new Error(`${name} ended with ${signal ?? code}; what it wrote is above`);
}

/** @throws Error when somebody listens at one of `addresses` before we do */
export async function refuseOccupied(addresses: readonly ListenAddress[]): Promise<void> {
  for (const address of addresses) {
    if (!(await accepts(address))) continue;
    const place = address.type === 'unix' ? address.path : `port ${address.port}`;
    throw new Error(`Cannot start: somebody listens at ${place} already; stop that first`);
  }
}

/**
 * Settles when Portcullis itself has answered at this port, or at the abort. That somebody listens is
 * not enough: nginx does, and the primary, before a worker serves.
 */
export async function answering(port: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && !(await answers(port))) await sleep(pollMs);
}

/** Whose certificate it is does not matter here: nothing is sent, and nothing is believed. */
async function answers(port: number): Promise<boolean> {
  const asked = request({ host: loopback, port, method: 'HEAD', rejectUnauthorized: false });
  asked.setTimeout(answerMsMax, () => asked.destroy());
  asked.end();
  try {
    const [response] = await once(asked, 'response');
    return response.statusCode < badGateway;
  } catch {
    return false;
  } finally {
    asked.destroy();
  }
}

async function accepts(address: ListenAddress): Promise<boolean> {
  const socket = connect(address.type === 'unix' ? { path: address.path } : address);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

export async function stopServer({ child }: Server): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), stopMsMax);
  await exit;
  clearTimeout(killer);
}
