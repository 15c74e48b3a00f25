/** The address of a remote repository: HTTP alone (T29), and its credentials apart from it. */

import type { JsonObject } from '../repositories/documents.ts';

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
