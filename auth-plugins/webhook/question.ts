/** What the service is told: a JSON object, which docs/webhook.md describes. */

import {
  type AccessRequest,
  type CertificateVerifier,
  type Evidence,
  type NameAttribute,
  provedCertificate,
  type VerifiedCertificate,
} from 'portcullis/plugin';
import type { Secret } from './options.ts';

/** The longest question, in bytes. */
export const questionBytesMax = 65_536;

/** The number of this form: fields may be added under it, and none changes its meaning. */
const version = 1;

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/**
 * @param verifier of client certificates; without one nothing that stands in them is told
 * @throws PortcullisError CANNOT_DECIDE as the verifier does
 */
export async function describeRequest(
  request: AccessRequest,
  send: ReadonlySet<Secret>,
  verifier: CertificateVerifier | undefined,
): Promise<{ readonly [name: string]: Json }> {
  const { method, path, distribution, pathInDistribution, requestId, evidence } = request;
  return {
    ...{ version, requestId: requestId ?? null, method, path, distribution, pathInDistribution },
    address: evidence.address ?? null,
    secure: evidence.secure,
    certificate: await describeCertificate(evidence, verifier),
    remoteUser: evidence.remoteUser ?? null,
    user: evidence.basic?.user ?? null,
    ...secretsOf(evidence, send),
  };
}

/** The question as it is sent, or why it cannot be, as a clause. */
export function encodeQuestion(
  question: { readonly [name: string]: Json },
  format: 'plain' | 'opa',
): { readonly text: string } | { readonly problem: string } {
  // Bytes that are no UTF-8 would be different things to different readers.
  const odd = Object.keys(question).find((name) => !isWellFormed(question[name]));
  if (odd !== undefined) return { problem: `its ${odd} is not text that JSON can hold` };
  const text = JSON.stringify(format === 'opa' ? { input: question } : question);
  return Buffer.byteLength(text) > questionBytesMax
    ? { problem: `what there is to say of it is over ${questionBytesMax} bytes` }
    : { text };
}

/** A secret that came over a connection that anybody can read is worth nothing, and is not told. */
function secretsOf({ secure, basic, bearer, query }: Evidence, send: ReadonlySet<Secret>) {
  return {
    ...(send.has('password') && { password: (secure ? basic?.password : undefined) ?? null }),
    ...(send.has('bearer') && { bearer: (secure ? bearer : undefined) ?? null }),
    ...(send.has('query') && { query: (secure ? query : undefined) ?? null }),
  };
}

async function describeCertificate(
  evidence: Evidence,
  verifier: CertificateVerifier | undefined,
): Promise<Json> {
  const proved = provedCertificate(evidence);
  if ('unusable' in proved) return null;
  const verdict = await verifier?.verify(proved);
  const { fingerprint } = proved;
  if (verdict?.valid !== true) return { fingerprint, verified: false };
  return { fingerprint, verified: true, ...describeVerified(verdict.certificate) };
}

function describeVerified(certificate: VerifiedCertificate): { readonly [name: string]: Json } {
  const { serial, subject, issuer, notBefore, notAfter } = certificate;
  return {
    serial,
    subject: subject.map(describeAttribute),
    issuer: issuer.map(describeAttribute),
    notBefore: notBefore.toISOString(),
    notAfter: notAfter.toISOString(),
  };
}

function describeAttribute({ oid, value }: NameAttribute): Json {
  return { oid, value };
}

function isWellFormed(value: Json | undefined): boolean {
  return typeof value !== 'string' || value.isWellFormed();
}
