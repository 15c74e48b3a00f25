/** What an importer's configuration says of where its content comes from, and how it is fetched. */

import type { JsonObject } from '../repositories/documents.ts';

export interface Feed {
  /** Of a directory: it ends with a slash. Its query, if there is one, is sent with each file. */
  readonly url: URL;
  /** For the feed's own origin alone (T89). */
  readonly basic: string | undefined;
  readonly tls: FeedTls;
  readonly proxy: FeedProxy | undefined;
  /** Bytes a second, of all downloads together. */
  readonly bytesPerSecondMax: number | undefined;
  readonly downloads: number | undefined;
}

/** PEM. The certificate is for the feed's own origin alone (T89). */
export interface FeedTls {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly isVerified: boolean;
}

export interface FeedProxy {
  readonly url: URL;
  /** The value of Proxy-Authorization. */
  readonly authorization: string | undefined;
}

/** @returns a problem as a clause for what cannot be used */
export function readFeed(config: JsonObject): Feed | { readonly problem: string } {
  const feed = stringOf(config, 'feed');
  if (feed === undefined) return { problem: 'its importer has no feed; set one' };
  const url = httpUrl(feed);
  if (url === undefined) {
    return { problem: 'its feed is no http: or https: URL, and nothing else is fetched' };
  }
  const proxy = readProxy(config);
  if (proxy !== undefined && 'problem' in proxy) return proxy;
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  const username = stringOf(config, 'basic_auth_username') ?? url.username;
  const password = stringOf(config, 'basic_auth_password') ?? url.password;
  url.username = '';
  url.password = '';
  url.hash = '';
  const token = stringOf(config, 'query_auth_token');
  if (token !== undefined) url.search = token.trim();
  return {
    url,
    basic: username === '' ? undefined : basicAuthorization(username, password),
    tls: {
      ca: stringOf(config, 'ssl_ca_cert'),
      cert: stringOf(config, 'ssl_client_cert'),
      // Pulp's users put both into one file.
      key: stringOf(config, 'ssl_client_key') ?? stringOf(config, 'ssl_client_cert'),
      isVerified: config.ssl_validation !== false,
    },
    proxy,
    bytesPerSecondMax: positiveOf(config, 'max_speed'),
    downloads: positiveOf(config, 'max_downloads'),
  };
}

/**
 * The URL of a file of the feed. Whatever the path has of escapes is part of its name.
 *
 * @param path whole segments, checked before (T28)
 */
export function fileUrl(feed: Feed, path: string): URL {
  const url = new URL(feed.url);
  url.pathname += path.split('/').map(encodeURIComponent).join('/');
  return url;
}

/** Without what may be a secret in it (T92). */
export function showUrl(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

/** Undefined for what is no `http:` or `https:` URL of a host (T29). */
export function httpUrl(raw: string, base?: URL): URL | undefined {
  const url = URL.parse(raw, base?.href);
  if (url === null || url.hostname === '') return undefined;
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : undefined;
}

function readProxy(config: JsonObject): FeedProxy | { readonly problem: string } | undefined {
  const host = stringOf(config, 'proxy_host');
  if (host === undefined) return undefined;
  const url = httpUrl(/^[a-z]+:\/\//i.test(host) ? host : `http://${host}`);
  if (url === undefined) {
    return { problem: 'its proxy_host is no host and no http: or https: URL of one' };
  }
  const port = positiveOf(config, 'proxy_port');
  if (port !== undefined) url.port = String(port);
  const username = stringOf(config, 'proxy_username');
  const password = stringOf(config, 'proxy_password') ?? '';
  const authorization = username === undefined ? undefined : basicAuthorization(username, password);
  return { url, authorization };
}

function basicAuthorization(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function stringOf(config: JsonObject, name: string): string | undefined {
  const value = config[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function positiveOf(config: JsonObject, name: string): number | undefined {
  const value = config[name];
  return typeof value === 'number' && value > 0 ? value : undefined;
}
