/** A list from a URL, within limits of time and bytes. Who signs it is what counts, not who sends it. */

import { createHttpClient } from '../outbound/http-client.ts';
import type { Asked, HttpAnswer } from '../plugin.ts';
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
  const limits = { secondsMax, answerBytesMax: bytesMax, connectionsMax: 1, pendingMax: 1 };
  const random = options.random ?? Math.random;
  let accepted: Validators = {};
  let latest: Validators = {};
  const readAnswer = ({ status, headers, body }: HttpAnswer): Asked<SourceAnswer> => {
    if (status === 304) return { value: { outcome: 'same' } };
    latest = validatorsOf(headers);
    return { value: { outcome: 'read', bytes: body } };
  };
  return {
    name: url,
    read: async (closing) => {
      // Minutes may pass until the next question: nobody has to keep a connection for it.
      using client = createHttpClient({ url, limits });
      const statuses = Object.keys(accepted).length > 0 ? [304] : [];
      const question = { method: 'GET', headers: accepted, statuses } as const;
      const asked = await client.ask(question, readAnswer, closing);
      return 'value' in asked ? asked.value : failed(asked.problem);
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

function validatorsOf({ etag, 'last-modified': modified }: HttpAnswer['headers']): Validators {
  if (etag !== undefined) return { 'if-none-match': etag };
  return modified === undefined ? {} : { 'if-modified-since': modified };
}
