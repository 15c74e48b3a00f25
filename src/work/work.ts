/** What the workers of a pool do, opened for its listeners. */

import type { ObserveAnswer } from '../access/policy.ts';
import type { Configuration, PoolConfiguration } from '../config/configuration.ts';
import type { Serve } from '../listeners/listeners.ts';
import type { Logger } from '../log.ts';
import type { CertificateFile } from '../metrics/certificate-expiries.ts';
import type { Problem } from '../model.ts';
import type { ControlPlane } from './control-plane.ts';

export interface WorkParts {
  readonly configuration: Configuration;
  readonly pool: PoolConfiguration;
  readonly log: Logger;
  readonly now: () => Date;
  readonly controlPlane: ControlPlane;
  /** Told of each answer of a rule. */
  readonly observe: ObserveAnswer;
}

export interface OpenedWork {
  readonly serve: Serve;
  /** Certificates that it goes by: when they end, it does not work any more. */
  readonly certificates: readonly CertificateFile[];
  /** While there is one, nothing may be served. */
  readonly problems: readonly Problem[];
}

/** @param opened gets what has to be closed in the end */
export type OpenWork = (parts: WorkParts, opened: AsyncDisposableStack) => Promise<OpenedWork>;
