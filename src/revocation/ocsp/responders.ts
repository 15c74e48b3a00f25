/** The OCSP responders of a process, and what they answered: about each certificate one question at a time. */

import type { Certificate } from '../../identity/certificate.ts';
import { keepNewest } from '../../keep-newest.ts';
import { publicAddresses } from '../../outbound/addresses.ts';
import { createHttpClient } from '../../outbound/http-client.ts';
import type { Asked, HttpAnswer, HttpClient, OcspOptions } from '../../plugin.ts';
import { authorityId } from '../authority-id.ts';
import { certificateIdOf, encodeQuestion } from './certificate-id.ts';
import { type JudgedAnswer, judgeAnswer } from './judge-answer.ts';
import { answersKeptMax, breaker, connectionLimits, respondersMax } from './limits.ts';

const { pendingMax } = connectionLimits;

export interface RespondersParts {
  readonly now: () => Date;
  /** Milliseconds of a clock that never jumps (T97). */
  readonly monotonicNow?: () => number;
  readonly answersMax?: number;
  readonly respondersMax?: number;
}

/** Whether a certificate was revoked: asked of one responder, of a path that is good otherwise. */
export interface OcspQuestion {
  readonly url: string;
  readonly certificate: Certificate;
  readonly issuer: Certificate;
  readonly options: OcspOptions;
}

export type Answered =
  | {
      readonly answer: JudgedAnswer;
      /** Until when the rule goes by it. */
      readonly until: Date;
    }
  | Unanswered;

export interface Unanswered {
  /** A clause, as "it did not answer within 3 s". */
  readonly problem: string;
  /** Whether it did answer, with what could not be used, or was not even asked: it is there then. */
  readonly isReached: boolean;
}

interface Kept {
  readonly answer: JudgedAnswer;
  /** Milliseconds of the monotonic clock. */
  readonly askedAt: number;
}

export class OcspResponders implements Disposable {
  readonly #now: () => Date;
  readonly #monotonicNow: () => number;
  readonly #answersMax: number;
  readonly #respondersMax: number;
  readonly #clients = new Map<string, HttpClient>();
  readonly #kept = new Map<string, Kept>();
  readonly #asking = new Map<string, Promise<Kept | Unanswered>>();
  /** How many questions run or wait, by server. */
  readonly #pending = new Map<string, number>();

  constructor(parts: RespondersParts) {
    this.#now = parts.now;
    this.#monotonicNow = parts.monotonicNow ?? (() => performance.now());
    this.#answersMax = parts.answersMax ?? answersKeptMax;
    this.#respondersMax = parts.respondersMax ?? respondersMax;
  }

  /** How many answers are kept. */
  get size(): number {
    return this.#kept.size;
  }

  /** Rules that ask one responder in one way share its answers, and questions that run. Never rejects. */
  async ask(question: OcspQuestion): Promise<Answered> {
    const { certificate, issuer, options } = question;
    const key = `${authorityId(issuer)} ${certificate.serial} ${serverOf(question)}`;
    const kept = this.#find(key, options.answerSeconds) ?? (await this.#askOnce(key, question));
    if ('problem' in kept) return kept;
    const ageMs = this.#monotonicNow() - kept.askedAt;
    const end = this.#now().getTime() + options.answerSeconds * 1000 - ageMs;
    return { answer: kept.answer, until: new Date(Math.min(end, kept.answer.until.getTime())) };
  }

  /** Gives up what is being asked. */
  [Symbol.dispose](): void {
    for (const client of this.#clients.values()) client[Symbol.dispose]();
  }

  #find(key: string, answerSeconds: number): Kept | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined || kept.answer.until <= this.#now()) return undefined;
    if (this.#monotonicNow() - kept.askedAt >= answerSeconds * 1000) return undefined;
    keepNewest(this.#kept, key, kept, this.#answersMax);
    return kept;
  }

  #askOnce(key: string, question: OcspQuestion): Promise<Kept | Unanswered> {
    const running = this.#asking.get(key);
    if (running !== undefined) return running;
    const asking = this.#askInTurn(key, question).finally(() => this.#asking.delete(key));
    this.#asking.set(key, asking);
    return asking;
  }

  /** Too many questions at once are ours: they say nothing of the responder, and let nobody in. */
  async #askInTurn(key: string, question: OcspQuestion): Promise<Kept | Unanswered> {
    const server = serverOf(question);
    const pending = this.#pending.get(server) ?? 0;
    if (pending >= pendingMax) {
      return { problem: `${pendingMax} questions to it run or wait already`, isReached: true };
    }
    this.#pending.set(server, pending + 1);
    try {
      return await this.#askServer(key, question);
    } finally {
      const left = (this.#pending.get(server) ?? 1) - 1;
      if (left > 0) this.#pending.set(server, left);
      else this.#pending.delete(server);
    }
  }

  async #askServer(key: string, question: OcspQuestion): Promise<Kept | Unanswered> {
    const askedAt = this.#monotonicNow();
    // What cannot be used is an answer, too: it gives the responder no rest, in which some are let in.
    const read = (answer: HttpAnswer): Asked<Asked<JudgedAnswer>> => {
      if (answer.mediaType === 'application/ocsp-response') {
        return { value: judgeAnswer(answer.body, question, this.#now()) };
      }
      const what = answer.mediaType ?? 'of no type';
      return { value: { problem: `its answer is ${what}, and no OCSP response` } };
    };
    const body = encodeQuestion(certificateIdOf(question.certificate, question.issuer));
    const asked = await this.#clientOf(question).ask({ method: 'POST', headers, body }, read);
    if ('problem' in asked) return { problem: asked.problem, isReached: false };
    const judged = asked.value;
    if ('problem' in judged) return { problem: judged.problem, isReached: true };
    const kept = { answer: judged.value, askedAt };
    keepNewest(this.#kept, key, kept, this.#answersMax);
    return kept;
  }

  #clientOf(question: OcspQuestion): HttpClient {
    const { url, options } = question;
    const server = serverOf(question);
    const client = this.#clients.get(server) ?? openClient(url, options);
    // One that is left out here is closed by nobody, for it may have questions; its connections end with these.
    keepNewest(this.#clients, server, client, this.#respondersMax);
    return client;
  }
}

const headers = {
  'content-type': 'application/ocsp-request',
  accept: 'application/ocsp-response',
} as const;

function openClient(url: string, { responder, addresses, timeLimitSeconds }: OcspOptions) {
  const limits = { ...connectionLimits, secondsMax: timeLimitSeconds };
  // Where the operator names a responder, it may be anywhere.
  const isAddressAllowed = responder === undefined ? publicAddresses(addresses) : undefined;
  return createHttpClient({ url, limits, breaker, isAddressAllowed });
}

/** What tells one way of asking a server from another. */
function serverOf({ url, options }: OcspQuestion): string {
  const { responder, addresses, timeLimitSeconds } = options;
  return JSON.stringify([url, responder === undefined, addresses, timeLimitSeconds]);
}
