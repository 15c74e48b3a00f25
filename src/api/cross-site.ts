/**
 * Tells the calls that a web page of another site has a browser make (T63). The browser adds its
 * certificate, or the password that it knows, by itself, and no content type keeps a form from sending
 * JSON. Programs send neither of the two headers, and no page can keep a browser from sending them.
 */

import type { IncomingMessage } from 'node:http';

/** Reading is left to the browser, which shows no answer of ours to another site. */
export function isOfAnotherSite({
  method,
  headers,
}: Pick<IncomingMessage, 'method' | 'headers'>): boolean {
  if (method === 'GET' || method === 'HEAD') return false;
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  const { origin, host } = headers;
  if (origin === undefined) return false;
  return host === undefined || origin.replace(/^https?:\/\//, '') !== host.toLowerCase();
}
