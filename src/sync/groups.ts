/** Does many things at once that are asked for one by one: one sync of the disk is for all of them then. */

import { setTimeout as sleep } from 'node:timers/promises';

/** How long others are waited for before a group is done, in milliseconds. */
const gatherMilliseconds = 50;

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (reason: unknown) => void;
}

/** What comes while a group is at work waits for the next one. */
export class Groups<Item, Result> {
  readonly #work: (items: readonly Item[]) => Promise<readonly Result[]>;
  #waiting: Waiting<Item, Result>[] = [];
  #isAtWork = false;

  /** @param work gives a result for each item, in order; what it throws is thrown to all of them */
  constructor(work: (items: readonly Item[]) => Promise<readonly Result[]>) {
    this.#work = work;
  }

  add(item: Item): Promise<Result> {
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    this.#waiting.push({ item, resolve, reject });
    if (!this.#isAtWork) void this.#run();
    return promise;
  }

  async #run(): Promise<void> {
    this.#isAtWork = true;
    while (this.#waiting.length > 0) {
      await sleep(gatherMilliseconds);
      const group = this.#waiting;
      this.#waiting = [];
      await this.#do(group);
    }
    this.#isAtWork = false;
  }

  async #do(group: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.#work(group.map(({ item }) => item));
      for (const [index, { resolve }] of group.entries()) resolve(results[index] as Result);
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }
}
