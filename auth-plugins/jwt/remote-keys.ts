/** The keys of an issuer who publishes them at a URL: kept for a while, and asked for with restraint. */

import { errors } from 'jose';
import type { Logger } from 'portcullis/plugin';
import { fetchText } from './fetch-text.ts';
import { type FindKey, keySetBytesMax, readKeySet } from './key-set.ts';

/** How long keys are used without a look whether they changed. */
export const freshSeconds = 300;

/** How old keys may be that are used while the issuer cannot be asked. */
export const staleSecondsMax = 3600;

/** How long the issuer is left alone after it was asked, whatever it answered. */
export const pauseSeconds = 10;

/** How long the issuer may take to answer. */
export const answerMillisecondsMax = 3000;

export interface RemoteKeysOptions {
  readonly url: string;
  readonly log: Logger;
  /** Milliseconds of a clock that never jumps (T97). */
  readonly monotonicNow?: () => number;
  readonly millisecondsMax?: number;
}

interface Known {
  readonly find: FindKey;
  /** When they were asked for. */
  readonly at: number;
}

export class RemoteKeys implements Disposable {
  readonly #options: RemoteKeysOptions;
  readonly #now: () => number;
  readonly #closing = new AbortController();
  #known: Known | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | undefined;
  #failure: string | undefined;

  constructor(options: RemoteKeysOptions) {
    this.#options = options;
    this.#now = options.monotonicNow ?? (() => performance.now());
  }

  /**
   * The key of a token. An unknown one is a reason to look whether the keys changed.
   *
   * @throws JWKSNoMatchingKey and the like of jose, for a token that no key fits
   * @throws Error when the keys are not known, or not whether they still are what they were
   */
  readonly find: FindKey = async (header, token) => {
    const { find } = await this.#current();
    try {
      return await find(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await this.#ask();
      if (this.#failure !== undefined) throw this.#fault();
      return (this.#known?.find ?? find)(header, token);
    }
  };

  /** Ends a question that was not answered yet. */
  [Symbol.dispose](): void {
    this.#closing.abort();
  }

  async #current(): Promise<Known> {
    if (!this.#isYoungerThan(freshSeconds)) await this.#ask();
    if (this.#known !== undefined && this.#isYoungerThan(staleSecondsMax)) return this.#known;
    throw this.#fault();
  }

  #isYoungerThan(seconds: number): boolean {
    return this.#known !== undefined && this.#now() - this.#known.at < seconds * 1000;
  }

  /** Many that want to know ask once, and nobody asks in the pause after that. */
  async #ask(): Promise<void> {
    if (this.#asking === undefined) {
      if (this.#now() - this.#askedAt < pauseSeconds * 1000) return;
      this.#askedAt = this.#now();
      this.#asking = this.#fetch(this.#askedAt).finally(() => {
        this.#asking = undefined;
      });
    }
    await this.#asking;
  }

  async #fetch(at: number): Promise<void> {
    const { url, log, millisecondsMax = answerMillisecondsMax } = this.#options;
    const { signal } = this.#closing;
    try {
      const text = await fetchText(url, { bytesMax: keySetBytesMax, millisecondsMax, signal });
      this.#known = { find: readKeySet(text), at };
      this.#failure = undefined;
    } catch (error) {
      this.#failure = error instanceof Error ? error.message : String(error);
      log.warn('The keys of an issuer of tokens could not be read', { url, reason: this.#failure });
    }
  }

  #fault(): Error {
    return new Error(`the keys at ${this.#options.url} cannot be read: ${this.#failure}`);
  }
}
