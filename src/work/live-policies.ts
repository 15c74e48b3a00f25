/** Opens the policies of the store for a worker that serves by them. */

import type { PolicyOf } from '../access/compile.ts';
import type { Configuration } from '../config/configuration.ts';
import type { Logger } from '../log.ts';
import type { PolicyNode } from '../model.ts';
import { LivePolicies, type MakePolicies } from '../policies/live-policies.ts';
import { Retired } from '../policies/retired.ts';
import type { ControlPlane } from './control-plane.ts';

/** How long a start waits for the policies of the store, in seconds. Then whom they are about gets 503. */
export const firstReadSecondsMax = 5;

export interface LivePolicyParts {
  readonly configuration: Configuration;
  readonly controlPlane: ControlPlane;
  readonly log: Logger;
  readonly storeLog: Logger;
  /** @param policyOf for the names that the configuration has not */
  readonly makerOf: (policyOf: PolicyOf) => MakePolicies;
}

/** @param opened gets what has to be closed in the end */
export async function openLivePolicies(
  { configuration, controlPlane, log, storeLog, makerOf }: LivePolicyParts,
  opened: AsyncDisposableStack,
): Promise<LivePolicies> {
  const trees = configuration.policies.map(({ name, access }): [string, PolicyNode] => [
    name,
    access,
  ]);
  const store = await controlPlane.store();
  const retired = opened.use(new Retired(configuration.limits.requestSeconds));
  const live: LivePolicies = opened.use(
    new LivePolicies({
      store,
      configured: new Map(trees),
      make: makerOf((name, at) => live.policyOf(name, at)),
      retire: (made) => retired.add(made),
      outageSeconds: configuration.access.storeOutageSeconds,
      log,
      storeLog,
    }),
  );
  await live.ready(firstReadSecondsMax);
  return live;
}
