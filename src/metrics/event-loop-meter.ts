/** How busy the event loop of a process is, and how long it was held up. */

import type { WorkerGauges } from './snapshot.ts';

/** How often the event loop is looked at, in milliseconds. */
const lookMs = 50;

/** The histogram of node:perf_hooks would lose the delay that spans its reset. */
export class EventLoopMeter implements Disposable {
  readonly #timer: NodeJS.Timeout;
  #before = performance.eventLoopUtilization();
  #lookedAt = performance.now();
  #delayMsMax = 0;

  constructor() {
    this.#timer = setInterval(() => this.#look(), lookMs).unref();
  }

  read(): Pick<WorkerGauges, 'eventLoopDelaySeconds' | 'eventLoopUtilization'> {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, this.#before);
    this.#before = now;
    const eventLoopDelaySeconds = this.#delayMsMax / 1000;
    this.#delayMsMax = 0;
    return { eventLoopDelaySeconds, eventLoopUtilization: utilization };
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const now = performance.now();
    this.#delayMsMax = Math.max(this.#delayMsMax, now - this.#lookedAt - lookMs);
    this.#lookedAt = now;
  }
}
