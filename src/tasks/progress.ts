/** Keeps the progress of one task: the newest report, and no more of them than a store should write. */

import type { Arguments } from './record.ts';

export class Progress {
  readonly #keep: (report: Arguments) => Promise<void>;
  readonly #everyMilliseconds: number;
  #unkept: Arguments | undefined;
  #timer: NodeJS.Timeout | undefined;
  #keptAt = Number.NEGATIVE_INFINITY;
  #keeping: Promise<void> = Promise.resolve();
  #isClosed = false;

  /** @param keep may fail: the report is kept with the next */
  constructor(keep: (report: Arguments) => Promise<void>, everyMilliseconds: number) {
    this.#keep = keep;
    this.#everyMilliseconds = everyMilliseconds;
  }

  report(report: Arguments): void {
    if (this.#isClosed) return;
    this.#unkept = report;
    this.#schedule();
  }

  /** @returns the last report if it is not kept yet */
  async close(): Promise<Arguments | undefined> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#keeping;
    return this.#unkept;
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#isClosed) return;
    const wait = this.#keptAt + this.#everyMilliseconds - performance.now();
    this.#timer = setTimeout(
      () => {
        this.#keeping = this.#write();
      },
      Math.max(0, wait),
    );
  }

  async #write(): Promise<void> {
    const report = this.#unkept;
    if (report === undefined) return;
    this.#keptAt = performance.now();
    try {
      await this.#keep(report);
      if (this.#unkept === report) this.#unkept = undefined;
    } catch {
      // The store is away: what is kept is older for a while.
    }
    this.#timer = undefined;
    if (this.#unkept !== undefined) this.#schedule();
  }
}
