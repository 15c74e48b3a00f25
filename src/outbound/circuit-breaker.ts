/** Leaves a server alone that fails, and looks with one question whether it is well again. */

import type { HttpBreaker } from '../plugin-http.ts';

/** What one question means for the breaker. */
export type Attempt = 'usual' | 'probe';

export type AttemptEnd = 'success' | 'failure' | 'given-up';

export class CircuitBreaker {
  readonly #options: HttpBreaker;
  readonly #now: () => number;
  #failures = 0;
  #restsUntil: number | undefined;
  #isProbing = false;

  /** @param monotonicNow milliseconds of a clock that never jumps (T97) */
  constructor(options: HttpBreaker, monotonicNow: () => number) {
    this.#options = options;
    this.#now = monotonicNow;
  }

  /** Undefined while the server rests; the end of what it gives has to be told by {@link end}. */
  begin(): Attempt | undefined {
    if (this.#restsUntil === undefined) return 'usual';
    if (this.#isProbing || this.#now() < this.#restsUntil) return undefined;
    this.#isProbing = true;
    return 'probe';
  }

  end(attempt: Attempt, how: AttemptEnd): void {
    if (attempt === 'probe') this.#isProbing = false;
    // What was asked before the rest began says nothing of now.
    else if (this.#restsUntil !== undefined) return;
    if (how === 'success') {
      this.#failures = 0;
      this.#restsUntil = undefined;
    } else if (how === 'failure') {
      this.#failures += 1;
      if (attempt === 'probe' || this.#failures >= this.#options.failures) this.#rest();
    }
  }

  #rest(): void {
    this.#restsUntil = this.#now() + this.#options.restSeconds * 1000;
  }
}
