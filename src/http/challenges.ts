/** Challenges: what a client is asked for by WWW-Authenticate (RFC 9110 section 11.6.1). */

import { PortcullisError } from '../errors.ts';
import type { Challenge } from '../plugin.ts';

/** The values of WWW-Authenticate, one field each, that ask for any of `wanted`. */
export type Challenger = (wanted: readonly Challenge[]) => readonly string[];

/**
 * Basic (RFC 7617 section 2.1) asks for UTF-8, and stands first for clients that read one field alone;
 * Bearer (RFC 6750 section 3) says so when a token was sent that is not good.
 *
 * @throws PortcullisError CONFIG_INVALID for a realm with anything but printable ASCII, which no
 *   header can carry safely (T73)
 */
export function createChallenger(realm: string): Challenger {
  if (!/^[\x20-\x7e]*$/.test(realm)) {
    throw new PortcullisError(
      'CONFIG_INVALID',
      'Cannot challenge with this realm: it has a character outside printable ASCII',
    );
  }
  const quoted = `realm="${realm.replaceAll(/["\\]/g, '\\$&')}"`;
  return (wanted) => {
    const isTokenBad = wanted.includes('invalid-token');
    return [
      ...(wanted.includes('basic') ? [`Basic ${quoted}, charset="UTF-8"`] : []),
      ...(isTokenBad ? [`Bearer ${quoted}, error="invalid_token"`] : []),
      ...(wanted.includes('bearer') && !isTokenBad ? [`Bearer ${quoted}`] : []),
    ];
  };
}
