/** The resident memory of this process. */

let lastKnown = 0;

/**
 * In bytes. The system tells it by a file; a process that has no descriptor left to read it with says
 * what it read last, because clients can bring that about and nothing may end for it.
 */
export function residentBytes(): number {
  try {
    lastKnown = process.memoryUsage.rss();
  } catch {
    // The next time.
  }
  return lastKnown;
}
