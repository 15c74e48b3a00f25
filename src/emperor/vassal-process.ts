/** One process of a vassal: started, spoken to, signalled, and its end noticed. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../errors.ts';
import { createMessageBudget, parseFromVassal } from './hear-vassal.ts';
import { createLineReader } from './lines.ts';
import {
  configurationBytesMax,
  type FromVassal,
  type ToVassal,
  vassalDescriptor,
  vassalLineBytesMax,
} from './messages.ts';
import type { Owner, Urgency } from './vassal.ts';
import { followOutput } from './vassal-output.ts';

/** What runs a vassal: `portcullis serve --vassal`. */
export interface VassalCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface VassalEvents {
  onMessage(message: FromVassal): void;
  /** It does not keep to the rules of the channel. */
  onFault(reason: string): void;
  /** A line of its output; only of one that runs as somebody else. */
  onOutput(line: string): void;
  /** @param how as `exit code 78`. Nothing follows. */
  onEnd(how: string): void;
}

export interface VassalProcess {
  /** 0 when there is no process; `onEnd` says why. */
  readonly pid: number;
  /** @returns false when the vassal does not listen, and so will not hear of it */
  send(message: ToVassal): boolean;
  /** Tells its primary, which controls the others; `kill` is for all that it has started. */
  end(urgency: Urgency): void;
  reopenLog(): void;
}

const signals: Readonly<Record<Exclude<Urgency, 'kill'>, NodeJS.Signals>> = {
  drain: 'SIGTERM',
  interrupt: 'SIGINT',
};

/** What may wait for a vassal to read, in bytes: two configurations, however they are escaped. */
const unreadBytesMax = 2 * 6 * configurationBytesMax;

/** Time in which the last words of a process that has ended may arrive, in milliseconds. */
const lastWordsMs = 500;

/**
 * Starts a session of its own, so that a signal of the terminal reaches the emperor alone, and that a
 * user's process has no terminal of the emperor's to type into.
 *
 * @param owner whom it runs as, without further groups; undefined: as the emperor
 */
export function startVassalProcess(
  command: VassalCommand,
  owner: Owner | undefined,
  events: VassalEvents,
): VassalProcess {
  const output = owner === undefined ? 'inherit' : 'pipe';
  const child = trySpawn(command, owner, output);
  if (child instanceof Error) {
    queueMicrotask(() => events.onEnd(messageOf(child)));
    return { pid: 0, send: () => false, end: () => {}, reopenLog: () => {} };
  }
  const channel = child.stdio[vassalDescriptor] as Duplex | null | undefined;
  if (channel) hear(channel, events);
  for (const stream of [child.stdout, child.stderr]) {
    if (stream !== null) followOutput(stream, (line) => events.onOutput(line));
  }
  // A signal that cannot be sent is told here as well; the end is awaited elsewhere.
  child.on('error', () => {});
  void awaitEnd(child, events);
  return {
    pid: child.pid ?? 0,
    send: (message) => send(channel, message),
    end: (urgency) => {
      if (urgency === 'kill') killGroup(child);
      else child.kill(signals[urgency]);
    },
    reopenLog: () => {
      child.kill('SIGUSR1');
    },
  };
}

/** Until its end is noticed nobody else can have its number, nor that of its group. */
function killGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, 'SIGKILL');
}

function trySpawn(
  { program, args, environment }: VassalCommand,
  owner: Owner | undefined,
  output: 'inherit' | 'pipe',
): ChildProcess | Error {
  try {
    return spawn(program, args, {
      cwd: '/',
      detached: true,
      env: { ...environment },
      stdio: ['ignore', output, output, 'pipe'],
      ...owner,
    });
  } catch (error) {
    return new Error(messageOf(error));
  }
}

function hear(channel: Duplex, { onMessage, onFault }: VassalEvents): void {
  let isFaulty = false;
  const fault = (reason: string): void => {
    if (isFaulty) return;
    isFaulty = true;
    channel.destroy();
    onFault(reason);
  };
  const isWithinBudget = createMessageBudget();
  const lines = createLineReader(vassalLineBytesMax, () =>
    fault('it sent a line that is too long'),
  );
  channel.on('data', (chunk: Buffer) => {
    for (const line of lines.read(chunk)) {
      const message = parseFromVassal(line);
      if (!isWithinBudget(performance.now())) fault('it sent too many messages');
      else if (message === undefined) fault('it sent what is no message');
      if (isFaulty || message === undefined) return;
      onMessage(message);
    }
  });
  channel.on('error', () => {});
}

function send(channel: Duplex | null | undefined, message: ToVassal): boolean {
  if (!channel?.writable || channel.writableLength > unreadBytesMax) return false;
  channel.write(`${JSON.stringify(message)}\n`);
  return true;
}

/**
 * Its last words count: they say why it has ended. What it has left running may hold its side of a
 * stream for ever, and would, end by end, use up the descriptors of the emperor.
 */
async function awaitEnd(child: ChildProcess, events: VassalEvents): Promise<void> {
  const streams = child.stdio.filter((stream) => stream !== null && stream !== undefined);
  const heard = Promise.all(streams.map((stream) => once(stream, 'close').catch(() => {})));
  let how: string;
  try {
    const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
    how = code === null ? `signal ${signal}` : `exit code ${code}`;
    await Promise.race([heard, sleep(lastWordsMs, undefined, { ref: false })]);
  } catch (error) {
    how = `it cannot be started: ${messageOf(error)}`;
  }
  for (const stream of streams) stream.destroy();
  events.onEnd(how);
}
