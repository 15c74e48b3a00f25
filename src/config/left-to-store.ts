/** Which distributions leave it to the store who may read them. */

import type { DistributionConfiguration } from './configuration.ts';

/** What the configuration says of a distribution, nothing else does. */
export function isLeftToStore({
  access,
  paths,
}: Pick<DistributionConfiguration, 'access' | 'paths'>): boolean {
  return access === undefined && paths.length === 0;
}
