/** Signs URLs. */

import { PortcullisError } from '../../errors.ts';
import { canonicalizePath, encodePath } from '../../http/canonical-path.ts';
import type { CanonicalPath } from '../../model.ts';
import type { UrlKey, UrlKeys } from './keys.ts';
import {
  canonicalRange,
  hasSignedParameters,
  type SignedTerms,
  signedQueryBytesMax,
  signedTimeMax,
  writeSignedQuery,
} from './parameters.ts';
import { signatureOf } from './signature.ts';

export interface UrlToSign {
  /** A URL of http or https, or a path that begins with `/`; a query in it is signed as it stands. */
  readonly url: string;
  readonly method: 'GET' | 'HEAD';
  readonly from: Date;
  /** Rounded up to whole seconds, as `from` is rounded down. */
  readonly expires: Date;
  /** The id of the key; the first of the file when undefined. */
  readonly key: string | undefined;
  /** An IP address or a CIDR range. */
  readonly address: string | undefined;
  /** Whether all below the directory is meant that the URL names. */
  readonly below: boolean;
}

const urlParts = /^(https?:\/\/[^/?#\s]+)?(\/[^?#]*)(?:\?([^#]*))?$/i;

/** @throws PortcullisError USAGE for what cannot be signed so that it would be let in */
export function signUrl(toSign: UrlToSign, keys: UrlKeys): string {
  const { origin, path, rest } = readUrl(toSign.url);
  const key = keyFor(toSign.key, keys);
  const terms: SignedTerms = {
    key: key.id,
    from: Math.floor(toSign.from.getTime() / 1000),
    expires: Math.ceil(toSign.expires.getTime() / 1000),
    address: toSign.address === undefined ? undefined : readRange(toSign.address),
    segments: toSign.below ? segmentsOf(path) : undefined,
    rest,
  };
  if (!(terms.from > 0 && terms.from < terms.expires && terms.expires <= signedTimeMax)) {
    throw refuse('it has to begin after 1970, and to expire after it begins');
  }
  const signature = signatureOf({ method: toSign.method, path, terms }, key);
  const query = writeSignedQuery({ ...terms, signature });
  if (query.length > signedQueryBytesMax) {
    throw refuse(`its query would be over ${signedQueryBytesMax} bytes`);
  }
  return `${origin}${encodePath(path)}?${query}`;
}

function readUrl(url: string): {
  readonly origin: string;
  readonly path: CanonicalPath;
  readonly rest: string | undefined;
} {
  const [, origin = '', target, rest] = urlParts.exec(url) ?? [];
  if (target === undefined) {
    throw refuse('expected a URL of http or https without a fragment, or a path');
  }
  const canonical = canonicalizePath(Buffer.from(target, 'utf8').toString('latin1'));
  if (!canonical.ok) throw refuse(canonical.reason);
  if (rest !== undefined && !/^[!-~]*$/.test(rest)) {
    throw refuse('its query has a character that has to be escaped, as %20');
  }
  if (rest !== undefined && hasSignedParameters(rest)) throw refuse('it is signed already');
  return { origin, path: canonical.path, rest };
}

function keyFor(id: string | undefined, keys: UrlKeys): UrlKey {
  const key = id === undefined ? keys.values().next().value : keys.get(id);
  if (key !== undefined) return key;
  throw refuse(`there is no key ${JSON.stringify(id)}; there are ${[...keys.keys()].join(', ')}`);
}

function readRange(text: string): string {
  const range = canonicalRange(text);
  if (range !== undefined) return range;
  throw refuse('the address is no IP address or CIDR range without host bits, as 192.0.2.0/24');
}

function segmentsOf(path: CanonicalPath): number {
  const segments = path.split('/').length - 2;
  if (path.endsWith('/') && segments > 0 && segments <= 999) return segments;
  throw refuse('the path of a directory ends with "/", below the first one');
}

function refuse(state: string): PortcullisError {
  return new PortcullisError('USAGE', `Cannot sign the URL: ${state}`);
}
