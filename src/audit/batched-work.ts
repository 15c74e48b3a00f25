/** Work that is put off until there is more of it, never done twice at once, and done once more at the end. */

export interface BatchedWorkOptions {
  /** How long what is waiting may wait. */
  readonly milliseconds: number;
  /** Does all that is waiting; where it throws, what was not done waits on. */
  readonly work: () => Promise<void>;
  /** Told how each run ended: undefined when well. */
  readonly onEnd: (error: unknown) => void;
}

export class BatchedWork {
  readonly #options: BatchedWorkOptions;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  /** Whether something came while it ran, perhaps too late for that run. */
  #isPoked = false;
  #isStopped = false;

  constructor(options: BatchedWorkOptions) {
    this.#options = options;
  }

  /** Something is waiting. */
  poke(): void {
    this.#isPoked = true;
    if (this.#timer !== undefined || this.#running !== undefined || this.#isStopped) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#running = this.#run();
    }, this.#options.milliseconds);
    // A process that has nothing else to do stops it first.
    this.#timer.unref();
  }

  /** Does what is waiting, one last time. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#running;
    await this.#attempt();
  }

  async #run(): Promise<void> {
    this.#isPoked = false;
    const isDone = await this.#attempt();
    this.#running = undefined;
    if (!isDone || this.#isPoked) this.poke();
  }

  async #attempt(): Promise<boolean> {
    try {
      await this.#options.work();
      this.#options.onEnd(undefined);
      return true;
    } catch (error) {
      this.#options.onEnd(error);
      return false;
    }
  }
}
