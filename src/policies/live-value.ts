/**
 * Something that is made of a document of the store and exchanged when that changes. While it is being
 * made, and where it cannot be, there is nothing: whoever asks is told why, and nobody gets in.
 */

import { messageOf } from '../errors.ts';

/** What was made, with all that has to be closed with it. */
export interface Made<Value> extends AsyncDisposable {
  readonly value: Value;
}

export type Current<Value> = { readonly value: Value } | { readonly reason: string };

export interface LiveValueParts<Value> {
  /** Takes what nobody asks any more. */
  readonly retire: (made: Made<Value>) => void;
  /** Told when it cannot be made. */
  readonly onFailure: (reason: string) => void;
  /** Milliseconds of a clock that never jumps (T97). */
  readonly now: () => number;
}

/** For how long what was before goes on to count while its successor is being made, in milliseconds. */
export const exchangeMilliseconds = 500;

/** After how long it is tried again what could not be made, in milliseconds. */
export const retryMilliseconds = 30_000;

export class LiveValue<Value> {
  readonly #parts: LiveValueParts<Value>;
  #made: Made<Value> | undefined;
  #failure: { readonly reason: string; readonly at: number } | undefined;
  /** Since when what is in force is known to be over. */
  #staleSince: number | undefined;
  #attempt = 0;

  constructor(parts: LiveValueParts<Value>) {
    this.#parts = parts;
  }

  current(): Current<Value> {
    const isOver =
      this.#staleSince !== undefined && this.#parts.now() - this.#staleSince > exchangeMilliseconds;
    if (this.#made !== undefined && !isOver) return { value: this.#made.value };
    return { reason: this.#failure?.reason ?? 'it is being made ready' };
  }

  /** Whether making it failed, and it is time to try again. */
  get isRetryDue(): boolean {
    return this.#failure !== undefined && this.#parts.now() - this.#failure.at >= retryMilliseconds;
  }

  /**
   * Resolves when it is made, or is known not to be. Of two attempts the later one counts.
   *
   * @param staleSince when the change was noticed that ends what is in force
   */
  async replace(make: () => Promise<Made<Value>>, staleSince: number): Promise<void> {
    this.#attempt += 1;
    const attempt = this.#attempt;
    this.#staleSince ??= staleSince;
    try {
      const made = await make();
      if (attempt === this.#attempt) this.#settle(made, undefined);
      else this.#parts.retire(made);
    } catch (error) {
      if (attempt !== this.#attempt) return;
      const reason = messageOf(error);
      this.#settle(undefined, reason);
      this.#parts.onFailure(reason);
    }
  }

  /** Ends what is in force, and what is being made. */
  end(): void {
    this.#attempt += 1;
    this.#settle(undefined, 'it is gone');
  }

  #settle(made: Made<Value> | undefined, failure: string | undefined): void {
    if (this.#made !== undefined) this.#parts.retire(this.#made);
    this.#made = made;
    this.#failure = failure === undefined ? undefined : { reason: failure, at: this.#parts.now() };
    this.#staleSince = undefined;
  }
}
