/** The trees of policies that say who may read a distribution. */

import type { PolicyNode } from '../model.ts';
import type { DistributionConfiguration } from './configuration.ts';

/** The one of the whole, if there is one, and then those of its paths. */
export function treesIn({
  access,
  paths,
}: Pick<DistributionConfiguration, 'access' | 'paths'>): readonly PolicyNode[] {
  return [...(access === undefined ? [] : [access]), ...paths.map((path) => path.access)];
}
