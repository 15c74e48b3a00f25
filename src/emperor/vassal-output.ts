/** The output of a vassal that belongs to somebody else: lines of the emperor's log, at a bounded rate. */

import type { Readable } from 'node:stream';
import { createLineReader } from './lines.ts';

/** What one vassal may write within a second, in bytes. It waits when it writes more. */
export const outputBytesPerSecondMax = 1024 * 1024;

/** The longest line; the rest of a longer one is left out. */
export const outputLineBytesMax = 16 * 1024;

/**
 * Its own descriptor of the log would let it change what others have written there.
 *
 * @param tell gets each line
 */
export function followOutput(output: Readable, tell: (line: string) => void): void {
  const lines = createLineReader(outputLineBytesMax, () => tell('[a line that is too long]'));
  let bytes = 0;
  let renewal: NodeJS.Timeout | undefined;
  const renew = (): void => {
    renewal = undefined;
    bytes = 0;
    output.resume();
  };
  output.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    renewal ??= setTimeout(renew, 1000);
    if (bytes >= outputBytesPerSecondMax) output.pause();
    for (const line of lines.read(chunk)) tell(line);
  });
  output.on('error', () => {});
  output.on('close', () => clearTimeout(renewal));
}
