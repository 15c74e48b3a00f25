/** Huffman's code over symbols that weigh 1, 2, 3 and so on, as version 3 payloads use it. */

import type { BitReader } from './bit-reader.ts';

/**
 * The two lightest are joined again and again, the first of them as 0 and the second as 1. Of equals
 * goes first who was there first: symbols in their order, then joined ones in theirs. So both come
 * sorted, and two queues do for a heap.
 */
export class HuffmanCode {
  readonly #symbols: number;
  /** Two for each join, 0 before 1: a symbol, or `#symbols` and the number of an earlier join. */
  readonly #joined: Uint32Array;

  /** @param symbols how many there are, 2 at least: the code of a single one would have no bits */
  constructor(symbols: number) {
    if (symbols < 2) throw new RangeError(`Cannot make a code of ${symbols} symbols`);
    this.#symbols = symbols;
    this.#joined = joinAll(symbols);
  }

  /**
   * @returns the symbol, from 0
   * @throws PayloadError when the bits end before
   */
  read(bits: BitReader): number {
    let at = this.#symbols * 2 - 2;
    while (at >= this.#symbols) {
      at = this.#joined[(at - this.#symbols) * 2 + bits.read()] ?? 0;
    }
    return at;
  }
}

function joinAll(symbols: number): Uint32Array {
  const joins = symbols - 1;
  const joined = new Uint32Array(joins * 2);
  const weights = new Float64Array(symbols + joins);
  for (let symbol = 0; symbol < symbols; symbol += 1) weights[symbol] = symbol + 1;
  let nextSymbol = 0;
  let nextJoin = symbols;
  let made = symbols;
  const takeLightest = (): number => {
    const isSymbol =
      nextSymbol < symbols &&
      (nextJoin === made || (weights[nextSymbol] ?? 0) <= (weights[nextJoin] ?? 0));
    if (!isSymbol) return nextJoin++;
    return nextSymbol++;
  };
  for (; made < symbols + joins; made += 1) {
    const zero = takeLightest();
    const one = takeLightest();
    joined[(made - symbols) * 2] = zero;
    joined[(made - symbols) * 2 + 1] = one;
    weights[made] = (weights[zero] ?? 0) + (weights[one] ?? 0);
  }
  return joined;
}
