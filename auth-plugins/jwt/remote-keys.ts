/** The keys of an issuer who publishes them at a URL: kept for a while, and asked for with restraint. */

import { errors } from 'jose';
import type { Asked, HttpAnswer, HttpClient, HttpLimits, Logger } from 'portcullis/plugin';
import { type FindKey, keySetBytesMax, readKeySet } from './key-set.ts';

/** How long keys are used without a look whether they changed. */
export const freshSeconds = 300;

/** How old keys may be that are used while the issuer cannot be asked. */
export const staleSecondsMax = 3600;

/** How long the issuer is left alone after it was asked, whatever it answered. */
export const pauseSeconds = 10;

/** What an answer of the issuer may cost. One question runs at a time. */
export const issuerLimits: HttpLimits = {
  secondsMax: 3,
  answerBytesMax: keySetBytesMax,
  connectionsMax: 1,
  pendingMax: 1,
};

export interface RemoteKeysOptions {
  readonly url: string;
  /** Of the URL. */
  readonly client: HttpClient;
  readonly log: Logger;
  /** Milliseconds of a clock that never jumps (T97). */
  readonly monotonicNow?: () => number;
}

interface Known {
  readonly find: FindKey;
  /** When they were asked for. */
  readonly at: number;
}

export class RemoteKeys {
  readonly #options: RemoteKeysOptions;
  readonly #now: () => number;
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
    const { url, client, log } = this.#options;
    const asked = await client.ask({ method: 'GET' }, readAnswer);
    if ('value' in asked) {
      this.#known = { find: asked.value, at };
      this.#failure = undefined;
    } else {
      this.#failure = asked.problem;
      log.warn('The keys of an issuer of tokens could not be read', { url, reason: asked.problem });
    }
  }

  #fault(): Error {
    return new Error(`the keys at ${this.#options.url} cannot be read: ${this.#failure}`);
  }
}

function readAnswer({ body }: HttpAnswer): Asked<FindKey> {
  try {
    return { value: readKeySet(new TextDecoder('utf-8', { fatal: true }).decode(body)) };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}
