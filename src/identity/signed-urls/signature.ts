/** The signature of a URL: HMAC-SHA-256 (RFC 2104) over all that it is good for. */

import { createHmac, timingSafeEqual } from 'node:crypto';
import { encodePath } from '../../http/canonical-path.ts';
import type { CanonicalPath } from '../../model.ts';
import type { UrlKey } from './keys.ts';
import type { SignedTerms } from './parameters.ts';

export interface Signed {
  /** A signature for GET is good for HEAD as well: who may read a file may see how long it is. */
  readonly method: 'GET' | 'HEAD';
  /** The path, or the directory below which everything is signed, with its slash at the end. */
  readonly path: string;
  readonly terms: SignedTerms;
}

/**
 * Base64url, 43 characters. docs/plugins.md tells how others make the same.
 *
 * Each field stands in a line of its own, and only the last can hold a line feed: no two different
 * URLs have one text.
 */
export function signatureOf({ method, path, terms }: Signed, key: UrlKey): string {
  const { from, expires, address, segments, rest } = terms;
  const fields = [
    'portcullis-signed-url-1',
    method,
    segments === undefined ? 'exact' : 'below',
    encodePath(path),
    key.id,
    from,
    expires,
    address ?? '',
    rest === undefined ? '' : `?${rest}`,
  ];
  return createHmac('sha256', key.secret).update(fields.join('\n'), 'latin1').digest('base64url');
}

/** In a time that says nothing of where they differ (T48). */
export function isSignature(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given, 'latin1'), Buffer.from(expected, 'latin1')];
  return one.length === other.length && timingSafeEqual(one, other);
}

/**
 * The directory of the first `segments` segments of a path, with its slash; undefined when the path is
 * not in it.
 */
export function directoryOf(path: CanonicalPath, segments: number): string | undefined {
  let end = 0;
  for (let count = 0; count < segments; count += 1) {
    end = path.indexOf('/', end + 1);
    if (end === -1) return undefined;
  }
  return path.slice(0, end + 1);
}
