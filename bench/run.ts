/** Requests per second and CPU per request beside nginx alone, in one run. README.md says what counts. */

import { availableParallelism } from 'node:os';
import { isInstalled } from '../test/support/processes.ts';
import { type Measurement, measure } from './measure.ts';
import { createPeers } from './peers.ts';

const rounds = 3;
const secondsDefault = 3;

const missing = ['nginx', 'wrk', 'openssl'].filter((program) => !isInstalled(program));
if (missing.length > 0) {
  throw new Error(
    `Cannot run the benchmark: install ${missing.join(', ')} (as root on Debian: apt-get)`,
  );
}
const seconds = Number(process.argv[2] ?? secondsDefault);
if (!(seconds > 0))
  throw new Error('Cannot run the benchmark: its argument is a number of seconds');

await using peers = await createPeers();
const results = new Map<string, Measurement[]>();
for (let round = 1; round <= rounds; round += 1) {
  for (const peer of peers.list) {
    console.error(`round ${round} of ${rounds}: ${peer.name}`);
    const measurement = await measure(peer, seconds);
    results.set(peer.name, [...(results.get(peer.name) ?? []), measurement]);
  }
}
print(results);

function print(measured: ReadonlyMap<string, readonly Measurement[]>): void {
  const baseline = median(measured.values().next().value ?? [], (one) => one.requestsPerSecond);
  console.log(
    `Node ${process.version}, ${availableParallelism()} cores, ${seconds} s a measurement\n`,
  );
  console.log(
    `${'peer'.padEnd(32)}${'requests/s'.padStart(12)}${'ratio'.padStart(8)}${'CPU µs/request'.padStart(16)}`,
  );
  for (const [name, list] of measured) {
    const rate = median(list, (one) => one.requestsPerSecond);
    const cpu = median(list, (one) => one.cpuMicroseconds ?? 0);
    const cpuText = cpu === 0 ? '–' : cpu.toFixed(0);
    console.log(
      name.padEnd(32) +
        rate.toFixed(0).padStart(12) +
        (rate / baseline).toFixed(2).padStart(8) +
        cpuText.padStart(16),
    );
  }
  console.log('\nratio: to nginx static in this run; CPU: of the process behind nginx');
}

function median(list: readonly Measurement[], value: (one: Measurement) => number): number {
  const sorted = list.map(value).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
