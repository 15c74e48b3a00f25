/** An issuer of tokens: its keys, and tokens that are right unless they are told to be wrong. */

import { writeFileSync } from 'node:fs';
import {
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  type JWK,
  type JWTHeaderParameters,
  type JWTPayload,
  SignJWT,
} from 'jose';

export const issuer = 'https://login.example.com/';
export const issuedAt = new Date('2026-11-21T12:00:00Z');
export const issuedAtSeconds = issuedAt.getTime() / 1000;

export interface IssuerKey {
  readonly privateKey: CryptoKey;
  /** With its `kid` and `alg`. */
  readonly jwk: JWK;
}

export async function makeKey(kid: string, algorithm = 'ES256'): Promise<IssuerKey> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: algorithm } };
}

/** Claims of a token that is good for an hour. */
export const rightClaims: JWTPayload = {
  iss: issuer,
  aud: 'portcullis',
  sub: 'ann',
  exp: issuedAtSeconds + 3600,
};

/** @param claims added to the right ones; undefined takes one out */
export function makeToken(
  { privateKey, jwk: { kid, alg } }: IssuerKey,
  claims: Readonly<Record<string, unknown>> = {},
  header: Partial<JWTHeaderParameters> = {},
): Promise<string> {
  const given = Object.entries({ ...rightClaims, ...claims }).filter(
    ([, value]) => value !== undefined,
  );
  return new SignJWT(Object.fromEntries(given))
    .setProtectedHeader({ alg: alg ?? '', ...(kid !== undefined && { kid }), ...header })
    .sign(privateKey);
}

export function writeKeySet(file: string, ...keys: readonly JWK[]): string {
  writeFileSync(file, JSON.stringify({ keys }));
  return file;
}
