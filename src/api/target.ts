/** The target of a request: one canonical path, and the values of its query. */

import { canonicalizePath, encodePath } from '../http/canonical-path.ts';

export interface Target {
  /** Percent-encoded, without empty segments: what the router matches. */
  readonly path: string;
  /** With its question mark; empty when there is none. */
  readonly query: string;
}

/**
 * Client libraries send `/history//sync/`, so that slashes in a row are one. Everything else that is
 * not spelled canonically names nothing: undefined.
 */
export function readTarget(rawTarget: string): Target | undefined {
  const queryAt = rawTarget.indexOf('?');
  const rawPath = queryAt === -1 ? rawTarget : rawTarget.slice(0, queryAt);
  const canonical = canonicalizePath(rawPath.replaceAll(/\/{2,}/g, '/'));
  // A lone surrogate is a byte that is not UTF-8: no name of ours has one.
  if (!canonical.ok || !canonical.path.isWellFormed()) return undefined;
  return {
    path: encodePath(canonical.path),
    query: queryAt === -1 ? '' : rawTarget.slice(queryAt),
  };
}

/** The values of each name, in their order. How long a query may be is for the listener to say. */
export function readQuery(query: string): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(query)) {
    const others = values.get(name);
    if (others === undefined) values.set(name, [value]);
    else others.push(value);
  }
  return values;
}
