/** What the sections have in common: rounds, medians, and tables. */

const rounds = 3;

/** Measures each in turn, so that what else the machine does hits all of them. */
export async function inRounds<Peer extends { readonly name: string }, Result>(
  peers: readonly Peer[],
  measure: (peer: Peer) => Promise<Result>,
): Promise<ReadonlyMap<string, readonly Result[]>> {
  const results = new Map<string, Result[]>();
  for (let round = 1; round <= rounds; round += 1) {
    for (const peer of peers) {
      console.error(`round ${round} of ${rounds}: ${peer.name}`);
      results.set(peer.name, [...(results.get(peer.name) ?? []), await measure(peer)]);
    }
  }
  return results;
}

export function median<Result>(list: readonly Result[], value: (one: Result) => number): number {
  const sorted = list.map(value).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** The first column stands left, the others right. */
export function printRow(cells: readonly string[], widths: readonly number[]): void {
  const padded = cells.map((cell, index) =>
    index === 0 ? cell.padEnd(widths[index] ?? 0) : cell.padStart(widths[index] ?? 0),
  );
  console.log(padded.join(''));
}
