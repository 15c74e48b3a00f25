/** A second decoder of version 3 payloads, slow and plain, to hold the first one to. */

import { inflateSync } from 'node:zlib';
import { huffmanCodes } from './encode-payload.ts';

/** All paths of a payload that is sound, sorted. */
export function plainPaths(payload: Uint8Array): readonly string[] {
  const { buffer, engine } = inflateSync(payload, { info: true }) as unknown as {
    readonly buffer: Buffer;
    readonly engine: { readonly bytesWritten: number };
  };
  const words = buffer.toString().split('\0');
  const rest = payload.subarray(engine.bytesWritten);
  const first = rest[0] ?? 0;
  const digits = first < 128 ? rest.subarray(0, 1) : rest.subarray(1, first - 127);
  const count = Number.parseInt(Buffer.from(digits).toString('hex'), 16);
  const bytes = rest.subarray(first < 128 ? 1 : first - 127);
  let bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const take = (codes: readonly string[]): number => {
    const symbol = codes.findIndex((code) => bits.startsWith(code));
    bits = bits.slice(codes[symbol]?.length);
    return symbol;
  };
  const wordCodes = huffmanCodes(words.length);
  const nodeCodes = huffmanCodes(count - 1);
  const nodes = Array.from({ length: count }, () => {
    const edges: [string, number][] = [];
    for (let word = take(wordCodes); words[word] !== ''; word = take(wordCodes)) {
      edges.push([words[word] ?? '', take(nodeCodes) + 1]);
    }
    return edges;
  });
  const below = (node: number): readonly string[] => {
    const edges = nodes[node] ?? [];
    if (edges.length === 0) return [''];
    return edges.flatMap(([word, child]) => below(child).map((path) => `/${word}${path}`));
  };
  return below(0).toSorted();
}
