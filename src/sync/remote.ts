/** Asks for the files of a feed: redirects followed under the same rules, and nobody else's secrets sent. */

import type { Dispatcher } from 'undici';
import type { SyncConfiguration } from '../config/configuration.ts';
import type { AddressGuard } from '../outbound/addresses.ts';
import { isForbiddenLiteral, notPublic } from '../outbound/addresses.ts';
import { type Connections, openConnections } from './connections.ts';
import { SyncFailure } from './failure.ts';
import { type Feed, fileUrl, httpUrl, showUrl } from './feed.ts';
import { redirectsMax } from './limits.ts';
import { describeProblem, statusProblem } from './problems.ts';

export interface Remote extends AsyncDisposable {
  /**
   * @param path whole segments below the feed, checked before (T28)
   * @throws SyncFailure for whatever is no answer with bytes
   */
  get(path: string, from: ResumePoint, signal: AbortSignal): Promise<RemoteBody>;
}

/** Where a download goes on. */
export interface ResumePoint {
  /** Bytes that are there already. */
  readonly offset: number;
  /** The ETag that they came with; they may be others' without. */
  readonly etag: string | undefined;
}

export interface RemoteBody {
  /** Where the bytes begin: at the resume point, or at 0. */
  readonly offset: number;
  /** Undefined where the server does not say one that is worth something. */
  readonly etag: string | undefined;
  /** Ends its connection when it is not read to its end. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

export interface RemoteParts {
  readonly feed: Feed;
  readonly limits: SyncConfiguration;
  readonly isAddressAllowed: AddressGuard;
}

/** @throws SyncFailure when the TLS files of the feed cannot be used, or its proxy not be asked */
export function openRemote(parts: RemoteParts): Remote {
  const { feed, limits, isAddressAllowed } = parts;
  if (feed.proxy !== undefined) checkHost(feed.proxy.url, isAddressAllowed);
  let connections: Connections;
  try {
    connections = openConnections(feed, limits, isAddressAllowed);
  } catch {
    throw new SyncFailure('Cannot use the CA, certificate or key of the feed: expected PEM text');
  }
  return {
    get: (path, from, signal) =>
      follow({ ...parts, connections }, fileUrl(feed, path), from, signal),
    [Symbol.asyncDispose]: () => connections[Symbol.asyncDispose](),
  };
}

interface FollowParts extends RemoteParts {
  readonly connections: Connections;
}

async function follow(
  parts: FollowParts,
  start: URL,
  from: ResumePoint,
  signal: AbortSignal,
): Promise<RemoteBody> {
  let url = start;
  for (let redirects = 0; redirects <= redirectsMax; redirects += 1) {
    const response = await ask(parts, url, from, signal);
    const next = redirectOf(response, url);
    if (next === undefined) return bodyOf(response, url, from);
    response.body.destroy();
    url = next;
  }
  throw new SyncFailure(
    `Cannot fetch ${showUrl(start)}: it redirects more than ${redirectsMax} times`,
  );
}

async function ask(
  { feed, isAddressAllowed, connections }: FollowParts,
  url: URL,
  { offset, etag }: ResumePoint,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  checkHost(url, isAddressAllowed);
  const isOwn = url.origin === feed.url.origin;
  try {
    const response = await connections.dispatcherFor(url).request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: 'GET',
      signal,
      headers: {
        accept: '*/*',
        'accept-encoding': 'identity',
        'user-agent': 'portcullis',
        ...(isOwn && feed.basic !== undefined && { authorization: feed.basic }),
        ...(offset > 0 && { range: `bytes=${offset}-` }),
        ...(offset > 0 && etag !== undefined && { 'if-range': etag }),
      },
    });
    // What breaks a body is told to who reads it; of one that nobody reads it would end the process.
    response.body.on('error', () => {});
    return response;
  } catch (error) {
    signal.throwIfAborted();
    throw describeProblem(error, url);
  }
}

/** A literal address is never looked up, so that it is judged here. */
function checkHost(url: URL, isAddressAllowed: AddressGuard): void {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (isForbiddenLiteral(host, isAddressAllowed)) {
    throw new SyncFailure(`Cannot fetch ${showUrl(url)}: ${notPublic(host, 'sync.addresses')}`);
  }
}

function redirectOf({ statusCode, headers }: Dispatcher.ResponseData, url: URL): URL | undefined {
  const { location } = headers;
  if (![301, 302, 303, 307, 308].includes(statusCode)) return undefined;
  const next = typeof location === 'string' ? httpUrl(location, url) : undefined;
  if (next === undefined) {
    throw new SyncFailure(
      `Cannot fetch ${showUrl(url)}: it redirects to what is no http: or https: URL`,
    );
  }
  if (url.protocol === 'https:' && next.protocol === 'http:') {
    throw new SyncFailure(
      `Cannot fetch ${showUrl(url)}: it redirects from https: to http:, which anybody could change`,
    );
  }
  return next;
}

function bodyOf(response: Dispatcher.ResponseData, url: URL, from: ResumePoint): RemoteBody {
  const { statusCode, headers, body } = response;
  const problem = statusProblem(statusCode, url, headers['retry-after']);
  if (problem !== undefined) {
    body.destroy();
    throw problem;
  }
  const offset = statusCode === 206 ? rangeStart(headers['content-range']) : 0;
  if (offset !== 0 && offset !== from.offset) {
    body.destroy();
    throw new SyncFailure(`Cannot fetch ${showUrl(url)}: it answered with another range`);
  }
  const { etag } = headers;
  // A weak one says nothing of bytes (RFC 9110, section 13.1.5).
  const isStrong = typeof etag === 'string' && etag.startsWith('"');
  return { offset, etag: isStrong ? etag : undefined, bytes: readBytes(body, url) };
}

function rangeStart(contentRange: string | string[] | undefined): number {
  const start = /^bytes (\d{1,15})-/.exec(String(contentRange))?.[1];
  return start === undefined ? Number.NaN : Number(start);
}

async function* readBytes(
  body: Dispatcher.ResponseData['body'],
  url: URL,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of body) yield chunk as Uint8Array;
  } catch (error) {
    throw describeProblem(error, url);
  } finally {
    body.destroy();
  }
}
