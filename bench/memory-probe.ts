/**
 * Loaded into a worker that is measured: collects its garbage now and then, and writes down what is
 * left. The file is named by BENCH_MEMORY_FILE; the primary has no channel, and writes nothing.
 */

import { appendFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

export interface MemorySample {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Bytes. */
  readonly rss: number;
  /** Bytes that are reachable, buffers included. */
  readonly heap: number;
}

const sampleMs = 2000;
const file = process.env.BENCH_MEMORY_FILE;

if (isMainThread && process.send !== undefined && file !== undefined) {
  setInterval(() => {
    globalThis.gc?.();
    const { rss, heapUsed, external } = process.memoryUsage();
    const sample: MemorySample = { time: Date.now(), rss, heap: heapUsed + external };
    appendFileSync(file, `${JSON.stringify(sample)}\n`);
  }, sampleMs).unref();
}
