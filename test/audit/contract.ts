/** What the audit keeps and finds, on any store. */

import { after, before, describe } from 'node:test';
import { auditCollections } from '../../src/audit/collections.ts';
import { open, type StoreContract, type StoreHost } from '../contracts/store-fixture.ts';
import { testDecisions } from './test-decisions.ts';
import { testSeenCertificates } from './test-seen-certificates.ts';
import { testUsage } from './test-usage.ts';

export function testAudit(contract: StoreContract): void {
  describe(`audit on ${contract.name}`, { skip: contract.skip }, () => {
    let host: StoreHost;
    before(async () => {
      host = await contract.host();
    });
    after(() => host[Symbol.asyncDispose]());
    const empty = () => open(host.settings(), { collections: auditCollections });
    testDecisions(empty);
    testUsage(empty);
    testSeenCertificates(empty);
  });
}
