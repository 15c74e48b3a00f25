/** Looks after one source for as long as the process runs: reads, reads again, and says what is wrong. */

import type { Logger } from '../log.ts';
import { isoTime } from './describe.ts';
import type { ListReader } from './reading-thread.ts';
import type { ListInForce, RevocationRegister } from './register.ts';
import type { ListSource } from './source.ts';

export interface WatchParts {
  readonly source: ListSource;
  readonly reader: ListReader;
  /** The CA certificates whose lists are meant, DER. */
  readonly authorities: readonly Uint8Array[];
  readonly register: RevocationRegister;
  readonly log: Logger;
  readonly now: () => Date;
}

export class WatchedSource implements AsyncDisposable {
  readonly #parts: WatchParts;
  readonly #closing = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #turn: Promise<void> = Promise.resolve();
  #problem: string | undefined;
  #isTried = false;
  #failures = 0;
  /** The list that was last said to be out of date. */
  #overdue: ListInForce | undefined;

  constructor(parts: WatchParts) {
    this.#parts = parts;
  }

  get name(): string {
    return this.#parts.source.name;
  }

  /** Why the source is of no use at the moment, as a clause; undefined when it is. */
  get problem(): string | undefined {
    return this.#isTried ? this.#problem : 'it is being read';
  }

  /** Begins to watch. Resolves when the source was tried once, and never rejects. */
  start(): Promise<void> {
    this.#turn = this.#look();
    return this.#turn;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    clearTimeout(this.#timer);
    await this.#turn;
  }

  async #look(): Promise<void> {
    const problem = await this.#take();
    if (this.#closing.signal.aborted) return;
    this.#note(problem);
    const first = this.#firstToEnd();
    const secondsLeft = first && first.nextUpdate - this.#parts.now().getTime() / 1000;
    if (first !== undefined && secondsLeft !== undefined && secondsLeft <= 0) this.#warn(first);
    const pauseSeconds = this.#parts.source.pauseSeconds(this.#failures, secondsLeft);
    this.#timer = setTimeout(() => void this.start(), pauseSeconds * 1000);
    // To watch is no reason for a process to go on.
    this.#timer.unref();
  }

  /** @returns what is wrong with the source now */
  async #take(): Promise<string | undefined> {
    const { source, reader, authorities, register, log, now } = this.#parts;
    const answer = await source.read(this.#closing.signal);
    if (answer.outcome === 'same') return undefined;
    if (answer.outcome === 'waiting') return this.#problem;
    if (answer.outcome === 'failed') return answer.problem;
    const seconds = now().getTime() / 1000;
    const read = await reader.read({ source: answer.bytes, authorities, now: seconds });
    if ('problem' in read) return read.problem;
    source.accept();
    const keptOut = register.offer(read.lists, source.name);
    for (const reason of keptOut) {
      log.warn('A revocation list is kept out', { source: source.name, reason });
    }
    return undefined;
  }

  #note(problem: string | undefined): void {
    const { log, source } = this.#parts;
    if (problem !== undefined && problem !== this.#problem) {
      const message = 'A revocation list cannot be read; the one before it stays in force';
      log.error(message, { source: source.name, problem });
    }
    if (problem === undefined && this.#problem !== undefined) {
      log.info('A revocation list can be read again', { source: source.name });
    }
    this.#isTried = true;
    this.#failures = problem === undefined ? 0 : this.#failures + 1;
    this.#problem = problem;
  }

  /** Of the lists in force that came from this source. */
  #firstToEnd(): ListInForce | undefined {
    const { register, source } = this.#parts;
    const own = register.lists.filter((list) => list.source === source.name);
    return own.sort((one, other) => one.nextUpdate - other.nextUpdate)[0];
  }

  #warn(list: ListInForce): void {
    if (list === this.#overdue) return;
    this.#overdue = list;
    const { authorityText: authority, source, nextUpdate } = list;
    const fields = { authority, source, nextUpdate: isoTime(nextUpdate) };
    this.#parts.log.warn('A revocation list is out of date', fields);
  }
}
