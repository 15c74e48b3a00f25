/** What a rule found on the way to its answer, for the operator: never a secret, never a certificate. */

export interface RuleFindings {
  /** The decision that this process remembers for the same client; undefined when it has none. */
  readonly remembered: RememberedDecision | undefined;
  /** How the presented certificate did; undefined for a rule that verified none. */
  readonly certificate: CertificateFinding | undefined;
}

export const noFindings: RuleFindings = { remembered: undefined, certificate: undefined };

export interface RememberedDecision {
  readonly outcome: 'allow' | 'deny';
  /** How much longer it counts, unless what it goes by changes before. */
  readonly seconds: number;
}

export interface CertificateFinding {
  /** The CA file of the rule, or words for the certificates of the rule itself. */
  readonly authorities: string;
  readonly isValid: boolean;
  /** Why it is not valid, in the words of the rule's refusal. */
  readonly problem: string | undefined;
  /** From the client's certificate to the CA of the rule; empty when there is no such path. */
  readonly chain: readonly ChainLink[];
  readonly revocation: RevocationFinding;
  /** `none`: no store is configured. Undefined when the certificate was refused before it was looked up. */
  readonly denyList: 'listed' | 'not listed' | 'none' | undefined;
  /** Of a rule that goes by the paths in the certificate. */
  readonly grant: GrantFinding | undefined;
}

export interface ChainLink {
  /** As people read it. */
  readonly subject: string;
  readonly serial: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

export interface RevocationFinding {
  /** Whether the rule goes by revocation lists or responders. */
  readonly isChecked: boolean;
  /** The lists, those of responders among them, that the certificate is not on, as people read them. */
  readonly notOn: string | undefined;
  /** From a revocation until every worker obeys, in seconds; undefined where nothing is checked. */
  readonly withinSeconds: number | undefined;
}

export type GrantFinding =
  | { readonly isGranted: true; readonly by: string }
  | { readonly isGranted: false; readonly reason: string };
