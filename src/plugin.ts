/**
 * The authorizer API: everything that a plugin may import, as `portcullis/plugin`.
 *
 * A plugin module has one named export, `plugin`. docs/plugins.md leads from nothing to a tested one.
 */

import type { Logger } from './log.ts';
import type { BasicCredentials, CanonicalPath, Evidence, Principal } from './model.ts';

export type { Logger } from './log.ts';
export type {
  BasicCredentials,
  CanonicalPath,
  ClientCertificate,
  Evidence,
  Principal,
  Unusable,
} from './model.ts';

/** The request as a rule sees it. Deeply frozen: a plugin cannot change what is served. */
export interface AccessRequest {
  readonly method: 'GET' | 'HEAD';
  /** The whole canonical request path, as `/pulp/repos/acme/el9/repodata/repomd.xml`. */
  readonly path: CanonicalPath;
  /** The distribution's relative URL, as `acme/el9`. */
  readonly distribution: string;
  /** The path inside the distribution, with its leading slash, as `/repodata/repomd.xml`. */
  readonly pathInDistribution: string;
  readonly evidence: Evidence;
}

/** How long, and for what, a decision holds for the same evidence without asking again. */
export interface Remember {
  /** Seconds, more than 0. Cut to the setting `access.rememberSeconds`. */
  readonly seconds: number;
  /** `path`: for this path alone. `distribution`: for every path of the distribution. */
  readonly scope: 'path' | 'distribution';
}

/** A refusal is a value. An exception or a rejected promise is a fault, answered with 503. */
export type Decision =
  | { readonly outcome: 'allow'; readonly principal?: Principal; readonly remember?: Remember }
  | {
      readonly outcome: 'deny';
      /** One sentence for the decision log and `explain`; the client never sees it. */
      readonly reason: string;
      /** Set when sending (other) Basic credentials could turn this denial into an allow. */
      readonly challenge?: 'basic';
      /** Set when the client was not heard because it tried too often: seconds until it may again. */
      readonly retryAfterSeconds?: number;
      readonly remember?: Remember;
    }
  /** This rule has nothing to say. Nobody gets in by abstentions. */
  | { readonly outcome: 'abstain' };

/** A rule at work: a plugin's check with its options. */
export interface Authorizer {
  /** @param signal aborted at the time limit (`access.timeLimitSeconds`); the answer is then a fault */
  authorize(request: AccessRequest, signal: AbortSignal): Decision | Promise<Decision>;
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
  /** Opens what the rule needs. Throws to stop the start. */
  create(options: Options, services: Services): Authorizer | Promise<Authorizer>;
}

/** What a verified certificate is found to say; all names are parsed, never split from text (T19d). */
export interface VerifiedCertificate {
  /** SHA-256 of the DER, lower-case hex. */
  readonly fingerprint: string;
  /**
   * Fingerprints of other spellings of the same certificate that verify as well: anybody can turn
   * an ECDSA signature into its twin. A deny-list of fingerprints has to look for these too.
   */
  readonly twinFingerprints: readonly string[];
  /** Lower-case hex without leading zeros; `0` for zero. */
  readonly serial: string;
  readonly subject: readonly NameAttribute[];
  /** The subject as people read it, `O=Acme,CN=one`, at most 257 characters. Never compare it. */
  readonly subjectText: string;
  readonly issuer: readonly NameAttribute[];
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** The earliest end of validity in the verified chain. */
  readonly chainNotAfter: Date;
}

/** One attribute of a distinguished name, in the order of the certificate. */
export interface NameAttribute {
  /** Dotted object identifier, as `2.5.4.3`. */
  readonly oid: string;
  readonly value: string;
}

export type CertificateVerdict =
  | { readonly valid: true; readonly certificate: VerifiedCertificate }
  /**
   * `reason` is one sentence for the operator, as "it expired on 2026-01-01T00:00:00Z". `subjectText`
   * is what the certificate claims, for people; undefined when it cannot be read.
   */
  | {
      readonly valid: false;
      readonly reason: string;
      readonly subjectText: string | undefined;
    };

/** Verifies client certificates against the anchors of one CA file. */
export interface CertificateVerifier {
  /** @param certificate as the client presented it */
  verify(certificate: {
    readonly der: Uint8Array;
    readonly intermediates: readonly Uint8Array[];
  }): Promise<CertificateVerdict>;
}

/** A user name and password, and where they came from. */
export interface PasswordAttempt extends BasicCredentials {
  /** The client's address; attempts without one count as coming from one place. */
  readonly address: string | undefined;
}

export type PasswordVerdict =
  | { readonly outcome: 'right' | 'wrong' }
  /** Not verified, after too many wrong passwords of this user or from this place (T52). */
  | { readonly outcome: 'too-many'; readonly retryAfterSeconds: number };

/** Verifies passwords against one htpasswd file. */
export interface PasswordFile {
  /**
   * An unknown user costs as much as a known one. Equal attempts at the same time are one.
   *
   * @throws PortcullisError CANNOT_DECIDE when too many verifications wait already
   */
  verify(attempt: PasswordAttempt, signal: AbortSignal): Promise<PasswordVerdict>;
  /** The user names in the file. */
  readonly users: ReadonlySet<string>;
}

/** What a rule needs and must not build itself. */
export interface Services {
  readonly log: Logger;
  readonly now: () => Date;
  /** An absolute path from one in the options: relative ones start at the configuration file. */
  resolvePath(path: string): string;
  /** Throws when the file is missing, unreadable, empty, or holds anything but CA certificates. */
  openCertificateAuthority(file: string): Promise<CertificateVerifier>;
  /** Throws when the file is missing, unreadable or malformed. */
  openPasswordFile(file: string): Promise<PasswordFile>;
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
