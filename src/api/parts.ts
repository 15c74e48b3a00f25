/** What the API is made of, and does not make itself. */

import type { ExplainQuery, Explanation, QueryProblem } from '../access/explanation.ts';
import type { EvidenceReader } from '../front/evidence.ts';
import type { AttemptLimiter } from '../identity/attempt-limiter.ts';
import type { PasswordHasher } from '../identity/password-hasher.ts';
import type { SessionAuthority } from '../identity/session-authority.ts';
import type { SessionVerifier } from '../identity/session-verifier.ts';
import type { Logger } from '../log.ts';
import type { PolicyAdministration } from '../policies/administration.ts';
import type { WrittenAccess } from '../policies/written-tree.ts';
import type { Storage } from '../storage/storage.ts';
import type { Store } from '../stores/store.ts';
import type { TaskQueue } from '../tasks/queue.ts';
import type { Tokens } from '../tokens/tokens.ts';
import type { BodyLimits } from './body.ts';
import type { FrontFacts } from './consumers/show-binding.ts';
import type { Failure } from './outcome.ts';
import type { People } from './people/people.ts';
import type { Places } from './places.ts';
import type { LinkSigner } from './signed-links/link-signer.ts';

export interface ApiParts {
  /** With the collections of the people, the tasks, the tokens and the audit, for changes. */
  readonly store: Store;
  readonly people: People;
  /** Where uploads go. */
  readonly storage: Pick<Storage, 'uploads'>;
  readonly tasks: TaskQueue;
  readonly policies: PolicyAdministration;
  /** Of customers. */
  readonly tokens: Tokens;
  readonly passwords: PasswordHasher;
  /** One for all that verifies passwords in a process. */
  readonly attempts: AttemptLimiter;
  /** Signs the certificates of sessions. */
  readonly sessionAuthority: Pick<SessionAuthority, 'issue'>;
  readonly sessionVerifier: SessionVerifier;
  /** Undefined: no links are signed. */
  readonly links?: LinkSigner | undefined;
  /** Plays a request by the policies that content is served by; a refusal while they cannot be opened. */
  readonly play: (query: ExplainQuery) => Promise<Explanation | QueryProblem | Failure>;
  /** As `play`, as if the distribution that it leads to had another access. */
  readonly preview: (
    query: ExplainQuery,
    access: WrittenAccess,
  ) => Promise<Explanation | QueryProblem | Failure>;
  /** Whether the decisions of content are kept in the store. */
  readonly keepsDecisions: boolean;
  /** How long a session is good, in seconds; less when its CA ends before. */
  readonly sessionSeconds?: number;
  /** How long the certificate of a consumer is good, in seconds; less when its CA ends before. */
  readonly consumerCertificateSeconds?: number;
  /** Where consumers reach what they are bound to. */
  readonly front?: FrontFacts;
  /** Where clients find content; absent: on a server that nobody has named. */
  readonly places?: Places;
  /** Of the listener: it alone says whether REMOTE_USER is to be believed. */
  readonly readEvidence: EvidenceReader;
  readonly log: Logger;
  readonly now: () => Date;
  readonly limits?: BodyLimits;
}
