/**
 * The payload of a version 3 entitlement certificate: words, compressed; a count of nodes; and, coded
 * by Huffman, the edges of each node, each a word and the node that it leads to. docs/entitlements.md
 * has the whole format.
 *
 * What is wrong in one place makes all of it worthless: nothing that was read before a damage grants.
 */

import type { Unusable } from '../model.ts';
import { BitReader } from './bit-reader.ts';
import { graphDepth } from './graph-depth.ts';
import { HuffmanCode } from './huffman-code.ts';
import { type EntitlementLimits, entitlementLimits } from './limits.ts';
import { type Edges, PathGraph } from './path-graph.ts';
import { PayloadError } from './payload-error.ts';
import { readWords } from './payload-words.ts';

/** Root, and two more: the code of a single one would have no bits. */
const nodesMin = 3;

/** The paths, or a clause that says what is wrong, as "its payload is cut off". */
export function decodePayload(
  payload: Uint8Array,
  limits: EntitlementLimits = entitlementLimits,
): PathGraph | Unusable {
  try {
    return readPayload(payload, limits);
  } catch (error) {
    if (error instanceof PayloadError) return { unusable: error.message };
    throw error;
  }
}

function readPayload(payload: Uint8Array, limits: EntitlementLimits): PathGraph {
  const { words, rest } = readWords(payload, limits);
  const { nodes, bytes } = readNodeCount(rest, limits);
  const bits = new BitReader(bytes);
  // Each node ends with a bit at least, so that no more nodes than bits are made room for.
  if (bits.bitsLeft < nodes) throw new PayloadError('its payload is cut off');
  const edges = readEdges(bits, words.length, nodes);
  bits.end();
  if (edges.starts[1] === 0) throw new PayloadError('its payload has no path');
  const depth = graphDepth(edges);
  if (depth === undefined) throw new PayloadError('a path of its payload leads back to itself');
  if (depth > limits.depthMax) {
    throw new PayloadError(`a path of its payload has more than ${limits.depthMax} segments`);
  }
  return new PathGraph(words, edges, limits.comparisonsMax);
}

/** Below 128 in one byte; else 128 and the number of bytes that follow with it, highest first. */
function readNodeCount(
  rest: Uint8Array,
  { nodesMax }: EntitlementLimits,
): { readonly nodes: number; readonly bytes: Uint8Array } {
  const [first] = rest;
  if (first === undefined) throw new PayloadError('its payload is cut off');
  const length = first < 0x80 ? 0 : first - 0x80;
  const digits = first < 0x80 ? rest.subarray(0, 1) : rest.subarray(1, 1 + length);
  if (first >= 0x80 && digits.length < length) throw new PayloadError('its payload is cut off');
  if (first >= 0x80 && ((digits[0] ?? 0) === 0 || (length === 1 && (digits[0] ?? 0) < 0x80))) {
    throw new PayloadError('its payload counts its nodes in a roundabout way');
  }
  // 127 digits at most: a number holds that much, if not to the last digit.
  const nodes = digits.reduce((value, byte) => value * 256 + byte, 0);
  if (nodes > nodesMax) throw new PayloadError(`its payload has more than ${nodesMax} nodes`);
  if (nodes < nodesMin) throw new PayloadError(`its payload has fewer than ${nodesMin} nodes`);
  return { nodes, bytes: rest.subarray(1 + length) };
}

function readEdges(bits: BitReader, words: number, nodes: number): Edges {
  const wordCode = new HuffmanCode(words + 1);
  // The root has no code: nothing leads to it.
  const nodeCode = new HuffmanCode(nodes - 1);
  const starts = new Uint32Array(nodes + 1);
  const edgeWords: number[] = [];
  const edgeNodes: number[] = [];
  for (let node = 0; node < nodes; node += 1) {
    // Behind the words comes the symbol that ends a node.
    for (let word = wordCode.read(bits); word < words; word = wordCode.read(bits)) {
      edgeWords.push(word);
      edgeNodes.push(nodeCode.read(bits) + 1);
    }
    starts[node + 1] = edgeWords.length;
  }
  return { starts, words: Uint32Array.from(edgeWords), nodes: Uint32Array.from(edgeNodes) };
}
