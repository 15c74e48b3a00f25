/** What the workers of a pool do, opened for its listeners. */

import type { ObserveAnswer } from '../access/policy.ts';
import type { Configuration, PoolConfiguration } from '../config/configuration.ts';
import type { Serve } from '../listeners/listeners.ts';
import type { Logger } from '../log.ts';
import type { CertificateFile } from '../metrics/certificate-expiries.ts';
import type { RequestRole } from '../metrics/labels.ts';
import type { RevocationListDates } from '../metrics/snapshot.ts';
import type { Problem } from '../model.ts';
import type { TaskKinds } from '../tasks/runner.ts';
import type { ControlPlane } from './control-plane.ts';
import type { SharedContent } from './shared-content.ts';

export interface WorkParts {
  readonly configuration: Configuration;
  readonly pool: PoolConfiguration;
  readonly log: Logger;
  readonly now: () => Date;
  readonly controlPlane: ControlPlane;
  /** What the role `tasks` can do besides the tasks of repositories. */
  readonly taskKinds: TaskKinds;
  /** Told of each answer of a rule. */
  readonly observe: ObserveAnswer;
  /** The policies of content; nothing is opened where nobody asks. */
  readonly content: Pick<SharedContent, 'open'>;
}

/** What one role is, or an application. */
export interface RoleWork {
  /** Absent where no requests are answered. */
  readonly serve?: Serve;
  /** What goes on besides the requests. */
  readonly background?: Background;
  /** Certificates that it goes by: when they end, it does not work any more. */
  readonly certificates: readonly CertificateFile[];
  /** The revocation lists that it goes by. */
  readonly revocationLists?: () => readonly RevocationListDates[];
  /** How soon a revocation holds at the latest; 0 where it goes by nothing. */
  readonly revocationSeconds?: () => number;
  /** Decisions that the store did not get. */
  readonly decisionsLost?: () => number;
  /** While there is one, nothing may be served. */
  readonly problems: readonly Problem[];
}

/** All that the workers of a pool do. */
export interface OpenedWork {
  readonly serve: Serve;
  /** As what a request is counted. */
  readonly roleOf: (path: string) => RequestRole;
  readonly background: readonly Background[];
  readonly certificates: readonly CertificateFile[];
  readonly revocationLists: () => readonly RevocationListDates[];
  readonly revocationSeconds: () => number;
  readonly decisionsLost: () => number;
  /** Whether the store answers; undefined where none is used, and until it was asked. */
  readonly isStoreUp: () => boolean | undefined;
  /** While there is one, nothing may be served. */
  readonly problems: readonly Problem[];
}

export interface Background {
  /** Begins once everything listens. */
  start(): void;
  /** Ends what goes on, within named times. Also where it was never started. */
  stop(): Promise<void>;
}

/** @param opened gets what has to be closed in the end */
export type OpenWork = (parts: WorkParts, opened: AsyncDisposableStack) => Promise<RoleWork>;
