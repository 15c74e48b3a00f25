/**
 * Reads revocation lists in a thread of their own, so that a million entries hold up no request. Each
 * reading has a new thread, with limits of time and memory, that ends with it; one runs at a time.
 *
 * This file is both sides: what starts the thread, and what the thread runs.
 */

import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { messageOf } from '../errors.ts';
import { readHeapMegabytesMax, readingNiceness, readSecondsMax } from './limits.ts';
import { type ListReading, type ReadLists, readVerifiedLists } from './verify-lists.ts';

export interface ListReader extends AsyncDisposable {
  /** Takes the bytes of `source` away, which must fill their buffer. Never rejects. */
  read(reading: ListReading): Promise<ReadLists>;
}

/** @param secondsMax for one reading */
export function createListReader(secondsMax: number = readSecondsMax): ListReader {
  let queue: Promise<unknown> = Promise.resolve();
  let running: Worker | undefined;
  let isClosed = false;
  const readNext = async (reading: ListReading): Promise<ReadLists> => {
    if (isClosed) return { problem: 'the server stops' };
    running = startThread(reading);
    try {
      return await answerOf(running, secondsMax);
    } finally {
      await running.terminate();
      running = undefined;
    }
  };
  return {
    read: (reading) => {
      const read = queue.then(() => readNext(reading)).catch(failed);
      queue = read;
      return read;
    },
    [Symbol.asyncDispose]: async () => {
      isClosed = true;
      await running?.terminate();
      await queue;
    },
  };
}

function startThread(reading: ListReading): Worker {
  return new Worker(import.meta.filename, {
    workerData: reading,
    transferList: [reading.source.buffer],
    resourceLimits: { maxOldGenerationSizeMb: readHeapMegabytesMax },
    ...{ env: {}, execArgv: [] },
  });
}

function answerOf(thread: Worker, secondsMax: number): Promise<ReadLists> {
  const { promise, resolve, reject } = Promise.withResolvers<ReadLists>();
  const timer = setTimeout(() => {
    resolve({ problem: `it could not be read within ${secondsMax} s` });
  }, secondsMax * 1000);
  thread.once('message', resolve);
  thread.once('error', reject);
  thread.once('exit', (code) => reject(new Error(`its thread ended with ${code}`)));
  return promise.finally(() => clearTimeout(timer));
}

/** An error of the thread, as too little memory, says nothing of the list that could be used. */
function failed(error: unknown): ReadLists {
  return { problem: `it could not be read: ${messageOf(error)}` };
}

if (!isMainThread && parentPort !== null) {
  giveWay();
  const read = readVerifiedLists(workerData as ListReading);
  parentPort.postMessage(read, buffersOf(read));
}

/** Lets the threads that answer requests go first, where the system has a priority for each thread. */
function giveWay(): void {
  try {
    const thread = readlinkSync('/proc/thread-self').split('/').at(-1);
    setPriority(Number(thread), readingNiceness);
  } catch {
    // Without Linux's /proc the list is read at the priority of the process.
  }
}

function buffersOf(read: ReadLists): ArrayBuffer[] {
  if ('problem' in read) return [];
  return read.lists.flatMap(({ entries: { serials, times, reasons } }) => [
    serials.buffer,
    times.buffer,
    reasons.buffer,
  ]);
}
