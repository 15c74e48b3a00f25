/**
 * Parts of URL paths that the operator chooses.
 *
 * Their characters are those that need no escape in a path (RFC 3986 section 3.3) and mean nothing
 * in a front's configuration: no quote, no `$`, `;`, `{`, `}`, `*` or white space.
 */

import { isIPv6 } from 'node:net';
import { type Kind, kindOf } from '../kind.ts';
import { isHostName } from './network.ts';

/** The longest path prefix or relative URL, in characters. */
export const urlCharactersMax = 1024;

const segment = /^(?!\.{1,2}$)[A-Za-z0-9._~+@:,=-]+$/;
/** Those that no encoder of a hand-off touches, so that the front finds its location literally. */
const plainSegment = /^(?!\.{1,2}$)[A-Za-z0-9._~-]+$/;

/** Where a distribution is served below a content prefix. */
export const relativeUrl: Kind<string> = kindOf(
  `whole segments of letters, digits and ._~+@:,=- without a leading or trailing /, as acme/el9, at most ${urlCharactersMax} characters, no . or .. segment`,
  (raw) => (isSegments(raw, segment) ? raw : undefined),
);

/** A prefix of request paths. */
export const pathPrefix: Kind<string> = kindOf(
  `a path of one or more segments of letters, digits and ._~+@:,=- that begins and ends with /, as /pulp/repos/, at most ${urlCharactersMax} characters`,
  (raw) => (isPrefix(raw, segment) ? raw : undefined),
);

/** The prefix of internal locations. */
export const internalPathPrefix: Kind<string> = kindOf(
  `a path of one or more segments of letters, digits and ._~- that begins and ends with /, as /portcullis-internal/, at most ${urlCharactersMax} characters`,
  (raw) => (isPrefix(raw, plainSegment) ? raw : undefined),
);

/** Where clients reach a server: the scheme, the host and the port of its URLs. */
export const origin: Kind<string> = kindOf(
  'http:// or https:// with a host name or address in lower case, and a port that is not the usual one, as https://cdn.example.com; no path',
  (raw) => (typeof raw === 'string' && isOrigin(raw) ? raw : undefined),
);

/** The SCRIPT_NAME of an application: a prefix of paths, without its closing slash. */
export const mountPrefix: Kind<string> = kindOf(
  `a path of one or more segments of letters, digits and ._~+@:,=- that begins with / and does not end with one, as /blog, at most ${urlCharactersMax} characters`,
  (raw) => (typeof raw === 'string' && isPrefix(`${raw}/`, segment) ? raw : undefined),
);

function isOrigin(raw: string): boolean {
  const [, scheme, address, name = '', port] =
    /^(https?):\/\/(?:\[([0-9a-f:.]+)\]|([a-z0-9.-]+))(?::([1-9]\d{0,4}))?$/.exec(raw) ?? [];
  if (scheme === undefined || port === usualPorts[scheme] || Number(port ?? 1) > 65_535)
    return false;
  return address === undefined ? isHostName(name) : isIPv6(address);
}

const usualPorts: Readonly<Record<string, string>> = { http: '80', https: '443' };

function isPrefix(raw: unknown, pattern: RegExp): raw is string {
  return (
    typeof raw === 'string' &&
    raw.length <= urlCharactersMax &&
    raw.length > 2 &&
    raw.startsWith('/') &&
    raw.endsWith('/') &&
    isSegments(raw.slice(1, -1), pattern)
  );
}

function isSegments(raw: unknown, pattern: RegExp): raw is string {
  return (
    typeof raw === 'string' &&
    raw.length <= urlCharactersMax &&
    raw.split('/').every((part) => pattern.test(part))
  );
}
