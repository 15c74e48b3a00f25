/** Seeded mutations of real packets. */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** A number in [0, max). */
export type Random = (max: number) => number;

/** A new seed for each run; a failure prints it, and `UWSGI_FUZZ_SEED` brings it back. */
export function seedOfRun(): number {
  return Number(process.env.UWSGI_FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 32));
}

/** xorshift32: small, fast, and the same everywhere. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0 || 1;
  return (max) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % max;
  };
}

/** One of `sources` with one to four changes. */
export function mutate(random: Random, sources: readonly Buffer[]): Buffer {
  let bytes: Buffer = Buffer.from(pick(random, sources));
  for (let changes = 1 + random(4); changes > 0; changes -= 1) {
    bytes = pick(random, mutations)(bytes, random, sources);
  }
  return bytes;
}

type Mutation = (bytes: Buffer, random: Random, sources: readonly Buffer[]) => Buffer;

const telling = [0, 1, 4, 10, 13, 32, 0x7f, 0x80, 0xff];

const mutations: readonly Mutation[] = [
  (bytes, random) => overwrite(bytes, random(bytes.length), random(256)),
  (bytes, random) => overwrite(bytes, random(bytes.length), pick(random, telling)),
  (bytes, random) => overwrite(bytes, random(Math.min(4, bytes.length)), pick(random, telling)),
  (bytes, random) => bytes.subarray(0, random(bytes.length) || 1),
  (bytes, random) => {
    const at = random(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random(8))]);
  },
  (bytes, random) => {
    const at = random(bytes.length);
    const inserted = Buffer.alloc(1 + random(8), pick(random, telling));
    return Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at)]);
  },
  (bytes, random, sources) => {
    const other = pick(random, sources);
    return Buffer.concat([
      bytes.subarray(0, random(bytes.length)),
      other.subarray(random(other.length)),
    ]);
  },
  (bytes) => {
    // With a size that is right, the mutation reaches the variables.
    if (bytes.length < 4) return bytes;
    const sized = Buffer.from(bytes);
    sized.writeUInt16LE(Math.min(bytes.length - 4, 65_535), 1);
    return sized;
  },
];

function overwrite(bytes: Buffer, at: number, byte: number): Buffer {
  const changed = Buffer.from(bytes);
  if (changed.length > 0) changed[at] = byte;
  return changed;
}

function pick<Item>(random: Random, items: readonly Item[]): Item {
  const item = items[random(items.length)];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
}

/** The collector, so that memory is measured and not garbage. */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
