/** What the claims of a verified token say of a request. */

import type { JWTPayload } from 'jose';
import type { JwtOptions } from './options.ts';

/** A clause when a claim has no accepted value; undefined when all have one. */
export function claimProblem(
  payload: JWTPayload,
  conditions: JwtOptions['claims'],
): string | undefined {
  for (const [claim, accepted] of conditions) {
    const values = valuesOf(payload, claim);
    if (values.length === 0) return `it has no ${JSON.stringify(claim)} that is text or a list`;
    if (!values.some((value) => accepted.has(value))) {
      return `no ${JSON.stringify(claim)} of it is one that the rule accepts`;
    }
  }
  return undefined;
}

/**
 * The path that `claim` grants and that holds what was asked for, by whole segments; undefined when
 * there is none. It may begin and end with a slash. One that is empty grants nothing, and not all.
 *
 * @param asked the distribution's relative URL and the path in it, as `acme/el9/repodata/repomd.xml`
 */
export function grantOf(payload: JWTPayload, claim: string, asked: string): string | undefined {
  return valuesOf(payload, claim)
    .map((value) => value.replace(/^\//, '').replace(/\/$/, ''))
    .find((path) => path !== '' && (asked === path || asked.startsWith(`${path}/`)));
}

/** A text is one value, but a scope is a list between spaces (RFC 6749 section 3.3). */
function valuesOf(payload: JWTPayload, claim: string): readonly string[] {
  const value: unknown = Object.hasOwn(payload, claim) ? payload[claim] : undefined;
  if (typeof value === 'string') return claim === 'scope' ? value.split(' ') : [value];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
