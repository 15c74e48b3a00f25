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

export interface SignedUrl {
  readonly url: string;
  readonly path: CanonicalPath;
  /** The id of the key. */
  readonly key: string;
  /** In whole seconds, as it was signed. */
  readonly from: Date;
  readonly expires: Date;
  /** In its one spelling. */
  readonly address: string | undefined;
}

/** Why something cannot be signed so that it would be let in. */
export interface SignProblem {
  readonly part: 'url' | 'times' | 'key' | 'address';
  /** One clause, as `it is signed already`. */
  readonly problem: string;
}

const noAddress = 'the address is no IP address or CIDR range without host bits, as 192.0.2.0/24';

const urlParts = /^(https?:\/\/[^/?#\s]+)?(\/[^?#]*)(?:\?([^#]*))?$/i;

/** @throws PortcullisError USAGE for what cannot be signed so that it would be let in */
export function signUrl(toSign: UrlToSign, keys: UrlKeys): string {
  const signed = trySignUrl(toSign, keys);
  if ('url' in signed) return signed.url;
  throw new PortcullisError('USAGE', `Cannot sign the URL: ${signed.problem}`);
}

/** As {@link signUrl}, with the problem as a value. */
export function trySignUrl(toSign: UrlToSign, keys: UrlKeys): SignedUrl | SignProblem {
  const target = readUrl(toSign.url);
  if ('problem' in target) return target;
  const { origin, path, rest } = target;
  const key = keyFor(toSign.key, keys);
  if ('problem' in key) return key;
  const address = toSign.address && canonicalRange(toSign.address);
  if (toSign.address !== undefined && !address) return refuse('address', noAddress);
  const segments = toSign.below ? segmentsOf(path) : undefined;
  if (typeof segments === 'object') return segments;
  const from = Math.floor(toSign.from.getTime() / 1000);
  const expires = Math.ceil(toSign.expires.getTime() / 1000);
  if (!(from > 0 && from < expires && expires <= signedTimeMax)) {
    return refuse('times', 'it has to begin after 1970, and to expire after it begins');
  }
  const terms: SignedTerms = { key: key.id, from, expires, address, segments, rest };
  const signature = signatureOf({ method: toSign.method, path, terms }, key);
  const query = writeSignedQuery({ ...terms, signature });
  if (query.length > signedQueryBytesMax) {
    return refuse('url', `its query would be over ${signedQueryBytesMax} bytes`);
  }
  return {
    url: `${origin}${encodePath(path)}?${query}`,
    path,
    key: key.id,
    from: new Date(from * 1000),
    expires: new Date(expires * 1000),
    address,
  };
}

/** The second that `now` is in: a URL from it for so many seconds is valid for no more than that. */
export function signingSecond(now: Date): Date {
  return new Date(Math.floor(now.getTime() / 1000) * 1000);
}

interface Target {
  readonly origin: string;
  readonly path: CanonicalPath;
  readonly rest: string | undefined;
}

function readUrl(url: string): Target | SignProblem {
  const [, origin = '', target, rest] = urlParts.exec(url) ?? [];
  if (target === undefined) {
    return refuse('url', 'expected a URL of http or https without a fragment, or a path');
  }
  const canonical = canonicalizePath(Buffer.from(target, 'utf8').toString('latin1'));
  if (!canonical.ok) return refuse('url', canonical.reason);
  if (rest !== undefined && !/^[!-~]*$/.test(rest)) {
    return refuse('url', 'its query has a character that has to be escaped, as %20');
  }
  if (rest !== undefined && hasSignedParameters(rest)) return refuse('url', 'it is signed already');
  return { origin, path: canonical.path, rest };
}

function keyFor(id: string | undefined, keys: UrlKeys): UrlKey | SignProblem {
  const key = id === undefined ? keys.values().next().value : keys.get(id);
  if (key !== undefined) return key;
  const known = [...keys.keys()].join(', ');
  return refuse('key', `there is no key ${JSON.stringify(id)}; there are ${known}`);
}

function segmentsOf(path: CanonicalPath): number | SignProblem {
  const segments = path.split('/').length - 2;
  if (path.endsWith('/') && segments > 0 && segments <= 999) return segments;
  return refuse('url', 'the path of a directory ends with "/", below the first one');
}

function refuse(part: SignProblem['part'], problem: string): SignProblem {
  return { part, problem };
}
