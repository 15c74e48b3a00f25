/** A primary with real workers on a real socket, as tests need it. */

import { once } from 'node:events';
import { connect } from 'node:net';
import path from 'node:path';
import { createLogger } from '../../src/log.ts';
import type { Timing } from '../../src/workers/decisions/timing.ts';
import type { WorkerReport } from '../../src/workers/messages.ts';
import {
  type InstancePlan,
  type ListenerPlan,
  type Supervision,
  sameOwner,
} from '../../src/workers/plan.ts';
import { startPrimary } from '../../src/workers/primary.ts';
import type { Primary, WorkerProgram, WorkerView } from '../../src/workers/primary-types.ts';
import { BoundSockets } from '../../src/workers/sockets/bound-sockets.ts';
import { until } from '../support/processes.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';
import type { FixturePayload } from './fixtures/worker.ts';
import { directoryAccess } from './sockets/socket-support.ts';

/** Short, but long enough for a machine that does other work at the same time. */
const supervision: Supervision = {
  heartbeatSeconds: 0.1,
  silenceSeconds: 1.5,
  answerSeconds: 0.5,
  abortSeconds: 0.3,
  bootSeconds: 20,
  drainSeconds: 3,
  requestSeconds: 0.5,
  backOffSeconds: 0.05,
  backOffSecondsMax: 0.2,
  bootAttemptsMax: 3,
  recycle: { requests: 0, ageSeconds: 0, memoryBytes: 0, jitter: 0 },
  memoryBytesMax: 0,
};

const timing: Timing = {
  earlyDeathMs: 10_000,
  recycleMsMin: 100,
  overdueGraceMs: 100,
  drainGraceMs: 200,
  dismissMs: 1000,
};

export interface PoolOptions extends FixturePayload {
  readonly workers?: number;
  readonly supervision?: Partial<Supervision>;
  readonly sockets?: 'shared' | 'worker';
  /** Of the socket; two plans may differ in it. */
  readonly name?: string;
  /** Instead of node. */
  readonly command?: string;
}

export interface LogLine {
  readonly message: string;
  readonly cause?: string;
  readonly worker?: number;
  readonly pid?: number;
  readonly how?: string;
  readonly reason?: string;
  readonly version?: string;
  readonly earlyDeaths?: number;
}

export class RunningPool implements AsyncDisposable {
  readonly lines: LogLine[] = [];
  readonly ended: { readonly report: WorkerReport; readonly worker: WorkerView }[] = [];
  readonly primary: Primary;
  readonly #directory: TemporaryDirectory;
  readonly #sockets: BoundSockets;

  static async start(options: PoolOptions = {}): Promise<RunningPool> {
    const directory = temporaryDirectory();
    const sockets = new BoundSockets({ directory: directoryAccess, passed: [], warn: () => {} });
    await sockets.open(makePlan(directory.path, options));
    return new RunningPool(directory, sockets, options);
  }

  private constructor(directory: TemporaryDirectory, sockets: BoundSockets, options: PoolOptions) {
    this.#directory = directory;
    this.#sockets = sockets;
    this.primary = startPrimary(this.plan(options), {
      program: { ...workerProgram, ...(options.command && { command: options.command }) },
      sockets,
      timing,
      log: createLogger({
        level: 'debug',
        write: (line) => this.lines.push(JSON.parse(line) as LogLine),
      }),
      onWorkerEnded: (report, worker) => this.ended.push({ report, worker }),
    });
  }

  plan(options: PoolOptions): InstancePlan {
    return makePlan(this.#directory.path, options);
  }

  file(name: string): string {
    return this.#directory.file(name);
  }

  /** What the worker that took the connection answers; empty when it ended instead. */
  ask(line: string, socket = 'pool.sock'): Promise<string> {
    return askAt(this.#directory.file(socket), line);
  }

  get pids(): readonly number[] {
    return this.primary.view().workers.map(({ pid }) => pid);
  }

  linesOf(message: string): readonly LogLine[] {
    return this.lines.filter((line) => line.message === message);
  }

  /** Waits for the first line of `message`. */
  async line(message: string, matches: Partial<LogLine> = {}): Promise<LogLine> {
    const find = (): LogLine | undefined =>
      this.linesOf(message).find((line) =>
        Object.entries(matches).every(([name, value]) => line[name as keyof LogLine] === value),
      );
    await until(
      `the line ${message} ${JSON.stringify(matches)}`,
      () => find() !== undefined,
      30_000,
    );
    return find() ?? { message };
  }

  async whole(workers: number): Promise<void> {
    const isWhole = (): boolean => {
      const view = this.primary.view();
      return (
        view.workers.length === workers && view.workers.every(({ phase }) => phase === 'serving')
      );
    };
    await until(`${workers} workers serve`, isWhole, 30_000);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.primary.interrupt();
    await this.primary.done;
    this.#sockets.close();
    this.#directory[Symbol.dispose]();
  }
}

export const workerProgram: WorkerProgram = {
  command: process.execPath,
  args: [path.join(import.meta.dirname, 'fixtures/worker.ts')],
  environment: { PATH: process.env.PATH },
};

export async function askAt(socket: string, line: string): Promise<string> {
  const connection = connect(socket);
  connection.setEncoding('utf8');
  connection.write(`${line}\n`);
  let answer = '';
  connection.on('data', (text: string) => {
    answer += text;
  });
  const [hadError] = await once(
    connection.on('error', () => {}),
    'close',
  );
  return hadError === true && answer === '' ? 'error' : answer;
}

/** @param directory of the socket */
export function makePlan(
  directory: string,
  {
    workers = 1,
    sockets = 'shared',
    name = 'pool.sock',
    supervision: changes,
    ...payload
  }: PoolOptions,
): InstancePlan {
  const listener: ListenerPlan = {
    name: 'uwsgi',
    address: { type: 'unix', path: path.join(directory, name) },
    sockets,
    mode: 0o600,
    owner: sameOwner,
  };
  return {
    pools: [{ name: 'main', workers, listeners: [listener] }],
    supervision: { ...supervision, ...changes },
    payload,
  };
}
