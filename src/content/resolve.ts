/** Which distribution a path belongs to. */

import { PortcullisError } from '../errors.ts';
import { segmentPrefixes } from '../http/canonical-path.ts';
import type { CanonicalPath, Distribution } from '../model.ts';

export interface Resolved<D extends Distribution> {
  readonly distribution: D;
  /** Begins with a slash; `/` for the distribution itself, with or without its own last slash. */
  readonly pathInDistribution: string;
}

export type Resolver<D extends Distribution> = (path: CanonicalPath) => Resolved<D> | undefined;

/**
 * Finds distributions by the longest prefix of whole segments, byte for byte: `acme` is neither a
 * prefix of `acme2` nor of `Acme` (T24, T30). A look-up costs as much as the deepest distribution
 * has segments, however many distributions there are.
 *
 * @param prefixes each begins and ends with `/`
 * @throws PortcullisError CONFIG_INVALID when two distributions would be served at one path
 */
export function createResolver<D extends Distribution>(
  prefixes: readonly string[],
  distributions: readonly D[],
): Resolver<D> {
  const byPath = new Map<string, D>();
  for (const prefix of prefixes) {
    for (const distribution of distributions) add(byPath, prefix, distribution);
  }
  const segmentsMax = Math.max(0, ...Array.from(byPath.keys(), countSegments));
  return (path) => {
    let found: D | undefined;
    let length = 0;
    for (const prefix of segmentPrefixes(path, segmentsMax)) {
      const distribution = byPath.get(prefix);
      if (distribution === undefined) continue;
      found = distribution;
      length = prefix.length;
    }
    return found && { distribution: found, pathInDistribution: path.slice(length) || '/' };
  };
}

function add<D extends Distribution>(byPath: Map<string, D>, prefix: string, distribution: D) {
  const path = `${prefix}${distribution.relativeUrl}`;
  if (byPath.has(path)) {
    throw new PortcullisError(
      'CONFIG_INVALID',
      `Cannot serve distribution "${distribution.relativeUrl}": another one is served at "${path}"`,
    );
  }
  byPath.set(path, distribution);
}

function countSegments(path: string): number {
  return path.split('/').length - 1;
}
