/** The plain types that the parts of Portcullis hand to each other. No behaviour. */

declare const canonical: unique symbol;

/**
 * A request path in its one canonical spelling: it starts with `/`, is percent-decoded exactly once,
 * and has no empty, `.` or `..` segment and no NUL. Only `http/canonical-path` makes one.
 *
 * It is UTF-8 text where the path's bytes are valid UTF-8. A byte 0x80–0xFF that is not stands as
 * the lone surrogate U+DC80–U+DCFF (as Python's `surrogateescape`), so that text and bytes map one
 * to one and two different paths never compare equal. `pathToBytes` gives the bytes back.
 */
export type CanonicalPath = string & { readonly [canonical]: true };

/** Who says a thing about the client: the client itself, the front, or the TLS connection to us. */
export type Voucher = 'client' | 'front' | 'connection';

/** A client certificate as it was presented. That it is presented proves nothing: rules verify it. */
export interface ClientCertificate {
  /** The leaf, DER. */
  readonly der: Uint8Array;
  /** SHA-256 of the leaf's DER, 64 lower-case hex digits. */
  readonly fingerprint: string;
  /** The other certificates that came with it, DER, in the order of arrival. */
  readonly intermediates: readonly Uint8Array[];
  readonly vouchedBy: Voucher;
}

/** A user name and password as the client sent them (RFC 7617), not yet verified. */
export interface BasicCredentials {
  readonly user: string;
  readonly password: string;
}

/** Something that was presented but cannot be used; a rule that needs it denies with this reason. */
export interface Unusable {
  readonly unusable: string;
}

/** What the client presented, and who vouches for each part. Built by `front/` alone, and frozen. */
export interface Evidence {
  /** The client's IP address in canonical text form; undefined when the front did not say. */
  readonly address: string | undefined;
  /** True when the client's own connection is TLS, as the front or the connection says. */
  readonly secure: boolean;
  readonly certificate: ClientCertificate | Unusable | undefined;
  readonly basic: BasicCredentials | undefined;
  /** The token of an `Authorization: Bearer` header (RFC 6750), not yet verified. */
  readonly bearer: string | undefined;
  /**
   * What follows the first `?` of the request target, one character for each byte as it was sent,
   * nothing decoded; undefined without a `?`. It never takes part in what is served.
   */
  readonly query: string | undefined;
  /**
   * The token that stood in the path as the first segment in the distribution, not yet verified: it is
   * no part of what is served. Only where a rule of the distribution looks at it.
   */
  readonly pathToken?: string;
  /** The user that the front authenticated; only where the operator says that it does. */
  readonly remoteUser: string | undefined;
}

/**
 * Who the client was found to be. Names from different sources never meet: `basic:alice` and
 * `certificate:<fingerprint>` are two principals (T07).
 */
export interface Principal {
  /** `basic` is a user of an htpasswd file, `user` one of the store. */
  readonly kind: 'basic' | 'certificate' | 'remote-user' | 'user' | 'plugin';
  readonly name: string;
  /** What people call it, as a certificate's subject: for logs and `explain`, and never compared. */
  readonly label?: string;
}

/** What is served at one relative URL. */
export interface Distribution {
  /** Whole segments without a leading or trailing slash, as `acme/el9`. */
  readonly relativeUrl: string;
  /** Absolute path of the directory that is served. */
  readonly root: string;
  /** Whether directories are listed. */
  readonly listing: boolean;
}

/** A policy as it was written: a tree of `any`, `all` and `not` over rules and named policies. */
export type PolicyNode =
  | { readonly type: 'any' | 'all'; readonly children: readonly PolicyNode[]; readonly at: string }
  | { readonly type: 'not'; readonly child: PolicyNode; readonly at: string }
  | PolicyReference
  | RuleNode;

/** A named policy in the place of a tree, written as `policy: NAME`. */
export interface PolicyReference {
  readonly type: 'policy';
  readonly name: string;
  /** As of a rule. */
  readonly at: string;
}

export interface RuleNode {
  readonly type: 'rule';
  /** The plugin's name. */
  readonly name: string;
  /** What stands under the name, unchecked until the plugin parses it. */
  readonly options: unknown;
  /** Where it stands, as `distributions[0].access.any[1].password`. */
  readonly at: string;
}

/** A mistake in the configuration, for people. */
export interface Problem {
  /** Where, as `distributions[0].root`; empty when it is about the whole. */
  readonly at: string;
  /** What is wrong and what would be right. */
  readonly message: string;
}
