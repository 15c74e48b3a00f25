/** Changes of a running instance: one at a time, and of those that replace everything the newest. */

/** How many small changes may wait; a storm of signals is no list of wishes. */
export const changesWaitingMax = 16;

type Task = () => Promise<void>;

export class ChangeQueue {
  #isBusy = false;
  readonly #inTurn: Task[] = [];
  #newest: { readonly run: Task; readonly supersede: () => void } | undefined;

  /** Runs `change` after those that were asked for before; undefined when too many wait. */
  inTurn<T>(change: () => Promise<T>): Promise<T> | undefined {
    if (this.#inTurn.length >= changesWaitingMax) return undefined;
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#inTurn.push(() => change().then(resolve, reject));
    void this.#work();
    return promise;
  }

  /**
   * Runs `change` once nothing else runs. However many are asked for, one waits: the newest.
   *
   * @param superseded the answer for a change that gave way to a newer one
   */
  newest<T>(change: () => Promise<T>, superseded: T): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#newest?.supersede();
    this.#newest = {
      run: () => change().then(resolve, reject),
      supersede: () => resolve(superseded),
    };
    void this.#work();
    return promise;
  }

  async #work(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    for (let task = this.#take(); task !== undefined; task = this.#take()) await task();
    this.#isBusy = false;
  }

  #take(): Task | undefined {
    const small = this.#inTurn.shift();
    if (small !== undefined) return small;
    const newest = this.#newest;
    this.#newest = undefined;
    return newest?.run;
  }
}
