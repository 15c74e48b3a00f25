/** What the tests of payloads share. */

import assert from 'node:assert/strict';
import type { EntitlementLimits } from '../../src/entitlement/limits.ts';
import type { PathGraph } from '../../src/entitlement/path-graph.ts';
import { decodePayload } from '../../src/entitlement/payload.ts';
import { bytesOf, edgeBits, encodeNodeCount, encodeWords, graphOf } from './encode-payload.ts';

/** The payloads of the description, and what they grant. */
export const described: readonly (readonly [paths: readonly string[], payload: string])[] = [
  [
    ['/content/dist/rhel/server/7/$releasever/$basearch/os'],
    '78da15c9510a00101004d0398c3b38cf628a1235bb393f3e5f2f15739a6a4712271f0e858cba577005daf0c076a873c2a9bf17d91811ba095e1fcdc78552f8b04400',
  ],
  [
    [
      '/repos/prot/fedora-14/x86_64',
      '/repos/prot/fedora-13/x86_64',
      '/repos/other/$releasever/$basearch/os',
    ],
    '78da53494a2c4e4d2c4ace6050294acd490572ca528b18d25253f28b12750d8de12c1386fc6286fc920ca06441517e0943516a0150a0c2c22cdecc8401002d99165609be159f1a7719323f0e0f40',
  ],
  [['/single'], '78da2bcecc4bcf496500000b7202830338'],
  [['/a/b'], '78da4b6448620000024c00c4038e00'],
  [['/a/b', '/a/c'], '78da4b64486248660000049a012703c7d0'],
  [['/a', '/b/c'], '78da4b64486248660000049a012703de50'],
  [['/x/$y/z', '/x/w'], '78da53a9642867a860a86200000ab30207042d6dcf'],
  [['/a/b', '/a/b/c'], '78da4b64486648620000049c012704d25b80'],
];

const good = ['/content/dist/rhel/$releasever/$basearch/os', '/content/dist/rhel/x', '/beta/$a/os'];
export const goodGraph = graphOf(good);

export function decoded(payload: Uint8Array, limits?: EntitlementLimits): PathGraph {
  const graph = decodePayload(payload, limits);
  assert.ok(!('unusable' in graph), JSON.stringify(graph));
  return graph;
}

export function refused(payload: Uint8Array, expected: RegExp, limits?: EntitlementLimits): void {
  const graph = decodePayload(payload, limits);
  assert.ok('unusable' in graph, 'it was decoded');
  assert.match(graph.unusable, expected);
}

export const grants = (graph: PathGraph, asked: string): boolean => graph.find(asked).granted;

/** A payload of parts that do not fit each other. */
export function joined({
  words = encodeWords(goodGraph.words),
  count = encodeNodeCount(goodGraph.nodes.length),
  edges = bytesOf(edgeBits(goodGraph)),
}): Buffer {
  return Buffer.concat([words, count, edges]);
}
