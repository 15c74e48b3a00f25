/** A real worker process, with the test in the place of its primary. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { loadConfiguration } from '../../src/config/load.ts';
import type { WorkerPayload } from '../../src/instance/plan.ts';
import type { ListenAddress } from '../../src/listen-address.ts';
import type {
  FromWorker,
  InheritedSocket,
  StartMessage,
  ToWorker,
  WorkerReport,
} from '../../src/workers/messages.ts';
import { bindSocket } from '../../src/workers/sockets/bind.ts';
import { until } from './processes.ts';
import { repositoryRoot } from './source-tree.ts';
import { type TemporaryDirectory, temporaryDirectory } from './temporary.ts';

export const workerProgram = path.join(repositoryRoot, 'src/worker.ts');

export type LogLine = Readonly<Record<string, unknown>>;

export interface TestWorker {
  readonly child: ChildProcess;
  /** What it said, in order. */
  readonly messages: readonly FromWorker[];
  report(): WorkerReport | undefined;
  send(message: ToWorker): void;
  /** Resolves with the exit status and the signal when it has ended. */
  readonly ended: Promise<readonly [number | null, NodeJS.Signals | null]>;
}

export interface TestPool extends AsyncDisposable {
  readonly directory: TemporaryDirectory;
  /** By listener, as `uwsgi`. */
  readonly addresses: Readonly<Record<string, ListenAddress>>;
  /** Starts a worker, and waits until it serves unless told otherwise. */
  start(options?: StartOptions): Promise<TestWorker>;
  /** The lines that all workers have logged. */
  log(): readonly LogLine[];
}

export interface StartOptions {
  readonly pool?: string;
  readonly silenceSeconds?: number;
  readonly waitForReady?: boolean;
}

/**
 * Binds `listen` of a configuration, as a primary does, for workers that share its sockets.
 *
 * @param configure what would stand in the file, for a directory of its own
 */
export async function startPool(
  configure: (directory: TemporaryDirectory) => object,
  addressOf: (directory: TemporaryDirectory) => Readonly<Record<string, ListenAddress>>,
): Promise<TestPool> {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(temporaryDirectory());
  const logFile = directory.file('worker.log');
  writeFileSync(logFile, '');
  const file = directory.file('portcullis.yaml');
  writeFileSync(
    file,
    JSON.stringify({ log: { file: logFile, level: 'debug' }, ...configure(directory) }),
  );
  const loaded = await loadConfiguration({ file, environment: {}, flags: {} });
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
  const sockets = await bindAll(addressOf(directory), stack);
  const payload: WorkerPayload = { snapshot: loaded.snapshot };
  let workers = 0;
  const owned = stack.move();
  return {
    directory,
    addresses: Object.fromEntries(sockets.map(({ listener, address }) => [listener, address])),
    start: async ({ pool = 'main', silenceSeconds = 10, waitForReady = true } = {}) => {
      workers += 1;
      const worker = spawnWorker(sockets, owned);
      worker.send({
        ...{ type: 'start', worker: workers, pool, payload, primary: process.pid },
        ...{ heartbeatSeconds: 0.05, silenceSeconds },
        sockets: sockets.map((socket, index) => ({ ...socket, descriptor: 4 + index })),
      } satisfies StartMessage);
      if (waitForReady) await waitFor(worker);
      return worker;
    },
    log: () => readLog(logFile),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function bindAll(
  addresses: Readonly<Record<string, ListenAddress>>,
  stack: AsyncDisposableStack,
): Promise<readonly InheritedSocket[]> {
  const owner = { uid: undefined, gid: undefined };
  const sockets: InheritedSocket[] = [];
  for (const [listener, address] of Object.entries(addresses)) {
    const directory = { mode: 0o755, owner };
    const bound = await bindSocket({ address, mode: 0o600, owner, directory });
    stack.defer(() => bound.release());
    sockets.push({ listener, descriptor: bound.descriptor, address: bound.address });
  }
  return sockets;
}

function spawnWorker(sockets: readonly InheritedSocket[], owned: AsyncDisposableStack): TestWorker {
  const descriptors = sockets.map(({ descriptor }) => descriptor);
  const child = spawn(process.execPath, [workerProgram], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc', ...descriptors],
  });
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  owned.defer(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const messages: FromWorker[] = [];
  let report: WorkerReport | undefined;
  child.on('message', (message: FromWorker) => {
    if (message.type === 'heartbeat') report = message.report;
    messages.push(message);
  });
  return {
    ...{ child, messages, ended },
    report: () => report,
    send: (message) => child.send(message),
  };
}

async function waitFor({ child, messages }: TestWorker): Promise<void> {
  await until(
    'the worker is ready',
    () => {
      const failed = messages.find(({ type }) => type === 'failed');
      if (failed !== undefined) throw new Error(JSON.stringify(failed));
      if (child.exitCode !== null) throw new Error(`the worker ended with ${child.exitCode}`);
      return messages.some(({ type }) => type === 'ready');
    },
    30_000,
  );
}

/** What follows the last line feed may be half a line. */
function readLog(file: string): readonly LogLine[] {
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line));
}
