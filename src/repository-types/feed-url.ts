/** The address of a remote repository: HTTP alone (T29), and its credentials apart from it. */

import type { JsonObject } from '../repositories/documents.ts';
import { mergeObject } from '../repositories/merge.ts';

const lengthMax = 4096;

export interface FeedUrl {
  /** Without credentials. */
  readonly url: string;
  /** Percent-decoded; undefined where the URL names nobody. */
  readonly username: string | undefined;
  readonly password: string | undefined;
}

/** Undefined for what is no `http:` or `https:` URL of a host. */
export function readFeedUrl(raw: string): FeedUrl | undefined {
  // Whatever a parser would leave out or repair is refused.
  if (raw.length > lengthMax || !/^https?:\/\/[^\s\\/?#]+(?:[/?#][^\s\\]*)?$/i.test(raw)) {
    return undefined;
  }
  const url = URL.parse(raw);
  if (url === null || url.hostname === '') return undefined;
  try {
    const username = decodeURIComponent(url.username) || undefined;
    const password = decodeURIComponent(url.password) || undefined;
    return { url: raw.replace(/^(https?:\/\/)[^/?#]*@/i, '$1'), username, password };
  } catch {
    return undefined;
  }
}

/** What is shown to a feed, and to a proxy: each is for the server that it was given for. */
const credentialNames: Readonly<Record<'feed' | 'proxy', readonly string[]>> = {
  feed: [
    ...['basic_auth_username', 'basic_auth_password', 'query_auth_token'],
    ...['ssl_client_cert', 'ssl_client_key'],
  ],
  proxy: ['proxy_username', 'proxy_password'],
};

/**
 * The configuration of an importer with the names of `change`; null takes one away. Where they name another
 * server, what was to be shown to the one before goes, unless it is given with them (T89): whoever may
 * change where a repository comes from, or sync it from elsewhere once, may not know its secrets.
 */
export function mergeFeedConfig(present: JsonObject, change: JsonObject): JsonObject {
  const merged = mergeObject(present, change);
  const gone = new Set([
    ...(feedOrigin(merged.feed) === feedOrigin(present.feed) ? [] : credentialNames.feed),
    ...(isSameProxy(present, merged) ? [] : credentialNames.proxy),
  ]);
  const kept = Object.entries(merged).filter(
    ([name]) => !gone.has(name) || (change[name] ?? null) !== null,
  );
  return Object.fromEntries(kept);
}

/** Scheme, host and port; undefined for what is no URL. */
export function feedOrigin(feed: unknown): string | undefined {
  return typeof feed === 'string' ? URL.parse(feed)?.origin : undefined;
}

function isSameProxy(one: JsonObject, other: JsonObject): boolean {
  return one.proxy_host === other.proxy_host && one.proxy_port === other.proxy_port;
}

/** The configuration with the credentials of its `feed` in the options that are made for them. */
export function withFeedCredentials(raw: JsonObject): JsonObject {
  const feed = typeof raw.feed === 'string' ? readFeedUrl(raw.feed) : undefined;
  if (feed === undefined) return raw;
  return {
    ...raw,
    feed: feed.url,
    ...(feed.username !== undefined && { basic_auth_username: feed.username }),
    ...(feed.password !== undefined && { basic_auth_password: feed.password }),
  };
}
