/** What a plugin is, what its rules are asked, and what they answer. A part of the authorizer API. */

import type { CanonicalPath, Evidence, Principal } from './model.ts';
import type { Services } from './plugin-services.ts';

/** The request as a rule sees it. Deeply frozen: a plugin cannot change what is served. */
export interface AccessRequest {
  readonly method: 'GET' | 'HEAD';
  /** The whole canonical request path, as `/pulp/repos/acme/el9/repodata/repomd.xml`. */
  readonly path: CanonicalPath;
  /** The distribution's relative URL, as `acme/el9`. */
  readonly distribution: string;
  /**
   * The id of the repository of which a publication is served; undefined for a distribution of the
   * configuration.
   */
  readonly repository?: string | undefined;
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
