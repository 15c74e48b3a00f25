/** Lets work in, so much of it at a time. */
export class Gate {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  /** @param width how many are in at once */
  constructor(width: number) {
    this.#free = width;
  }

  /** In the order in which they came. */
  async through<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}
