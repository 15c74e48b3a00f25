/** Verifies tokens with jose, and says why one is not good. */

import { errors, type JWTPayload, jwtVerify } from 'jose';
import type { FindKey } from './key-set.ts';
import type { JwtOptions } from './options.ts';

/** The longest subject, in UTF-16 code units. */
export const subjectCharactersMax = 512;

export interface VerifiedToken {
  readonly subject: string;
  readonly expires: Date;
  readonly payload: JWTPayload;
}

/**
 * @returns a clause for the operator when the token is not good
 * @throws Error when that cannot be told, because the keys of the issuer cannot
 */
export async function verifyToken(
  bearer: string,
  findKey: FindKey,
  options: JwtOptions,
  now: Date,
): Promise<VerifiedToken | string> {
  try {
    const { payload } = await jwtVerify(bearer, findKey, {
      issuer: options.issuer,
      audience: [...options.audience],
      algorithms: [...options.algorithms],
      requiredClaims: ['exp', 'sub'],
      clockTolerance: options.leewaySeconds,
      currentDate: now,
    });
    return readSubject(payload);
  } catch (error) {
    const problem = problemOf(error);
    if (problem === undefined) throw error;
    return problem;
  }
}

function readSubject(payload: JWTPayload): VerifiedToken | string {
  const { sub, exp } = payload;
  if (typeof sub !== 'string' || sub === '' || sub.length > subjectCharactersMax) {
    return `its "sub" is not of 1 to ${subjectCharactersMax} characters`;
  }
  if (/\p{Cc}/u.test(sub)) return 'its "sub" has a control character';
  const expires = new Date(Number(exp) * 1000);
  if (Number.isNaN(expires.getTime())) return 'its "exp" is no time';
  return { subject: sub, expires, payload };
}

/** Undefined for what is no fault of the token. */
function problemOf(error: unknown): string | undefined {
  if (error instanceof errors.JWTExpired) return 'it has expired';
  if (error instanceof errors.JWTClaimValidationFailed) return claimProblem(error);
  const isBad = badTokens.find(([kind]) => error instanceof kind);
  return isBad?.[1];
}

const badTokens = [
  [errors.JWSSignatureVerificationFailed, 'its signature is wrong'],
  [errors.JOSEAlgNotAllowed, 'it is signed with an algorithm that the rule does not list'],
  [errors.JWKSNoMatchingKey, 'no key of the issuer is the one that it was signed with'],
  [errors.JWKSMultipleMatchingKeys, 'it does not say with which key of the issuer it was signed'],
  [errors.JWSInvalid, 'it is not well-formed'],
  [errors.JWTInvalid, 'it is not well-formed'],
  [errors.JOSENotSupported, 'it asks for what is not supported'],
] as const;

function claimProblem({ claim, reason }: errors.JWTClaimValidationFailed): string {
  if (reason === 'missing') return `it has no "${claim}"`;
  switch (claim) {
    case 'iss':
      return 'it is of another issuer';
    case 'aud':
      return 'it is for another audience';
    case 'nbf':
      return 'it is not valid yet';
    default:
      return `its "${claim}" is not right`;
  }
}
