/** The request that a client would make, as a call of the API says it: what explain and previews play. */

import { z } from 'zod';
import type { ExplainQuery, QueryProblem } from '../../access/explanation.ts';
import { certificateCharactersMax } from '../../front/client-certificate.ts';
import { withoutPrivateKeys } from '../../pem.ts';
import { normalizeFingerprint } from '../../plugin.ts';
import { invalidValue } from '../failures.ts';
import { Failure } from '../outcome.ts';

/** Characters of a URL that is played, its query included. */
export const urlCharactersMax = 16_384;

/** Characters of a user name, of a password and of the name of a user of the front. */
export const credentialCharactersMax = 4096;

/** Characters of a token: a JWT is longer than a password. */
export const tokenCharactersMax = 65_536;

const credential = z.string().max(credentialCharactersMax).nullish();

/** The properties of a body, beside which others may stand. `null` stands for what is not given. */
export const hypotheticalRequest = {
  /** A URL as a client has it, or its path. */
  url: z.string().min(1).max(urlCharactersMax),
  method: z.enum(['GET', 'HEAD']).nullish(),
  /** PEM: the client's own, then any intermediates. */
  certificate: z.string().max(certificateCharactersMax).nullish(),
  /** SHA-256 of a certificate that a client came with, hex, in place of the certificate. */
  fingerprint: z.string().max(200).nullish(),
  user: credential,
  /** Without one, rules take the password of `user` for right. */
  password: credential,
  /** Of an `Authorization: Bearer` header. */
  token: z.string().max(tokenCharactersMax).nullish(),
  /** The user whom the front has authenticated. */
  remote_user: credential,
  address: z.string().max(100).nullish(),
  /** Whether the client's connection is TLS; unless said, it is, but for a URL of `http:`. */
  secure: z.boolean().nullish(),
  /** What follows the `?`, where `url` has none. */
  query: z.string().max(urlCharactersMax).nullish(),
} as const;

/** The properties of a body, by those of a query. */
export const propertyOfQuery = {
  address: 'address',
  certificatePem: 'certificate',
  bearer: 'token',
} as const satisfies Readonly<Record<QueryProblem['property'], keyof typeof hypotheticalRequest>>;

export type HypotheticalRequest = z.output<z.ZodObject<typeof hypotheticalRequest>>;

/** Finds the certificates that a client came with, PEM; undefined for one that was never seen. */
export type FindCertificate = (fingerprint: string) => Promise<string | undefined>;

/** @param guesser the login of the caller, who is held to account for the password */
export async function readHypotheticalRequest(
  body: HypotheticalRequest,
  guesser: string,
  findCertificate: FindCertificate,
): Promise<ExplainQuery | Failure> {
  const { method, user, password, token, remote_user: remoteUser, address, secure } = body;
  const target = targetOf(body);
  if (target instanceof Failure) return target;
  if (isGiven(user) && isGiven(token)) {
    return invalidValue('token', 'a request has one Authorization header: give user or token');
  }
  if (isGiven(password) && !isGiven(user)) return invalidValue('password', 'it is of no user');
  const certificatePem = await certificateOf(body, findCertificate);
  if (certificatePem instanceof Failure) return certificatePem;
  return {
    target,
    guesser,
    ...(method != null && { method }),
    ...(certificatePem !== undefined && { certificatePem }),
    ...(isGiven(user) && { user }),
    ...(isGiven(password) && { password }),
    ...(isGiven(token) && { bearer: token }),
    ...(remoteUser != null && { remoteUser }),
    ...(address != null && { address }),
    ...(secure != null && { secure }),
  };
}

function isGiven(value: string | null | undefined): value is string {
  return typeof value === 'string';
}

function targetOf({ url, query }: HypotheticalRequest): string | Failure {
  if (/^(?!https?:\/\/)[^/]/i.test(url)) {
    return invalidValue('url', 'it is neither a URL of http or https nor a path with its slash');
  }
  if (query == null) return url;
  if (url.includes('?')) return invalidValue('query', 'the URL has one already');
  return `${url}?${query}`;
}

async function certificateOf(
  { certificate, fingerprint }: HypotheticalRequest,
  findCertificate: FindCertificate,
): Promise<string | undefined | Failure> {
  if (fingerprint == null) {
    return certificate == null ? undefined : withoutPrivateKeys(certificate);
  }
  if (certificate != null) {
    return invalidValue('fingerprint', 'the certificate is given already');
  }
  const normal = normalizeFingerprint(fingerprint);
  if (normal === undefined) {
    return invalidValue('fingerprint', 'it is no SHA-256 fingerprint of 64 hex digits');
  }
  const found = await findCertificate(normal);
  return found ?? invalidValue('fingerprint', 'no client was seen with such a certificate');
}
