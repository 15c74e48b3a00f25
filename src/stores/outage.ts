/** That a store does not answer: said once as it begins, and once as it is over. */

import { messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';

export interface OutageOptions {
  readonly log: Logger;
  /** What it means, for the log. */
  readonly begun: string;
  readonly over: string;
  /** How long what is in memory counts meanwhile, in seconds. */
  readonly outageSeconds: number;
}

export class Outage {
  readonly #options: OutageOptions;
  #reason: string | undefined;

  constructor(options: OutageOptions) {
    this.#options = options;
  }

  /** Why the store does not answer; undefined while it does, and before it was asked. */
  get reason(): string | undefined {
    return this.#reason;
  }

  begin(error: unknown): void {
    const reason = messageOf(error);
    if (this.#reason === undefined) {
      const { log, begun, outageSeconds } = this.#options;
      log.warn(begun, { reason, outageSeconds });
    }
    this.#reason = reason;
  }

  end(): void {
    if (this.#reason === undefined) return;
    this.#reason = undefined;
    this.#options.log.info(this.#options.over);
  }
}
