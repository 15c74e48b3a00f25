/**
 * One writer at a time, for servers that read a document and then write it in two steps. FerretDB 1
 * does so in every update, and adds documents in one step alone: so the lock is made of insertions.
 *
 * A document with the number n says that somebody holds the lock for the n-th time; one with -n says
 * that it was let go. Of all who insert n, one can. Numbers only grow, and the highest is never
 * removed, so that one who was slow finds, before it believes to hold the lock, that others went on.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Collection, Db } from 'mongodb';
import { PortcullisError } from '../../errors.ts';
import { isDuplicate } from './failure.ts';
import { ownCollections } from './names.ts';

interface Turn {
  readonly _id: number;
}

/**
 * After this time, in milliseconds, a holder is taken for dead. FerretDB ends the command of a client
 * that is gone, and one that is there needs milliseconds.
 */
const longestTurn = 5000;

/** How long to wait before the next look, in milliseconds, at random up to this. */
const pauseMillisecondsMax = 30;

export class WriterLock {
  readonly #turns: Collection<Turn>;
  readonly #abandonedMilliseconds: number;
  readonly #waitMillisecondsMax: number;
  #last: Promise<unknown> = Promise.resolve();

  /** @param abandonedMilliseconds how long a holder that does nothing more is waited for */
  constructor(database: Db, waitMillisecondsMax: number, abandonedMilliseconds = longestTurn) {
    this.#turns = database.collection<Turn>(ownCollections.writers);
    this.#abandonedMilliseconds = abandonedMilliseconds;
    this.#waitMillisecondsMax = waitMillisecondsMax + abandonedMilliseconds;
  }

  /** Those of one process wait for each other here, and only one of them for other processes. */
  hold<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#last.then(() => this.#holdAlone(work));
    this.#last = turn.catch(() => {});
    return turn;
  }

  async #holdAlone<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = await this.#acquire();
    try {
      return await work();
    } finally {
      await this.#turns.insertOne({ _id: -turn });
    }
  }

  async #acquire(): Promise<number> {
    const start = performance.now();
    let watched = { turn: 0, since: start };
    for (;;) {
      const turns = await this.#readTurns();
      const highest = Math.max(0, ...turns);
      if (highest !== watched.turn) watched = { turn: highest, since: performance.now() };
      const isFree = highest === 0 || turns.includes(-highest);
      if (isFree || performance.now() - watched.since > this.#abandonedMilliseconds) {
        if (await this.#take(highest + 1)) return highest + 1;
      }
      if (performance.now() - start > this.#waitMillisecondsMax) throw overdue();
      await sleep(Math.random() * pauseMillisecondsMax);
    }
  }

  async #take(turn: number): Promise<boolean> {
    try {
      await this.#turns.insertOne({ _id: turn });
    } catch (error) {
      if (isDuplicate(error)) return false;
      throw error;
    }
    const turns = await this.#readTurns();
    const isMine = Math.max(...turns) === turn;
    const old = isMine ? turns.filter((other) => Math.abs(other) < turn) : [turn];
    await this.#turns.deleteMany({ _id: { $in: old } });
    return isMine;
  }

  async #readTurns(): Promise<readonly number[]> {
    const turns = await this.#turns.find().toArray();
    return turns.map(({ _id }) => _id);
  }
}

function overdue(): PortcullisError {
  return new PortcullisError(
    'STORE_UNAVAILABLE',
    'Cannot change the MongoDB store: others are writing for too long',
  );
}
