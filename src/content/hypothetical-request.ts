/** A request that nobody made: the evidence that it would come with, from what an operator says of it. */

import type {
  CertificateReport,
  ExplainQuery,
  PlayedRequest,
  QueryProblem,
} from '../access/explanation.ts';
import { readAddress } from '../front/address.ts';
import { readClientCertificate } from '../front/client-certificate.ts';
import { queryOf } from '../front/evidence.ts';
import { parseAuthorization } from '../http/basic.ts';
import { parseCertificate } from '../identity/certificate.ts';
import { describeName } from '../identity/distinguished-name.ts';
import type { ClientCertificate, Evidence } from '../model.ts';
import { maskTokens } from '../token-form.ts';

export interface HypotheticalRequest {
  /** As a client would write it, one character for each byte. */
  readonly rawTarget: string;
  readonly method: 'GET' | 'HEAD';
  readonly evidence: Evidence;
}

export function readHypotheticalRequest(query: ExplainQuery): HypotheticalRequest | QueryProblem {
  const address = readAddress(query.address);
  if (query.address !== undefined && address === undefined) {
    return { property: 'address', problem: 'it is not an IP address' };
  }
  const certificate = certificateOf(query);
  if (certificate !== undefined && 'problem' in certificate) return certificate;
  const bearer = bearerOf(query);
  if (typeof bearer === 'object') return bearer;
  const rawTarget = targetOf(query.target);
  const { user, password = '', remoteUser } = query;
  const evidence: Evidence = Object.freeze({
    address,
    secure: query.secure ?? !/^http:/i.test(query.target),
    certificate,
    basic: user === undefined ? undefined : Object.freeze({ user, password }),
    bearer,
    query: queryOf(rawTarget),
    remoteUser: remoteUser === '' ? undefined : remoteUser,
  });
  return { rawTarget, method: query.method ?? 'GET', evidence };
}

/** What was played, as it may be shown. */
export function describePlayed(
  { method, evidence }: HypotheticalRequest,
  query: ExplainQuery,
): PlayedRequest {
  const { address, secure, basic, bearer, remoteUser } = evidence;
  const given = (part: unknown): 'given' | 'none' => (part === undefined ? 'none' : 'given');
  return {
    method,
    secure,
    address,
    user: basic && maskTokens(basic.user),
    password: isPasswordAssumed(query) ? 'assumed' : given(query.password),
    token: given(bearer),
    query: given(evidence.query),
    remoteUser,
  };
}

/** Whether rules take the password of the user for right. */
export function isPasswordAssumed(query: ExplainQuery): boolean {
  return query.user !== undefined && !('password' in query);
}

/** What the client's own certificate says of itself. */
export function reportCertificate(
  certificate: Evidence['certificate'],
): CertificateReport | undefined {
  if (certificate === undefined || 'unusable' in certificate) return undefined;
  const { fingerprint, intermediates } = certificate;
  const parsed = parseCertificate(certificate.der);
  const read = 'problem' in parsed ? undefined : parsed;
  return {
    fingerprint,
    problem: 'problem' in parsed ? parsed.problem : undefined,
    subject: read && describeName(read.subject),
    issuer: read && describeName(read.issuer),
    serial: read?.serial,
    notBefore: read?.notBefore,
    notAfter: read?.notAfter,
    intermediates: intermediates.length,
  };
}

/** Whoever names a certificate means one: no rule has to say that there is none. */
function certificateOf({
  certificatePem,
}: ExplainQuery): ClientCertificate | QueryProblem | undefined {
  if (certificatePem === undefined) return undefined;
  const certificate = readClientCertificate(certificatePem, 'front') ?? { unusable: 'it is empty' };
  if (!('unusable' in certificate)) return certificate;
  return { property: 'certificatePem', problem: certificate.unusable };
}

function bearerOf({ bearer }: ExplainQuery): string | QueryProblem | undefined {
  if (bearer === undefined) return undefined;
  const read = parseAuthorization(`Bearer ${bearer}`);
  if (read.kind === 'bearer') return read.credential;
  const problem = read.kind === 'malformed' ? read.reason : 'it is none';
  return { property: 'bearer', problem };
}

/** A whole URL is taken too, as it stands in a client's configuration or in a log. */
function targetOf(target: string): string {
  const origin = /^https?:\/\/[^/?#]*/i.exec(target)?.[0] ?? '';
  const rest = target.slice(origin.length);
  return Buffer.from(rest === '' ? '/' : rest, 'utf8').toString('latin1');
}
