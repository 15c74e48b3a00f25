/** Work that goes on by itself, and that somebody waits for in the end. */

export class Ongoing {
  readonly #works = new Set<Promise<void>>();

  /** @param work never rejects */
  add(work: Promise<void>): void {
    const going = work.finally(() => this.#works.delete(going));
    this.#works.add(going);
  }

  /** Resolves when nothing goes on, also of what was added meanwhile. */
  async settled(): Promise<void> {
    while (this.#works.size > 0) await Promise.all(this.#works);
  }
}
