/** Requests per second and CPU per request beside nginx alone, in one run. */

import { type Measurement, measure } from './measure.ts';
import { createPeers } from './peers.ts';
import { inRounds, median, printRow } from './rounds.ts';

/** @param seconds of each measurement */
export async function comparePeers(seconds: number): Promise<void> {
  await using peers = await createPeers();
  const measured = await inRounds(peers.list, (peer) => measure(peer, seconds));
  print(measured, seconds);
}

const widths = [32, 12, 8, 16];

function print(measured: ReadonlyMap<string, readonly Measurement[]>, seconds: number): void {
  const rateOf = (one: Measurement): number => one.requestsPerSecond;
  const baseline = median(measured.values().next().value ?? [], rateOf);
  console.log(`\nBeside nginx alone, ${seconds} s a measurement\n`);
  printRow(['peer', 'requests/s', 'ratio', 'CPU µs/request'], widths);
  for (const [name, list] of measured) {
    const rate = median(list, rateOf);
    const cpu = median(list, (one) => one.cpuMicroseconds ?? 0);
    const cpuText = cpu === 0 ? '–' : cpu.toFixed(0);
    printRow([name, rate.toFixed(0), (rate / baseline).toFixed(2), cpuText], widths);
  }
  console.log('\nratio: to nginx static in this run; CPU: of the process behind nginx');
}
