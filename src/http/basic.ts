/** The Authorization header: Basic (RFC 7617) and Bearer (RFC 6750). */

import { isUtf8 } from 'node:buffer';

/** The longest user name, and the longest password, in bytes of UTF-8 (T50). */
export const credentialBytesMax = 1024;

/** The longest header that two credentials of the full length make: base64 takes 4 for 3. */
const basicHeaderBytesMax = 16 + 4 * Math.ceil((2 * credentialBytesMax + 1) / 3);

/** The longest Bearer token, in bytes. */
export const bearerBytesMax = 8192;

export type Authorization =
  | { readonly kind: 'none' }
  | { readonly kind: 'basic'; readonly user: string; readonly password: string }
  | { readonly kind: 'bearer'; readonly credential: string }
  /** Another scheme, in lower case. */
  | { readonly kind: 'other'; readonly scheme: string }
  | { readonly kind: 'malformed'; readonly reason: string };

const schemeAndRest = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+)(?: +([^ ].*))?$/;
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
/** The b64token of RFC 6750 section 2.1. */
const bearerCredential = /^[A-Za-z0-9\-._~+/]+=*$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: RFC 7617 §2 forbids control characters.
const controlCharacter = /[\x00-\x1f\x7f-\x9f]/;

/**
 * Reads an Authorization header strictly. Basic: canonical base64 of valid UTF-8 with a colon in it,
 * each part within {@link credentialBytesMax} and free of control characters. Bearer: one token within
 * {@link bearerBytesMax}. A header that is there and bad is `malformed`, never `none` (T53).
 */
export function parseAuthorization(header: string | undefined): Authorization {
  if (header === undefined) return { kind: 'none' };
  if (header.length > basicHeaderBytesMax && /^basic /i.test(header)) {
    return malformed(`the header is over ${basicHeaderBytesMax} bytes`);
  }
  const match = schemeAndRest.exec(header);
  if (match === null) return malformed('it has no authentication scheme');
  const scheme = (match[1] ?? '').toLowerCase();
  const rest = match[2] ?? '';
  if (scheme === 'basic') return parseBasic(rest);
  return scheme === 'bearer' ? parseBearer(rest) : { kind: 'other', scheme };
}

function parseBearer(credential: string): Authorization {
  if (credential.length > bearerBytesMax) {
    return malformed(`the Bearer token is over ${bearerBytesMax} bytes`);
  }
  return bearerCredential.test(credential)
    ? { kind: 'bearer', credential }
    : malformed('there is no Bearer token, or more than one, or it has a wrong character');
}

function parseBasic(token: string): Authorization {
  const bytes = Buffer.from(token, 'base64');
  // The comparison refuses what Node's decoder forgives: spare bits in the last character.
  if (token === '' || !base64.test(token) || bytes.toString('base64') !== token) {
    return malformed('the credentials are not base64');
  }
  if (!isUtf8(bytes)) return malformed('the credentials are not UTF-8');
  const colon = bytes.indexOf(0x3a);
  if (colon === -1) return malformed('the credentials have no colon');
  if (colon > credentialBytesMax) {
    return malformed(`the user name is over ${credentialBytesMax} bytes`);
  }
  if (bytes.length - colon - 1 > credentialBytesMax) {
    return malformed(`the password is over ${credentialBytesMax} bytes`);
  }
  const user = bytes.toString('utf8', 0, colon);
  const password = bytes.toString('utf8', colon + 1);
  if (controlCharacter.test(user) || controlCharacter.test(password)) {
    return malformed('the credentials have a control character');
  }
  return { kind: 'basic', user, password };
}

function malformed(reason: string): Authorization {
  return { kind: 'malformed', reason };
}
