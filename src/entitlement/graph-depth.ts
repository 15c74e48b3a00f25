/** Whether a graph goes in circles, and how long its longest path is (T44). */

import type { Edges } from './path-graph.ts';

const unseen = 0;
const open = 1;
const closed = 2;

interface Walk {
  readonly edges: Edges;
  readonly state: Uint8Array;
  /** The next edge of each node to be followed. */
  readonly cursors: Uint32Array;
  readonly depths: Uint32Array;
}

/**
 * The segments of the longest path from node 0; undefined when any path leads back to itself. Each
 * edge is followed once, and the stack is ours, so that no shape can exhaust it.
 */
export function graphDepth(edges: Edges): number | undefined {
  const nodes = edges.starts.length - 1;
  const walk: Walk = {
    edges,
    state: new Uint8Array(nodes),
    cursors: edges.starts.slice(),
    depths: new Uint32Array(nodes),
  };
  for (let node = 0; node < nodes; node += 1) {
    if (walk.state[node] === unseen && !closeFrom(node, walk)) return undefined;
  }
  return walk.depths[0];
}

/** Works out the depth of `first` and of all below it; false when that leads to a node still open. */
function closeFrom(first: number, { edges, state, cursors, depths }: Walk): boolean {
  const stack = [first];
  state[first] = open;
  for (let node = stack.at(-1); node !== undefined; node = stack.at(-1)) {
    const cursor = cursors[node] ?? 0;
    if (cursor === edges.starts[node + 1]) {
      state[node] = closed;
      stack.pop();
      continue;
    }
    const child = edges.nodes[cursor] ?? 0;
    if (state[child] === open) return false;
    if (state[child] === unseen) {
      state[child] = open;
      stack.push(child);
      continue;
    }
    depths[node] = Math.max(depths[node] ?? 0, (depths[child] ?? 0) + 1);
    cursors[node] = cursor + 1;
  }
  return true;
}
