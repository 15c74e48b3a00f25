/**
 * The authorizer API: everything that a plugin may import, as `portcullis/plugin`.
 *
 * A plugin module has one named export, `plugin`. docs/plugins.md leads from nothing to a tested one.
 */

import type { CanonicalPath, ClientCertificate, Evidence, Principal, Unusable } from './model.ts';
import {
  type AuthoritySource,
  type OpenedAuthority,
  openSource,
  readAuthority,
} from './plugin-authority.ts';
import { isHttpUrl as isUrl } from './plugin-http.ts';
import { type OcspOptions, readOcsp } from './plugin-ocsp.ts';
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
export type { RevocationOptions } from './plugin-revocation.ts';
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
  SignedRequest,
  SignedUrlVerdict,
  StoredSessions,
  StoredUser,
  StoredUsers,
  UrlVerifier,
  UserVerdict,
  VerifiedCertificate,
} from './plugin-services.ts';
export type {
  CustomerTokens,
  TokenAttempt,
  TokenDelivery,
  TokenVerdict,
} from './plugin-tokens.ts';

/** The request as a rule sees it. Deeply frozen: a plugin cannot change what is served. */
export interface AccessRequest {
  readonly method: 'GET' | 'HEAD';
  /** The whole canonical request path, as `/pulp/repos/acme/el9/repodata/repomd.xml`. */
  readonly path: CanonicalPath;
  /** The distribution's relative URL, as `acme/el9`. */
  readonly distribution: string;
  /** The path inside the distribution, with its leading slash, as `/repodata/repomd.xml`. */
  readonly pathInDistribution: string;
  /**
   * Where in the distribution the policy begins that asks the rule: `/`, or as `/private` where a path
   * has a policy of its own.
   */
  readonly policyPath: string;
  readonly evidence: Evidence;
  /**
   * By which the request is found in the logs; undefined where it is only played. No decision may follow
   * from it: the one that is remembered for another request has another.
   */
  readonly requestId?: string | undefined;
}

/** How long, and for what, a decision holds for the same evidence without asking again. */
export interface Remember {
  /** Seconds, more than 0. Cut to the setting `access.rememberSeconds`. */
  readonly seconds: number;
  /** `path`: for this path alone. `distribution`: for every path of the distribution, under one policy. */
  readonly scope: 'path' | 'distribution';
}

/**
 * What could turn a denial into an allow: a user name and password, a Bearer token, or another token in
 * place of the one that was sent, which is not good (RFC 6750 section 3.1).
 */
export type Challenge = 'basic' | 'bearer' | 'invalid-token';

/** A refusal is a value. An exception or a rejected promise is a fault, answered with 503. */
export type Decision =
  | {
      readonly outcome: 'allow';
      readonly principal?: Principal;
      readonly remember?: Remember;
      /**
       * Set when something has to be counted before anything is sent: what `settle` of the same rule is
       * then given, at most {@link chargeCharactersMax} characters. It is remembered with the decision,
       * and settled each time.
       */
      readonly charge?: string;
    }
  | {
      readonly outcome: 'deny';
      /** One sentence for the decision log and `explain`; the client never sees it. */
      readonly reason: string;
      /** Set when sending (other) credentials could turn this denial into an allow. */
      readonly challenge?: Challenge | readonly Challenge[];
      /** Set when the client was not heard because it tried too often: seconds until it may again. */
      readonly retryAfterSeconds?: number;
      readonly remember?: Remember;
    }
  /** This rule has nothing to say. Nobody gets in by abstentions. */
  | { readonly outcome: 'abstain' };

/** Characters of a charge. */
export const chargeCharactersMax = 256;

/** What is about to be sent to a client whom an allow with a charge let in. */
export interface ChargedDelivery {
  readonly request: AccessRequest;
  /** Of the file, of the ranges of it, or of the listing. */
  readonly bytes: number;
}

/** A refusal is a value, as of decisions; only these exact shapes count. */
export type Settlement =
  | { readonly outcome: 'settled' }
  /** `reason` is one sentence for the decision log; the client gets 403. */
  | { readonly outcome: 'refused'; readonly reason: string };

/** A rule at work: a plugin's check with its options. */
export interface Authorizer {
  /** @param signal aborted at the time limit (`access.timeLimitSeconds`); the answer is then a fault */
  authorize(request: AccessRequest, signal: AbortSignal): Decision | Promise<Decision>;
  /**
   * Counts one delivery: a GET that is about to be answered with 200 or 206. Called after the file is
   * found, and before its first byte or its hand-off; what then becomes of the transfer is not told. A
   * rule whose allows carry a charge has to have it.
   *
   * @param signal as of `authorize`; whatever is not a settlement by then is a fault, and nothing is sent
   */
  settle?(
    charge: string,
    delivery: ChargedDelivery,
    signal: AbortSignal,
  ): Settlement | Promise<Settlement>;
  /**
   * Whether it looks at `evidence.pathToken`: only then is a token taken out of a path that it decides
   * about.
   */
  readonly takesPathToken?: boolean;
  /**
   * Whether each decision follows from the evidence alone, and so holds for every path and at any time: it
   * is not worth remembering here, but a front may go by it.
   */
  readonly decidesByEvidenceAlone?: boolean;
  /** Frees what `create` opened. Called once, when the server stops. */
  close?(): void | Promise<void>;
}

export interface AuthorizerPlugin<Options = unknown> {
  readonly apiVersion: 1;
  /** The name of the rule in a policy: lower-case letters, digits and `-`. */
  readonly name: string;
  /** One line for `portcullis check` and the documentation. */
  readonly summary: string;
  /** Checks what stands under the rule's name in the policy. Throws to stop the start. No I/O. */
  parseOptions(raw: unknown): Options;
  /**
   * As `parseOptions`, for policies that are set over the API. Whoever may set them must not thereby
   * read files of the host, or have it call addresses: nothing is taken here that names either. A
   * plugin without it stands in the configuration alone.
   */
  parseStoredOptions?(raw: unknown): Options;
  /** Opens what the rule needs. Throws to stop the start. */
  create(options: Options, services: Services): Authorizer | Promise<Authorizer>;
}

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

/** What schema libraries have in common (Standard Schema 1, https://standardschema.dev). */
export interface OptionsSchema<Options> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (raw: unknown) => SchemaResult<Options> | Promise<SchemaResult<Options>>;
    readonly types?: { readonly input: unknown; readonly output: Options } | undefined;
  };
}

export type SchemaResult<Options> =
  | { readonly value: Options; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/**
 * Parses options with a schema of zod, valibot or another library of Standard Schema.
 *
 * @throws Error that names each wrong setting and what the schema says of it
 */
export function parseOptionsWith<Options>(schema: OptionsSchema<Options>, raw: unknown): Options {
  const result = schema['~standard'].validate(raw);
  if (result instanceof Promise) {
    throw new TypeError('Cannot parse the options: the schema is asynchronous');
  }
  if (result.issues === undefined) return result.value;
  throw new Error(result.issues.map(describeIssue).join('; '));
}

function describeIssue({ path = [], message }: SchemaIssue): string {
  const keys = path.map((part) => (typeof part === 'object' ? part.key : part));
  const at = keys.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return at === '' ? `it ${message}` : `${at.replace(/^\./, '')} ${message}`;
}
