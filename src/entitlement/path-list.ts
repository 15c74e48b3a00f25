/** The paths of a version 1 certificate. */

import type { Entitlement, EntitlementFinding } from '../plugin.ts';
import { granted, notGranted, tooManyComparisons } from './findings.ts';
import {
  isWholeVariable,
  matchesSegment,
  parseAskedPath,
  parsePattern,
  type SegmentPattern,
} from './segment.ts';

interface GrantedPath {
  readonly text: string;
  readonly patterns: readonly SegmentPattern[];
  /** A path that ends in a variable grants what is below it, and not the place itself. */
  readonly segmentsMin: number;
}

export class PathList implements Entitlement {
  /** About how many bytes of memory it takes. */
  readonly bytes: number;
  readonly #paths: readonly GrantedPath[];
  readonly #comparisonsMax: number;

  /** @param paths with or without slashes around them; one without a segment grants nothing */
  constructor(paths: readonly string[], comparisonsMax: number) {
    this.#paths = paths.map(parsePath).filter(({ patterns }) => patterns.length > 0);
    this.#comparisonsMax = comparisonsMax;
    this.bytes = this.#paths.reduce((sum, { text }) => sum + 10 * text.length, 100);
  }

  find(asked: string): EntitlementFinding {
    const segments = parseAskedPath(asked)?.segments ?? [];
    let nearest = this.#paths[0];
    let longest = 0;
    let comparisons = 0;
    for (const path of this.#paths) {
      const { text, patterns, segmentsMin } = path;
      const length = commonSegments(patterns, segments);
      comparisons += length + 1;
      if (comparisons > this.#comparisonsMax) return tooManyComparisons(this.#comparisonsMax);
      if (length === patterns.length && segments.length >= segmentsMin) {
        return granted(text, segmentsMin);
      }
      if (length > longest) {
        longest = length;
        nearest = path;
      }
    }
    return notGranted(nearest?.text);
  }
}

function parsePath(written: string): GrantedPath {
  const parts = written.split('/');
  const isSomething = (part: string): boolean => part !== '';
  const words = parts.slice(
    Math.max(parts.findIndex(isSomething), 0),
    parts.findLastIndex(isSomething) + 1,
  );
  return {
    text: `/${words.join('/')}`,
    patterns: words.map(parsePattern),
    segmentsMin: words.length + (isWholeVariable(words.at(-1) ?? '') ? 1 : 0),
  };
}

/** How many segments, from the first one on, the two have in common. */
function commonSegments(patterns: readonly SegmentPattern[], segments: readonly string[]): number {
  const different = patterns.findIndex((pattern, index) => {
    const segment = segments[index];
    return segment === undefined || !matchesSegment(pattern, segment);
  });
  return different === -1 ? patterns.length : different;
}
