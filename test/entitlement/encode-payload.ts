/** Writes version 3 payloads, sound ones and others, by the description of the format. */

import { deflateSync } from 'node:zlib';

/** A word, and the number of the node that it leads to. */
export type Edge = readonly [word: string, node: number];

export interface PayloadGraph {
  /** In the order in which they weigh ever more. */
  readonly words: readonly string[];
  /** The edges of each node; the first node is the root. */
  readonly nodes: readonly (readonly Edge[])[];
}

/** A payload that grants `paths`. Segments that paths begin with in common are shared. */
export function encodePaths(paths: readonly string[]): Buffer {
  return encodeGraph(graphOf(paths));
}

export function graphOf(paths: readonly string[]): PayloadGraph {
  const nodes: [string, number][][] = [[]];
  for (const path of paths) {
    let at = 0;
    const segments = path.slice(1).split('/');
    for (const [index, segment] of segments.entries()) {
      const isLast = index === segments.length - 1;
      const shared = nodes[at]?.find(([word, node]) => word === segment && nodes[node]?.length);
      const next = !isLast && shared ? shared[1] : nodes.push([]) - 1;
      if (next === nodes.length - 1) nodes[at]?.push([segment, next]);
      at = next;
    }
  }
  while (nodes.length < 3) nodes.push([]);
  return { words: [...new Set(nodes.flat().map(([word]) => word))], nodes };
}

export function encodeGraph({ words, nodes }: PayloadGraph): Buffer {
  return Buffer.concat([
    encodeWords(words),
    encodeNodeCount(nodes.length),
    bytesOf(edgeBits({ words, nodes })),
  ]);
}

export function encodeWords(words: readonly string[]): Buffer {
  return deflateSync(words.map((word) => `${word}\0`).join(''));
}

export function encodeNodeCount(count: number): Buffer {
  if (count < 128) return Buffer.of(count);
  const hex = count.toString(16);
  const digits = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return Buffer.concat([Buffer.of(128 + digits.length), digits]);
}

/** The edges as a text of 0 and 1. */
export function edgeBits({ words, nodes }: PayloadGraph): string {
  const wordCodes = huffmanCodes(words.length + 1);
  const nodeCodes = huffmanCodes(nodes.length - 1);
  const edge = ([word, node]: Edge): string =>
    `${wordCodes[words.indexOf(word)]}${nodeCodes[node - 1]}`;
  return nodes.map((edges) => `${edges.map(edge).join('')}${wordCodes[words.length]}`).join('');
}

/** Zeros fill the last byte. */
export function bytesOf(bits: string): Buffer {
  const bytes = bits.match(/.{1,8}/g) ?? [];
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte.padEnd(8, '0'), 2)));
}

/** The codes of symbols that weigh 1, 2, 3 and so on, made as the description says, step by step. */
export function huffmanCodes(symbols: number): readonly string[] {
  const codes = Array.from({ length: symbols }, () => '');
  const left = codes.map((_, symbol) => ({ weight: symbol + 1, symbols: [symbol] }));
  while (left.length > 1) {
    left.sort((one, other) => one.weight - other.weight);
    const pair = left.splice(0, 2);
    for (const [bit, { symbols: members }] of pair.entries()) {
      for (const member of members) codes[member] = `${bit}${codes[member]}`;
    }
    left.push({
      weight: pair.reduce((sum, { weight }) => sum + weight, 0),
      symbols: pair.flatMap(({ symbols: members }) => members),
    });
  }
  return codes;
}
