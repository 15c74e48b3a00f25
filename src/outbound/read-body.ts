/** Reads the body of an answer into one buffer, and no more of it than it may have. */

import type { HttpProblem } from '../plugin-http.ts';

/** Bytes that are taken from the start for a body of unknown length. */
const firstBytes = 4096;

/**
 * Leaving the loop ends the connection.
 *
 * @param bytesExpected as the server announces it; 0 when it does not
 */
export async function readBody(
  body: AsyncIterable<Uint8Array>,
  bytesExpected: number,
  bytesMax: number,
): Promise<Uint8Array<ArrayBuffer> | HttpProblem> {
  let bytes = new Uint8Array(Math.min(Math.max(bytesExpected, firstBytes), bytesMax));
  let length = 0;
  for await (const chunk of body) {
    if (length + chunk.length > bytesMax)
      return { problem: `its answer is over ${bytesMax} bytes` };
    if (length + chunk.length > bytes.length) {
      const longer = new Uint8Array(Math.max(2 * bytes.length, length + chunk.length));
      longer.set(bytes.subarray(0, length));
      bytes = longer;
    }
    bytes.set(chunk, length);
    length += chunk.length;
  }
  return bytes.subarray(0, length);
}
