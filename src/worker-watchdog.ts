/**
 * The watchdog of a worker: a thread of its own, because a main thread that loops for ever runs no
 * timer and hears nothing on its channel. It ends a worker whose primary is gone, and writes down
 * where a main thread is stuck.
 *
 * This file is both sides: what starts the thread, and what the thread runs.
 */

import { once } from 'node:events';
import { closeSync, openSync, writeSync } from 'node:fs';
import { type Debugger, Session } from 'node:inspector';
import { getCompileCacheDir } from 'node:module';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { messageOf, PortcullisError } from './errors.ts';
import { createLogger, type LogFields } from './log.ts';

export interface WatchdogOptions {
  /** Process id of the primary. */
  readonly primary: number;
  /** Silence of the event loop after which it counts as stuck. */
  readonly silenceSeconds: number;
  /** What each line of this worker in the log has, as its number. */
  readonly labels: LogFields;
  /** Where the log goes; undefined: standard output. */
  readonly logFile: string | undefined;
  /** The thread has ended, which it never does by itself. */
  readonly onLost: (error: Error) => void;
}

interface Watched extends Omit<WatchdogOptions, 'onLost'> {
  /** Counted up by the main thread as long as its event loop turns. */
  readonly ticks: Int32Array;
}

/** How often the thread looks, and the main thread counts, in milliseconds. */
const lookMs = 200;

/** How long a worker may go on without its primary before it is killed, in milliseconds. */
const orphanMsMax = 1200;

/** Time in which the thread has to start, in milliseconds. */
const startMsMax = 10_000;

/** Time in which a main thread that runs JavaScript can be stopped, in milliseconds. */
const pauseMsMax = 3000;

/** The frames of a stack that are written, and the characters of each. */
const framesMax = 20;
const frameCharactersMax = 160;

/**
 * Starts the thread. It does not keep the process.
 *
 * @throws PortcullisError START_REFUSED when it does not run
 */
export async function startWatchdog({ onLost, ...options }: WatchdogOptions): Promise<Disposable> {
  const ticks = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const watched: Watched = { ...options, ticks };
  try {
    const thread = new Worker(import.meta.filename, {
      ...{ workerData: watched, env: threadEnvironment(), execArgv: [] },
    });
    const signal = AbortSignal.timeout(startMsMax);
    await Promise.race([once(thread, 'message', { signal }), endOf(thread)]);
    endOf(thread).catch(onLost);
    thread.unref();
    const timer = setInterval(() => Atomics.add(ticks, 0, 1), lookMs).unref();
    return { [Symbol.dispose]: () => clearInterval(timer) };
  } catch (error) {
    const detail = `Cannot start the watchdog of a worker: ${messageOf(error)}`;
    throw new PortcullisError('START_REFUSED', detail, { cause: error });
  }
}

/** With compiled code kept, a thread compiles nothing, which took 14 MiB in each worker. */
function threadEnvironment(): NodeJS.ProcessEnv {
  const directory = getCompileCacheDir();
  return directory === undefined ? {} : { NODE_COMPILE_CACHE: directory };
}

/** Rejects when the thread ends, however it does. */
async function endOf(thread: Worker): Promise<never> {
  const [code] = await once(thread, 'exit');
  throw new Error(`the thread ended with ${code}`);
}

if (!isMainThread && parentPort !== null) {
  watch(workerData as Watched);
  parentPort.postMessage('watching');
}

function watch({ primary, silenceSeconds, labels, logFile, ticks }: Watched): void {
  let orphanedMs = 0;
  let silentMs = 0;
  let ticksBefore = 0;
  // Its own turns are the clock: a process that was stopped and goes on has missed none.
  setInterval(() => {
    orphanedMs = process.ppid === primary ? 0 : orphanedMs + lookMs;
    if (orphanedMs > orphanMsMax) process.kill(process.pid, 'SIGKILL');
    const ticksNow = Atomics.load(ticks, 0);
    const before = silentMs;
    silentMs = ticksNow === ticksBefore ? silentMs + lookMs : 0;
    ticksBefore = ticksNow;
    const limitMs = silenceSeconds * 1000;
    if (before >= limitMs || silentMs < limitMs) return;
    void tellWhereItIsStuck(labels, silenceSeconds, logFile);
  }, lookMs);
}

async function tellWhereItIsStuck(
  labels: LogFields,
  silentSeconds: number,
  logFile: string | undefined,
): Promise<void> {
  const stack = await stackOfMainThread();
  const log = createLogger({ level: 'error', write: (line) => append(line, logFile) });
  log.child(labels).error('The event loop is stuck', { pid: process.pid, silentSeconds, stack });
}

/** Stops the main thread for a moment; where it is in no JavaScript it cannot be stopped. */
async function stackOfMainThread(): Promise<readonly string[] | string> {
  const { promise, resolve } = Promise.withResolvers<readonly string[] | string>();
  const session = new Session();
  session.connectToMainThread();
  const urls = new Map<string, string>();
  session.on('Debugger.scriptParsed', ({ params }) => urls.set(params.scriptId, params.url));
  session.on('Debugger.paused', ({ params }) => {
    const frames = params.callFrames.slice(0, framesMax);
    resolve(frames.map((frame) => describeFrame(frame, urls)));
    session.post('Debugger.resume');
  });
  session.post('Debugger.enable');
  session.post('Debugger.pause');
  const limit = setTimeout(() => resolve('not in JavaScript'), pauseMsMax);
  const stack = await promise;
  clearTimeout(limit);
  session.disconnect();
  return stack;
}

function describeFrame(frame: Debugger.CallFrame, urls: ReadonlyMap<string, string>): string {
  const { functionName, location } = frame;
  const place = `${urls.get(location.scriptId) ?? ''}:${location.lineNumber + 1}`;
  return `${functionName || '(anonymous)'} ${place}`.slice(0, frameCharactersMax);
}

const standardOutput = 1;

/** One write, so that the line stays whole. A destination that fails must not end the watch. */
function append(line: string, logFile: string | undefined): void {
  try {
    if (logFile === undefined) {
      writeSync(standardOutput, line);
      return;
    }
    const descriptor = openSync(logFile, 'a', 0o640);
    writeSync(descriptor, line);
    closeSync(descriptor);
  } catch {
    // There is nobody to tell.
  }
}
