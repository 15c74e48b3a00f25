/** A running instance, primary and workers, as the end-to-end tests of the pool need it. */

import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { readStatus } from '../../src/cli/status/read-status.ts';
import type { PortcullisStatus, PortcullisWorker } from '../../src/metrics/portcullis-status.ts';
import { type LogLine, portcullisProgram } from '../support/portcullis.ts';
import { stop, until } from '../support/processes.ts';
import type { TemporaryDirectory } from '../support/temporary.ts';

/** How long anything may take on a machine that does other work at the same time, milliseconds. */
export const patienceMs = 60_000;

export interface Instance extends AsyncDisposable {
  /** The primary. */
  readonly child: ChildProcess;
  /** The configuration file. */
  readonly file: string;
  /** Resolves with the exit status of the primary, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
  /** What it wrote to its standard outputs. */
  output(): string;
  /** The lines of its log, of all processes. */
  log(): readonly LogLine[];
  /** Waits for the first line with these fields, and gives it. */
  line(fields: LogLine): Promise<LogLine>;
  status(): Promise<PortcullisStatus>;
  /** Waits until so many workers serve, and no other one is there. @param timeoutMs patience */
  whole(workers: number, timeoutMs?: number): Promise<readonly PortcullisWorker[]>;
  /** Writes the configuration file anew. */
  configure(configuration: object): void;
}

export interface InstanceOptions {
  /** What starts the primary, before node and its arguments. */
  readonly wrapper?: readonly string[];
  readonly spawn?: SpawnOptions;
}

/** Starts `serve`, with its log and its statistics in `directory`; does not wait for it. */
export function startInstance(
  directory: TemporaryDirectory,
  configuration: object,
  { wrapper = [], spawn: spawnOptions }: InstanceOptions = {},
): Instance {
  const file = directory.file('portcullis.yaml');
  const logFile = directory.file('portcullis.log');
  const stats = directory.file('stats.sock');
  const configure = (settings: object): void => {
    const own = { log: { file: logFile }, monitor: { stats: { address: `unix:${stats}` } } };
    writeFileSync(file, JSON.stringify({ ...own, ...settings }));
  };
  configure(configuration);
  const line = [...wrapper, process.execPath, portcullisProgram, 'serve', '--config', file];
  const child = spawn(line[0] ?? '', line.slice(1), {
    ...spawnOptions,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const ended = once(child, 'exit').then(([code, signal]) => code ?? signal);
  const instance: Omit<Instance, 'line' | 'whole'> = {
    ...{ child, file, ended, configure },
    output: () => output,
    log: () => readLog(logFile),
    status: () => statusAt(stats),
    [Symbol.asyncDispose]: () => stop(child),
  };
  return {
    ...instance,
    line: (fields) => findLine(instance, fields),
    whole: (workers, timeoutMs) => untilWhole(instance, workers, timeoutMs),
  };
}

/** @throws Error when nobody tells it */
export async function statusAt(path: string): Promise<PortcullisStatus> {
  const reading = await readStatus({ type: 'unix', path });
  if ('status' in reading) return reading.status;
  throw new Error('problem' in reading ? reading.problem : 'it is an emperor');
}

/** What follows the last line feed may be half a line. */
export function readLog(file: string): readonly LogLine[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line));
}

async function findLine(instance: Omit<Instance, 'line' | 'whole'>, fields: LogLine) {
  const find = (): LogLine | undefined =>
    instance
      .log()
      .find((line) => Object.entries(fields).every(([name, value]) => line[name] === value));
  const what = `the line ${JSON.stringify(fields)}`;
  await until(what, () => isThereOrEnded(find() !== undefined, instance), patienceMs);
  return find() ?? {};
}

async function untilWhole(
  instance: Omit<Instance, 'line' | 'whole'>,
  workers: number,
  timeoutMs = patienceMs,
): Promise<readonly PortcullisWorker[]> {
  let serving: readonly PortcullisWorker[] = [];
  const isWhole = async (): Promise<boolean> => {
    const status = await instance.status().catch(() => undefined);
    serving = status?.workers ?? [];
    const isServing = serving.every(({ phase }) => phase === 'serving');
    return isThereOrEnded(isServing && serving.length === workers, instance);
  };
  await until(`${workers} workers serve`, isWhole, timeoutMs);
  return serving;
}

/** @throws Error when there is nothing left to wait for */
function isThereOrEnded(isThere: boolean, { child, output }: Pick<Instance, 'child' | 'output'>) {
  const hasEnded = child.exitCode !== null || child.signalCode !== null;
  if (!isThere && hasEnded) throw new Error(`the instance ended: ${output()}`);
  return isThere;
}
