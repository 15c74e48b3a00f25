/** What rules are given at their start: the types of the authorizer API that services have. */

import type { Logger } from './log.ts';
import type { BasicCredentials, ClientCertificate, Unusable } from './model.ts';
import type { StoredConsumers } from './plugin-consumers.ts';
import type { Entitlement } from './plugin-entitlement.ts';
import type { HttpClient, HttpClientOptions } from './plugin-http.ts';
import type { RevocationOptions } from './plugin-revocation.ts';
import type { UrlVerifier } from './plugin-signed-urls.ts';
import type { CustomerTokens } from './plugin-tokens.ts';

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
  /** The earliest end of validity in the verified chain, and of what is known of its revocation. */
  readonly chainNotAfter: Date;
  /** The revocation lists that it is not on, as people read them; undefined when none was asked for. */
  readonly notRevokedBy?: string;
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

/** Verifies client certificates against the anchors of one CA file, or of one PEM text. */
export interface CertificateVerifier {
  /**
   * @param certificate as the client presented it
   * @throws PortcullisError CANNOT_DECIDE when a revocation list that counts is missing or out of date, or
   *   a responder that counts cannot be gone by
   */
  verify(certificate: PresentedCertificate): Promise<CertificateVerdict>;
}

export interface PresentedCertificate {
  /** The client's own, DER. */
  readonly der: Uint8Array;
  /** What came with it, DER. */
  readonly intermediates: readonly Uint8Array[];
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

/** Whom of the store's users a rule lets in: these users, and the members of these roles. */
export interface Admitted {
  /** Logins. */
  readonly users: readonly string[];
  /** Ids of roles. `super-users` has to be named as any other. */
  readonly roles: readonly string[];
}

export type UserVerdict =
  | {
      readonly outcome: 'admitted';
      readonly user: StoredUser;
      /** When what was presented ends by itself; undefined for what does not. */
      readonly until?: Date;
    }
  /** `reason` is one clause for the operator, as `the user "ann" is disabled`. */
  | { readonly outcome: 'refused'; readonly reason: string };

export interface StoredUser {
  /** A user who was made anew under the same login has another. */
  readonly id: string;
  readonly login: string;
}

/** Verifies the passwords of the store's users. */
export interface StoredUsers {
  /**
   * An unknown user costs as much as a known one. Equal attempts at the same time are one.
   *
   * @throws PortcullisError STORE_… while the store cannot be asked; CANNOT_DECIDE when too many
   *   verifications wait already
   */
  verify(
    attempt: PasswordAttempt,
    signal: AbortSignal,
  ): Promise<UserVerdict | Extract<PasswordVerdict, { readonly outcome: 'too-many' }>>;
}

/** Verifies the certificates of sessions. */
export interface StoredSessions {
  /**
   * @param certificate as the client presented it
   * @throws PortcullisError STORE_… while the store cannot be asked
   */
  verify(certificate: PresentedCertificate): Promise<UserVerdict>;
}

/** What a rule needs and must not build itself. */
export interface Services {
  readonly log: Logger;
  readonly now: () => Date;
  /** An absolute path from one in the options: relative ones start at the configuration file. */
  resolvePath(path: string): string;
  /**
   * Its verifier refuses also the certificates of sessions, and those on the deny-list of the store.
   * Throws when the file is missing, unreadable, empty, or holds anything but CA certificates; not
   * because a revocation list cannot be read, which the verifier then does.
   */
  openCertificateAuthority(
    file: string,
    revocation?: RevocationOptions,
  ): Promise<CertificateVerifier>;
  /** As `openCertificateAuthority`, of the PEM text itself. */
  openInlineAuthority(pem: string, revocation?: RevocationOptions): Promise<CertificateVerifier>;
  /** Throws when the file is missing, unreadable or malformed. */
  openPasswordFile(file: string): Promise<PasswordFile>;
  /** Throws when the file is missing, unreadable or malformed, or when others may read or exchange it. */
  openUrlKeys(file: string): Promise<UrlVerifier>;
  /**
   * Asks one HTTP server within limits. Throws when a file of `tls` is missing, unreadable or malformed,
   * or when others may read or exchange the key; not because the server is away.
   */
  openHttpClient(options: HttpClientOptions): Promise<HttpClient>;
  /** Throws when no store is configured that could be asked; not because it is away. */
  openStoredUsers(admitted: Admitted): Promise<StoredUsers>;
  /** As `openStoredUsers`; throws also when the CA of the sessions is unreadable or malformed. */
  openStoredSessions(admitted: Admitted): Promise<StoredSessions>;
  /** As `openStoredSessions`, of the consumers that are registered. */
  openStoredConsumers(): Promise<StoredConsumers>;
  /**
   * The tokens of customers. Throws when no store is configured that could be asked; not because it is
   * away.
   */
  openTokens(): Promise<CustomerTokens>;
  /**
   * What a certificate grants by the paths in it, or a clause why nothing. Decoded once and kept; ask
   * for verified certificates alone, because anybody can write any paths into one.
   */
  readEntitlement(certificate: ClientCertificate): Entitlement | Unusable;
}
