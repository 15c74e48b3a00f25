/**
 * SCRIPT_NAME and PATH_INFO: where the application is mounted, and the path below it (RFC 3875
 * §4.1.13, §4.1.5). Fronts differ in which of the two they send and in whether PATH_INFO still
 * begins with SCRIPT_NAME; the rules here are the same for modifier1 0 and 30.
 *
 * Both are what the front says of its own configuration, for building links. Content is found by the
 * request target, never by these.
 */

import type { VariableMap } from './variables.ts';

export interface Mount {
  /** The prefix without a trailing slash; empty for the root. Decoded bytes, one character each. */
  readonly scriptName: string;
  /** The path below the prefix. */
  readonly pathInfo: string;
}

export function findMount(variables: VariableMap): Mount {
  const given = withoutTrailingSlash(variables.get('SCRIPT_NAME') ?? '');
  const pathInfo = variables.get('PATH_INFO') ?? '';
  const whole = normalizedPath(variables.get('REQUEST_URI') ?? '');
  if (given === '') return { scriptName: rewrittenAway(whole, pathInfo), pathInfo };
  // Apache sends PATH_INFO without the prefix, even where the rest begins with the same segment again.
  if (whole === given + pathInfo) return { scriptName: given, pathInfo };
  return { scriptName: given, pathInfo: withoutPrefix(given, pathInfo) };
}

/** nginx's `rewrite /prefix/(.*) /$1 break` leaves the prefix in REQUEST_URI alone. */
function rewrittenAway(whole: string | undefined, pathInfo: string): string {
  if (whole === undefined || !pathInfo.startsWith('/') || !whole.endsWith(pathInfo)) return '';
  return whole.slice(0, whole.length - pathInfo.length);
}

/** Cuts `prefix` where a segment ends, never inside one (T24). */
function withoutPrefix(prefix: string, path: string): string {
  const isBelow = path === prefix || path.startsWith(`${prefix}/`);
  return isBelow ? path.slice(prefix.length) : path;
}

function withoutTrailingSlash(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path;
}

/**
 * The path of a request target as nginx makes PATH_INFO from it (ngx_http_parse_complex_uri): escapes
 * decoded once, `//` merged, dot segments resolved. For comparison with PATH_INFO alone: a client that
 * writes it in another way than nginx reads it gets an empty SCRIPT_NAME, nothing else. Undefined
 * when it is no path.
 */
function normalizedPath(target: string): string | undefined {
  if (!target.startsWith('/')) return undefined;
  const end = target.search(/[?#]/);
  const bytes = unescapedBytes(end === -1 ? target : target.slice(0, end));
  const segments: string[] = [];
  const parts = bytes.split('/');
  for (const part of parts) {
    if (part === '..') segments.pop();
    else if (part !== '' && part !== '.') segments.push(part);
  }
  const last = parts.at(-1);
  const isDirectory = last === '' || last === '.' || last === '..';
  return `/${segments.join('/')}${isDirectory && segments.length > 0 ? '/' : ''}`;
}

/** Percent-escapes as bytes, one character each. */
function unescapedBytes(text: string): string {
  if (!text.includes('%')) return text;
  return text.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}
