/** Asks one HTTP server: with limits of time, bytes and connections, and without redirects or proxies. */

import { Agent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import type {
  Asked,
  HttpAnswer,
  HttpBreaker,
  HttpClient,
  HttpLimits,
  HttpProblem,
  HttpQuestion,
} from '../plugin-http.ts';
import { type AddressGuard, guardedLookup, isForbiddenLiteral, notPublic } from './addresses.ts';
import { type AttemptEnd, CircuitBreaker } from './circuit-breaker.ts';
import { describeFailure, exchange, type Target } from './exchange.ts';

export interface HttpClientParts {
  readonly url: string;
  readonly limits: HttpLimits;
  readonly tls?: TlsIdentity | undefined;
  /** Sent with every question. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly breaker?: HttpBreaker | undefined;
  /** Every address may be connected to unless given. */
  readonly isAddressAllowed?: AddressGuard | undefined;
  /** Milliseconds of a clock that never jumps (T97). */
  readonly monotonicNow?: () => number;
}

/** PEM. */
export interface TlsIdentity {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** Of questions that nobody gives up. */
const never = new AbortController().signal;

/** @throws TypeError for what is no URL */
export function createHttpClient(parts: HttpClientParts): HttpClient {
  return new BoundedClient(parts);
}

class BoundedClient implements HttpClient {
  readonly #limits: HttpLimits;
  readonly #target: Target;
  readonly #breaker: CircuitBreaker | undefined;
  readonly #closing = new AbortController();
  readonly #headers: Readonly<Record<string, string>>;
  /** Why the server may not be asked at all. */
  readonly #problem: string | undefined;
  #pending = 0;

  constructor(parts: HttpClientParts) {
    const { limits, breaker, isAddressAllowed, monotonicNow = () => performance.now() } = parts;
    this.#limits = limits;
    this.#headers = parts.headers ?? {};
    this.#target = targetOf(parts);
    this.#breaker = breaker && new CircuitBreaker(breaker, monotonicNow);
    const host = this.#target.url.hostname.replace(/^\[(.*)\]$/, '$1');
    const isForbidden = isAddressAllowed && isForbiddenLiteral(host, isAddressAllowed);
    this.#problem = isForbidden ? notPublic(host) : undefined;
  }

  async ask<Value>(
    question: HttpQuestion,
    read: (answer: HttpAnswer) => Asked<Value>,
    signal: AbortSignal = never,
  ): Promise<Asked<Value>> {
    const { pendingMax } = this.#limits;
    if (this.#problem !== undefined) return { problem: this.#problem };
    if (this.#pending >= pendingMax) {
      return { problem: `${pendingMax} questions to it run or wait already` };
    }
    const attempt = this.#breaker === undefined ? 'usual' : this.#breaker.begin();
    if (attempt === undefined) return { problem: 'it has failed too often and is given a rest' };
    let end: AttemptEnd = 'failure';
    this.#pending += 1;
    try {
      const givenUp = AbortSignal.any([this.#closing.signal, signal]);
      const answer = await this.#exchange(question, givenUp);
      const asked = 'problem' in answer ? answer : read(answer);
      if ('value' in asked) end = 'success';
      else if (givenUp.aborted) end = 'given-up';
      return asked;
    } finally {
      this.#pending -= 1;
      this.#breaker?.end(attempt, end);
    }
  }

  [Symbol.dispose](): void {
    this.#closing.abort();
    this.#target.agent.destroy();
  }

  async #exchange(question: HttpQuestion, givenUp: AbortSignal): Promise<HttpAnswer | HttpProblem> {
    const { secondsMax } = this.#limits;
    const late = AbortSignal.timeout(Math.ceil(secondsMax * 1000));
    try {
      const headers = { ...this.#headers, ...question.headers };
      const signal = AbortSignal.any([late, givenUp]);
      return await exchange(this.#target, { ...question, headers }, signal);
    } catch (error) {
      if (givenUp.aborted) return { problem: 'the question was given up' };
      return {
        problem: late.aborted ? `it did not answer within ${secondsMax} s` : describeFailure(error),
      };
    }
  }
}

/** Said here, because a variable of the environment would take it away where it is not said. */
const trust = { rejectUnauthorized: true } as const;

function targetOf({ url: text, limits, tls, isAddressAllowed }: HttpClientParts): Target {
  const url = new URL(text);
  const pool = { keepAlive: true, maxSockets: limits.connectionsMax };
  return {
    url,
    agent:
      url.protocol === 'https:' ? new TlsAgent({ ...pool, ...tls, ...trust }) : new Agent(pool),
    lookup: isAddressAllowed && guardedLookup(isAddressAllowed),
    answerBytesMax: limits.answerBytesMax,
  };
}
