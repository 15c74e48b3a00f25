/** Closes what is not asked any more, once nobody can be waiting for its answer. */

import { Ongoing } from './ongoing.ts';

export class Retired implements AsyncDisposable {
  readonly #milliseconds: number;
  readonly #waiting = new Map<AsyncDisposable, NodeJS.Timeout>();
  readonly #closing = new Ongoing();

  /** @param seconds how long a request may go on that has begun before */
  constructor(seconds: number) {
    this.#milliseconds = seconds * 1000;
  }

  add(resource: AsyncDisposable): void {
    const timer = setTimeout(() => this.#close(resource), this.#milliseconds);
    // It is closed at the end of the process at the latest.
    timer.unref();
    this.#waiting.set(resource, timer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const [resource, timer] of this.#waiting) {
      clearTimeout(timer);
      this.#close(resource);
    }
    await this.#closing.settled();
  }

  #close(resource: AsyncDisposable): void {
    this.#waiting.delete(resource);
    this.#closing.add(Promise.resolve(resource[Symbol.asyncDispose]()));
  }
}
