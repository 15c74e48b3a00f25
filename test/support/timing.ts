/** How long work takes, on machines that do other work at the same time. */

/** Of work that takes milliseconds at most. */
const shortRuns = 100;
const longRuns = 20;

/** Milliseconds of the fastest of several runs. */
export function fastestMs(work: () => void): number {
  const times = Array.from({ length: shortRuns }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  });
  return Math.min(...times);
}

/** Milliseconds of processor time, of all threads, in the cheapest of several runs. */
export async function cheapestCpuMs(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < longRuns; run += 1) {
    const start = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(start);
    times.push((user + system) / 1000);
  }
  return Math.min(...times);
}
