/**
 * The paths of a version 3 certificate. Equal ends of paths are shared, and a word may stand twice
 * under one node, so that they are a graph and no tree. A path ends at a node without edges.
 */

import type { Entitlement, EntitlementFinding } from '../plugin.ts';
import { granted, notGranted, tooManyComparisons } from './findings.ts';
import { type AskedPath, isWholeVariable, parseAskedPath } from './segment.ts';

/** The edges of all nodes, one node after the other. */
export interface Edges {
  /** For each node its first edge, and in the end the number of all: one more than there are nodes. */
  readonly starts: Uint32Array;
  /** For each edge the number of its word. */
  readonly words: Uint32Array;
  /** For each edge the node that it leads to. */
  readonly nodes: Uint32Array;
}

/** A way into the graph, which the segments so far allow. */
interface Way {
  readonly node: number;
  readonly word: number;
  readonly from: Way | undefined;
}

const root: Way = { node: 0, word: -1, from: undefined };

export class PathGraph implements Entitlement {
  /** About how many bytes of memory it takes. */
  readonly bytes: number;
  readonly #words: readonly string[];
  readonly #numbers: ReadonlyMap<string, number>;
  readonly #variables: ReadonlySet<number>;
  readonly #edges: Edges;
  readonly #comparisonsMax: number;

  /** @param edges lead nowhere in circles */
  constructor(words: readonly string[], edges: Edges, comparisonsMax: number) {
    this.#words = words;
    this.#numbers = new Map(words.map((word, number) => [word, number]));
    this.#variables = new Set(
      words.keys().filter((number) => isWholeVariable(words[number] ?? '')),
    );
    this.#edges = edges;
    this.#comparisonsMax = comparisonsMax;
    const characters = words.reduce((sum, { length }) => sum + length, 0);
    this.bytes = 4 * edges.starts.length + 8 * edges.words.length + 100 * words.length + characters;
  }

  /**
   * A file named `listing` is granted wherever the segments before it lead into the graph: by it yum
   * finds what a variable may stand for.
   */
  find(path: string): EntitlementFinding {
    const asked = parseAskedPath(path);
    return asked === undefined ? notGranted() : this.#follow(asked);
  }

  /** All ways at once, and each node once a segment: the work is bounded by segments times edges. */
  #follow({ segments, isDirectory }: AskedPath): EntitlementFinding {
    let ways: readonly Way[] = [root];
    let comparisons = 0;
    for (const [index, segment] of segments.entries()) {
      if (segment === 'listing' && index === segments.length - 1 && !isDirectory) {
        return granted(this.#text(ways[0], segment), undefined);
      }
      const next = new Map<number, Way>();
      const literal = this.#numbers.get(segment);
      for (const from of ways) {
        comparisons += this.#edgeCount(from.node);
        if (comparisons > this.#comparisonsMax) return tooManyComparisons(this.#comparisonsMax);
        for (const way of this.#waysFrom(from, literal)) {
          if (this.#edgeCount(way.node) === 0) {
            return granted(this.#text(way), index + 1);
          }
          if (!next.has(way.node)) next.set(way.node, way);
        }
      }
      if (next.size === 0) break;
      ways = [...next.values()];
    }
    return notGranted(this.#text(this.#toAnEnd(ways[0] ?? root)));
  }

  *#waysFrom(from: Way, literal: number | undefined): Generator<Way, void, undefined> {
    const { starts, words, nodes } = this.#edges;
    const end = starts[from.node + 1] ?? 0;
    for (let edge = starts[from.node] ?? 0; edge < end; edge += 1) {
      const word = words[edge] ?? 0;
      if (word !== literal && !this.#variables.has(word)) continue;
      yield { node: nodes[edge] ?? 0, word, from };
    }
  }

  /** The first of the paths that `way` may become. */
  #toAnEnd(way: Way): Way {
    const { starts, words, nodes } = this.#edges;
    let at = way;
    while (this.#edgeCount(at.node) > 0) {
      const edge = starts[at.node] ?? 0;
      at = { node: nodes[edge] ?? 0, word: words[edge] ?? 0, from: at };
    }
    return at;
  }

  #edgeCount(node: number): number {
    const { starts } = this.#edges;
    return (starts[node + 1] ?? 0) - (starts[node] ?? 0);
  }

  #text(way: Way | undefined, ...more: readonly string[]): string {
    const words = [...more];
    for (let at = way; at?.from !== undefined; at = at.from) {
      words.unshift(this.#words[at.word] ?? '');
    }
    return `/${words.join('/')}`;
  }
}
