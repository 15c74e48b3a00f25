/** What went wrong with a question to a feed: in words, and whether asking again may help. */

import { messageOf, systemCodeOf } from '../errors.ts';
import { SyncFailure } from './failure.ts';
import { showUrl } from './feed.ts';

const transientStatuses = [408, 425, 429, 500, 502, 503, 504];

/** Of connections: the other side is away for a moment, or slow, or cut the answer short. */
const transientCodes =
  /^(?:ECONNRESET|ECONNREFUSED|ECONNABORTED|ETIMEDOUT|EPIPE|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN|UND_ERR_(?:SOCKET|CONNECT_TIMEOUT|HEADERS_TIMEOUT|BODY_TIMEOUT|RES_CONTENT_LENGTH_MISMATCH))$/;

/** Undefined for a status with bytes. @param retryAfter the header of that name */
export function statusProblem(
  status: number,
  url: URL,
  retryAfter?: string | string[],
): SyncFailure | undefined {
  if (status === 200 || status === 206) return undefined;
  const answered = `Cannot fetch ${showUrl(url)}: it answered with the status ${status}`;
  const isTransient = transientStatuses.includes(status);
  if (status === 401 || status === 403) {
    return new SyncFailure(`${answered}; the feed’s credentials or certificate do not open it`);
  }
  return new SyncFailure(answered, { isTransient, retryAfterSeconds: secondsOf(retryAfter) });
}

/** Of a number of seconds or a date (RFC 9110, section 10.2.3); 0 for anything else. */
function secondsOf(retryAfter: string | string[] | undefined): number {
  if (typeof retryAfter !== 'string') return 0;
  if (/^\d{1,9}$/.test(retryAfter)) return Number(retryAfter);
  const at = Date.parse(retryAfter);
  return Number.isNaN(at) ? 0 : Math.max(0, Math.ceil((at - Date.now()) / 1000));
}

/** @param error what a connection ended with */
export function describeProblem(error: unknown, url: URL): SyncFailure {
  if (error instanceof SyncFailure) return error;
  // Where a name has several addresses, each has an error of its own.
  const errors: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
  const why = errors.map((each) => messageOf(each).slice(0, 200)).join('; ');
  const isTransient = errors.some((each) => transientCodes.test(systemCodeOf(each) ?? ''));
  return new SyncFailure(`Cannot fetch ${showUrl(url)}: ${why}`, { isTransient });
}
