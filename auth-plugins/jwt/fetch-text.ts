/** Asks a server for a text, and takes no more of it and waits no longer than it should. */

export interface FetchLimits {
  readonly bytesMax: number;
  readonly millisecondsMax: number;
  /** Ends it early. */
  readonly signal: AbortSignal;
}

/**
 * @throws Error with a clause: the server cannot be reached or is late, answers with anything but 200
 *   (a redirect is not followed), or with more than `bytesMax`, or not in UTF-8
 */
export async function fetchText(url: string, limits: FetchLimits): Promise<string> {
  const { bytesMax, millisecondsMax } = limits;
  const late = AbortSignal.timeout(millisecondsMax);
  const signal = AbortSignal.any([late, limits.signal]);
  try {
    const response = await fetch(url, { redirect: 'manual', signal });
    if (response.status !== 200) {
      await response.body?.cancel();
      throw new Error(`it answered with the status ${response.status}`);
    }
    return await readBody(response, bytesMax);
  } catch (error) {
    if (late.aborted) throw new Error(`it did not answer within ${millisecondsMax} ms`);
    throw new Error(reasonOf(error), { cause: error });
  }
}

async function readBody(response: Response, bytesMax: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop by an error ends the connection.
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > bytesMax) throw new Error(`its answer is over ${bytesMax} bytes`);
    chunks.push(chunk);
  }
  return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
}

/** fetch says `fetch failed`, and what failed in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message || error.message : error.message;
}
