/** The policies of the API under test, with a configuration of its own. */

import { PluginShelf } from '../../src/access/plugin-shelf.ts';
import type { DistributionConfiguration } from '../../src/config/configuration.ts';
import type { RuleNode } from '../../src/model.ts';
import {
  type AdministrationParts,
  PolicyAdministration,
} from '../../src/policies/administration.ts';
import { StoredPolicies } from '../../src/policies/stored-policies.ts';
import type { Store } from '../../src/stores/store.ts';

/** What the configuration leaves to the store. */
const storedDistributions = ['acme/el9', 'acme/el9/debug', 'x'] as const;

/** @param published what the store publishes; nothing unless given */
export function testPolicies(
  store: Store,
  now: () => Date,
  published?: AdministrationParts['published'],
): PolicyAdministration {
  const everybody: RuleNode = { type: 'rule', name: 'public', options: undefined, at: 'x' };
  const base = { root: '/srv', listing: false, paths: [] };
  const distributions: readonly DistributionConfiguration[] = [
    ...storedDistributions.map((relativeUrl) => ({ ...base, relativeUrl, access: undefined })),
    {
      ...base,
      relativeUrl: 'fixed',
      access: { type: 'policy', name: 'configured', at: 'y' },
    },
  ];
  const policies = [{ name: 'configured', access: everybody }];
  return new PolicyAdministration({
    stored: new StoredPolicies(store, now),
    configuration: { policies, distributions },
    shelf: new PluginShelf([], '/'),
    ...(published !== undefined && { published }),
  });
}
