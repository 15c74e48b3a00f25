/**
 * The authorizer API: everything that a plugin may import, as `portcullis/plugin`.
 *
 * A plugin module has one named export, `plugin`. docs/plugins.md leads from nothing to a tested one.
 */

import type { ClientCertificate, Evidence, Unusable } from './model.ts';
import {
  type AuthoritySource,
  type OpenedAuthority,
  openSource,
  readAuthority,
} from './plugin-authority.ts';
import { isHttpUrl as isUrl } from './plugin-http.ts';
import { type OcspOptions, readOcsp } from './plugin-ocsp.ts';
import { type OptionsSchema, readOptionsWith } from './plugin-options.ts';
import { joinOptions, type RevocationOptions, readRevocation } from './plugin-revocation.ts';
import type { Services } from './plugin-services.ts';

export type { Logger } from './log.ts';
export type {
  BasicCredentials,
  CanonicalPath,
  ClientCertificate,
  Evidence,
  Principal,
  Unusable,
} from './model.ts';
export type { AuthoritySource, OpenedAuthority } from './plugin-authority.ts';
export type { ConsumerVerdict, StoredConsumers } from './plugin-consumers.ts';
export type { Entitlement, EntitlementFinding } from './plugin-entitlement.ts';
export type {
  Asked,
  HttpAnswer,
  HttpBreaker,
  HttpClient,
  HttpClientOptions,
  HttpLimits,
  HttpProblem,
  HttpQuestion,
  HttpTlsFiles,
} from './plugin-http.ts';
export type { OcspOptions } from './plugin-ocsp.ts';
export type { OptionsSchema, SchemaIssue, SchemaResult } from './plugin-options.ts';
export type { RevocationOptions } from './plugin-revocation.ts';
export type {
  AccessRequest,
  Authorizer,
  AuthorizerPlugin,
  Challenge,
  ChargedDelivery,
  Decision,
  Remember,
  Settlement,
} from './plugin-rule.ts';
export type {
  Admitted,
  CertificateVerdict,
  CertificateVerifier,
  NameAttribute,
  PasswordAttempt,
  PasswordFile,
  PasswordVerdict,
  PresentedCertificate,
  Services,
  StoredSessions,
  StoredUser,
  StoredUsers,
  UserVerdict,
  VerifiedCertificate,
} from './plugin-services.ts';
export type { SignedRequest, SignedUrlVerdict, UrlVerifier } from './plugin-signed-urls.ts';
export type {
  CustomerTokens,
  TokenAttempt,
  TokenDelivery,
  TokenVerdict,
} from './plugin-tokens.ts';

/**
 * The certificate whose key the client has proved to hold.
 *
 * @returns why there is none, as the reason of a refusal, otherwise
 */
export function provedCertificate({ certificate }: Evidence): ClientCertificate | Unusable {
  if (certificate === undefined) return { unusable: 'no client certificate was presented' };
  if ('unusable' in certificate) return certificate;
  // A certificate is no secret. Only who saw the TLS handshake knows that the client has its key.
  if (certificate.vouchedBy === 'client') {
    return {
      unusable: 'the certificate was not proved in a TLS handshake, but sent as a text',
    };
  }
  return certificate;
}

/**
 * A serial number as lower-case hex without leading zeros (T19e); undefined when it is none. Plain
 * text is hex, as openssl prints it, with or without colons; `decimal:` goes before decimals.
 */
export function normalizeSerial(text: string): string | undefined {
  const decimal = /^decimal:(\d{1,49})$/.exec(text)?.[1];
  if (decimal !== undefined) return normalizeSerial(BigInt(decimal).toString(16));
  const digits = /^(?:0x)?([0-9a-f]{2}(?::[0-9a-f]{2})+|[0-9a-f]+)$/i.exec(text)?.[1];
  if (digits === undefined) return undefined;
  const hex = digits
    .replaceAll(':', '')
    .toLowerCase()
    .replace(/^0+(?=.)/, '');
  return hex.length > 40 ? undefined : hex;
}

/** A SHA-256 fingerprint as 64 lower-case hex digits; undefined when it is none. */
export function normalizeFingerprint(text: string): string | undefined {
  const hex = text.replaceAll(':', '').toLowerCase();
  return /^[0-9a-f]{64}$/.test(hex) ? hex : undefined;
}

/**
 * Reads the setting `crl` of a rule: a path or URL, a list of such, or a map of all that can be said.
 *
 * @throws Error whose message goes after the setting's name, as `has no setting "url"; there are …`
 */
export function parseRevocation(raw: unknown): RevocationOptions {
  return readRevocation(raw);
}

/**
 * Reads the setting `ocsp` of a rule: true, for the responders that certificates name, or a map of all
 * that can be said.
 *
 * @throws Error whose message goes after the setting's name
 */
export function parseOcsp(raw: unknown): OcspOptions {
  return readOcsp(raw);
}

/** What a rule goes by that has both settings; undefined when it has neither. */
export function joinRevocation(
  crl: RevocationOptions | undefined,
  ocsp: OcspOptions | undefined,
): RevocationOptions | undefined {
  return joinOptions(crl, ocsp);
}

/** Whether `text` is a whole URL of http or https, without a user name and a fragment. */
export function isHttpUrl(text: string): boolean {
  return isUrl(text);
}

/**
 * Reads the settings `ca` (a path) and `caPem` (the certificates themselves), one of which says by which
 * CAs a rule goes.
 *
 * @throws Error whose message names the settings
 */
export function parseAuthority(ca: string | undefined, caPem: string | undefined): AuthoritySource {
  return readAuthority(ca, caPem);
}

/** Opens what {@link parseAuthority} has read. Throws as the services do. */
export function openAuthority(
  source: AuthoritySource,
  services: Services,
  revocation?: RevocationOptions,
): Promise<OpenedAuthority> {
  return openSource(source, services, revocation);
}

/**
 * Parses options with a schema of zod, valibot or another library of Standard Schema.
 *
 * @throws Error that names each wrong setting and what the schema says of it
 */
export function parseOptionsWith<Options>(schema: OptionsSchema<Options>, raw: unknown): Options {
  return readOptionsWith(schema, raw);
}
