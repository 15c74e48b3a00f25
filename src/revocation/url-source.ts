/** A list from a URL, within limits of time and bytes. Who signs it is what counts, not who sends it. */

import { messageOf } from '../errors.ts';
import { fetchSecondsMax, sourceBytesMax } from './limits.ts';
import { failed, type ListSource, type SourceAnswer } from './source.ts';

export interface UrlSourceOptions {
  readonly url: string;
  /** Seconds between two requests while all is well. */
  readonly refreshSeconds: number;
  /** For one request with its response. */
  readonly secondsMax?: number;
  readonly bytesMax?: number;
  /** At least 0 and below 1. */
  readonly random?: () => number;
}

export function createUrlSource(options: UrlSourceOptions): ListSource {
  const { url, refreshSeconds, secondsMax = fetchSecondsMax, bytesMax = sourceBytesMax } = options;
  const random = options.random ?? Math.random;
  let accepted: Validators = {};
  let latest: Validators = {};
  return {
    name: url,
    read: async (closing) => {
      const limit = AbortSignal.timeout(secondsMax * 1000);
      try {
        const response = await request(url, accepted, AbortSignal.any([closing, limit]));
        latest = validatorsOf(response);
        return await answerOf(response, Object.keys(accepted).length > 0, bytesMax);
      } catch (error) {
        return failed(limit.aborted ? `it was not there within ${secondsMax} s` : causeOf(error));
      }
    },
    accept: () => {
      accepted = latest;
    },
    // Only ever shorter by chance, so that many workers do not ask at once and the bound still holds.
    pauseSeconds: (failures, secondsLeft) => {
      const backOff = failures === 0 ? refreshSeconds : 2 ** Math.min(failures - 1, 20);
      const ending = secondsLeft !== undefined && secondsLeft > 0 ? secondsLeft + 1 : backOff;
      return Math.min(refreshSeconds, backOff, ending) * (1 - 0.1 * random());
    },
  };
}

/** Headers that ask for a list only when it is another. */
type Validators = Readonly<Record<string, string>>;

function request(url: string, validators: Validators, signal: AbortSignal): Promise<Response> {
  // A redirect could lead anywhere inside of the operator's network.
  const headers = { ...validators, accept: '*/*', 'accept-encoding': 'identity' };
  return fetch(url, { headers, signal, redirect: 'manual', credentials: 'omit' });
}

function validatorsOf({ headers }: Response): Validators {
  const tag = headers.get('etag');
  if (tag !== null) return { 'if-none-match': tag };
  const modified = headers.get('last-modified');
  return modified === null ? {} : { 'if-modified-since': modified };
}

async function answerOf(
  response: Response,
  wasConditional: boolean,
  bytesMax: number,
): Promise<SourceAnswer> {
  const { status, headers, body } = response;
  if (status !== 200 || body === null) {
    await body?.cancel();
    if (status === 304 && wasConditional) return { outcome: 'same' };
    const location = headers.get('location');
    return failed(
      location === null
        ? `the server answers with status ${status}`
        : `the server redirects to ${JSON.stringify(location)}, which is not followed; name that URL`,
    );
  }
  const announced = Number(headers.get('content-length') ?? 0);
  return collect(body, Math.min(announced || 0, bytesMax), bytesMax);
}

/** Copies what comes into one buffer that can be given away. */
async function collect(
  body: AsyncIterable<Uint8Array>,
  bytesExpected: number,
  bytesMax: number,
): Promise<SourceAnswer> {
  let bytes = new Uint8Array(Math.max(bytesExpected, 65_536));
  let length = 0;
  // To leave the loop cancels the rest of the body.
  for await (const chunk of body) {
    if (length + chunk.length > bytesMax) return failed(`it is longer than ${bytesMax} bytes`);
    if (length + chunk.length > bytes.length) {
      const longer = new Uint8Array(Math.max(2 * bytes.length, length + chunk.length));
      longer.set(bytes.subarray(0, length));
      bytes = longer;
    }
    bytes.set(chunk, length);
    length += chunk.length;
  }
  return { outcome: 'read', bytes: bytes.subarray(0, length) };
}

/** `fetch` says only that it failed; why is in the cause. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return messageOf(cause ?? error);
}
