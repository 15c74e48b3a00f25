/** One tree of the store: what is written, what is wrong with it, and what was made of it. */

import { type Current, LiveValue, type LiveValueParts, type Made } from './live-value.ts';
import { parseTree, type ReadTree } from './written-tree.ts';

export interface LiveTreeParts<Tree, Value> extends LiveValueParts<Value> {
  readonly read: (raw: unknown) => ReadTree<Tree>;
  readonly make: (tree: Tree) => Promise<Made<Value>>;
}

export class LiveTree<Tree, Value> {
  readonly #parts: LiveTreeParts<Tree, Value>;
  readonly #live: LiveValue<Value>;
  #text: string | undefined;
  #read: { readonly tree: Tree } | { readonly reason: string } = { reason: 'it is not read yet' };
  /** What is wrong with what it refers to. */
  #problem: string | undefined;

  constructor(parts: LiveTreeParts<Tree, Value>) {
    this.#parts = parts;
    this.#live = new LiveValue(parts);
  }

  /** Undefined while it cannot be read. */
  get written(): Tree | undefined {
    return 'tree' in this.#read ? this.#read.tree : undefined;
  }

  get isRetryDue(): boolean {
    return this.#live.isRetryDue;
  }

  /**
   * @param text as JSON. The text itself is compared, and no version: a document that was removed and
   *   made anew begins with the first
   * @returns whether it is another than before
   */
  take(text: string): boolean {
    if (text === this.#text) return false;
    this.#text = text;
    this.#read = parseTree(text, this.#parts.read);
    return true;
  }

  judge(problemOf: (tree: Tree) => string | undefined): void {
    const before = this.#problem;
    this.#problem = 'tree' in this.#read ? problemOf(this.#read.tree) : undefined;
    if (this.#problem !== undefined && this.#problem !== before)
      this.#parts.onFailure(this.#problem);
  }

  /** @param staleSince as of `LiveValue` */
  make(staleSince: number): Promise<void> {
    const read = this.#read;
    return this.#live.replace(async () => {
      if ('reason' in read) throw new Error(read.reason);
      return this.#parts.make(read.tree);
    }, staleSince);
  }

  current(): Current<Value> {
    return this.#problem === undefined ? this.#live.current() : { reason: this.#problem };
  }

  end(): void {
    this.#live.end();
  }
}
