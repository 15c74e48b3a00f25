/** The trees of one collection of the store, by what they are of. */

import { LiveTree, type LiveTreeParts } from './live-tree.ts';
import type { Current } from './live-value.ts';

/** @param key what the tree is of: the name of a policy, or the relative URL of a distribution */
export type PartsOfTree<Tree, Value> = (key: string) => LiveTreeParts<Tree, Value>;

/** What has to be made anew. */
export interface Stale {
  make(staleSince: number): Promise<void>;
}

export class LiveTrees<Tree, Value> {
  readonly #partsOf: PartsOfTree<Tree, Value>;
  readonly #trees = new Map<string, LiveTree<Tree, Value>>();

  constructor(partsOf: PartsOfTree<Tree, Value>) {
    this.#partsOf = partsOf;
  }

  get size(): number {
    return this.#trees.size;
  }

  /** Undefined where the store has none. */
  current(key: string): Current<Value> | undefined {
    return this.#trees.get(key)?.current();
  }

  /** Those that can be read. */
  *written(): Generator<readonly [key: string, tree: Tree]> {
    for (const [key, { written }] of this.#trees) {
      if (written !== undefined) yield [key, written];
    }
  }

  /**
   * Brings them in line with what is stored, and ends those that are gone.
   *
   * @param texts trees as JSON
   */
  take(texts: ReadonlyMap<string, string>): readonly Stale[] {
    for (const [key, tree] of this.#trees) {
      if (texts.has(key)) continue;
      tree.end();
      this.#trees.delete(key);
    }
    const stale: Stale[] = [];
    for (const [key, text] of texts) {
      const tree = this.#trees.get(key) ?? new LiveTree(this.#partsOf(key));
      this.#trees.set(key, tree);
      if (tree.take(text)) stale.push(tree);
    }
    return stale;
  }

  /**
   * @param problemOf what is wrong with what a tree refers to
   * @param some those that are judged; all of them unless given
   */
  judge(
    problemOf: (key: string, tree: Tree) => string | undefined,
    some?: ReadonlySet<Stale>,
  ): void {
    for (const [key, live] of this.#trees) {
      if (some === undefined || some.has(live)) live.judge((tree) => problemOf(key, tree));
    }
  }

  /** Those that could not be made, and should be tried again by now. */
  retries(): readonly Stale[] {
    return [...this.#trees.values()].filter(({ isRetryDue }) => isRetryDue);
  }

  end(): void {
    for (const tree of this.#trees.values()) tree.end();
  }
}
