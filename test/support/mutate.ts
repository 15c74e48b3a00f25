/** Bytes that were right, and are no more. */

/** One to three changes: a bit, a byte, a cut, an insertion, or bytes copied from elsewhere. */
export function mutate(original: Uint8Array, random: (below: number) => number): Uint8Array {
  let bytes = Buffer.from(original);
  for (let change = random(3); change >= 0; change -= 1) {
    const at = random(bytes.length);
    switch (random(5)) {
      case 0:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
        break;
      case 1:
        bytes[at] = random(256);
        break;
      case 2:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random(8))]);
        break;
      case 3:
        bytes = Buffer.concat([bytes.subarray(0, at), Buffer.of(random(256)), bytes.subarray(at)]);
        break;
      default:
        bytes.copyWithin(at, random(bytes.length), random(bytes.length));
    }
    if (bytes.length === 0) return bytes;
  }
  return new Uint8Array(bytes);
}
