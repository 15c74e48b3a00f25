import { describe, it } from 'node:test';
import { policyDepthMax, policyNodesMax } from '../../src/config/policy.ts';
import { policyPathsMax } from '../../src/config/settings/distributions.ts';
import { policiesMax } from '../../src/config/settings/policies.ts';
import { resourceBytesMax } from '../../src/people/resource.ts';
import { storedPoliciesMax, treeBytesMax } from '../../src/policies/documents.ts';
import { exchangeMilliseconds, retryMilliseconds } from '../../src/policies/live-value.ts';
import { policyFileBytesMax } from '../../src/policies/policy-file.ts';
import { type Expected, pageSays, seconds } from '../support/documentation.ts';

const said: readonly Expected[] = [
  ['levels of a policy', `${policyDepthMax}`],
  ['nodes of a policy', `${policyNodesMax}`],
  ['names in the configuration', `${policiesMax}`],
  ['names in the store', `${storedPoliciesMax}`],
  ['paths of a distribution', `${policyPathsMax}`],
  ['bytes of a tree', `${treeBytesMax}`],
  ['bytes of a file', `${policyFileBytesMax}`],
  ['characters of a resource', `${resourceBytesMax}`],
  ['while the next is being made', `${exchangeMilliseconds} milliseconds`],
  ['is tried again', seconds(retryMilliseconds)],
];

describe('docs/policies.md', () => {
  for (const expected of said) {
    it(`has the numbers of the code: ${expected[0]}`, () => pageSays('docs/policies.md', expected));
  }
});
