/** One worker's process, as the primary holds it. */

import { type ChildProcess, spawn } from 'node:child_process';
import { messageOf } from '../errors.ts';
import type { FromWorker, InheritedSocket, StartMessage, ToWorker } from './messages.ts';
import type { WorkerProgram } from './primary-types.ts';
import type { HeldSocket } from './socket-set.ts';
import { readMessage } from './worker-messages.ts';

/** Time for the last words of a process that has ended, milliseconds: they may still be in the channel. */
export const lastWordsMsMax = 500;

/** The descriptors of a worker below its sockets: three standard ones, and the channel. */
const firstSocketDescriptor = 4;

/** A bound socket and the listener that it is for. */
export interface ListenerSocket extends HeldSocket {
  readonly listener: string;
}

export interface WorkerEvents {
  onMessage(message: FromWorker): void;
  /** Called once, and last. `how` is for people, as `exit code 1`. */
  onEnd(how: string): void;
}

export class WorkerProcess {
  readonly #events: WorkerEvents;
  readonly #child: ChildProcess | undefined;
  #hasEnded = false;

  /** A process that cannot be made counts as one that ended; nothing is thrown. */
  constructor(
    program: WorkerProgram,
    findSockets: () => readonly ListenerSocket[],
    start: Omit<StartMessage, 'type' | 'sockets'>,
    events: WorkerEvents,
  ) {
    this.#events = events;
    try {
      const sockets = findSockets();
      this.#child = spawnWorker(program, sockets);
      this.#listen(this.#child);
      this.send({ type: 'start', ...start, sockets: sockets.map(inherited) });
    } catch (error) {
      this.#endSoon(`it cannot be started: ${messageOf(error)}`);
    }
  }

  /** 0 when there is none. */
  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Lost when the worker is no longer there, or has closed its side. */
  send(message: ToWorker): void {
    if (this.#child?.connected === true) this.#child.send(message, () => {});
  }

  /** Closes the channel: the worker counts itself as orphaned, and ends. */
  dismiss(): void {
    if (this.#child?.connected === true) this.#child.disconnect();
  }

  signal(signal: 'SIGABRT' | 'SIGKILL'): void {
    if (!this.#hasEnded) this.#child?.kill(signal);
  }

  #listen(child: ChildProcess): void {
    child.on('message', (value) => {
      const message = readMessage(value);
      if (message !== undefined && !this.#hasEnded) this.#events.onMessage(message);
    });
    child.on('error', (error) => {
      if (child.pid === undefined) this.#endSoon(`it cannot be started: ${messageOf(error)}`);
    });
    child.once('exit', (code, signal) => {
      const end = (): void => this.#end(describeExit(code, signal));
      if (!child.connected) return end();
      const timer = setTimeout(end, lastWordsMsMax);
      child.once('disconnect', () => {
        clearTimeout(timer);
        end();
      });
    });
  }

  #endSoon(how: string): void {
    setImmediate(() => this.#end(how));
  }

  #end(how: string): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.dismiss();
    this.#events.onEnd(how);
  }
}

function spawnWorker(
  { command, args, environment }: WorkerProgram,
  sockets: readonly ListenerSocket[],
): ChildProcess {
  return spawn(command, args, {
    env: environment,
    // The descriptors of `inherited`, in the same order.
    stdio: ['ignore', 'inherit', 'inherit', 'ipc', ...sockets.map(({ descriptor }) => descriptor)],
  });
}

function inherited({ listener, address }: ListenerSocket, index: number): InheritedSocket {
  return { listener, address, descriptor: firstSocketDescriptor + index };
}

function describeExit(code: number | null, signal: NodeJS.Signals | null): string {
  return signal === null ? `exit code ${code}` : signal;
}
