/** What clients read while a repository is published again and again; `npm run bench -- consistency` goes on longer. */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { needs } from '../support/needs.ts';
import { publishUnderLoad } from './publish-under-load.ts';
import { type RepositorySite, startRepositorySite } from './repository-site.ts';

const skip = needs('nginx', 'openssl', 'dnf', 'rpm', 'rpmbuild', 'createrepo_c');

describe('a yum repository that is published again and again', { skip }, () => {
  let site: RepositorySite;
  before(async () => {
    const storage = { publicationGraceSeconds: 120 };
    site = await startRepositorySite({ settings: { storage } });
  });
  after(() => site?.[Symbol.asyncDispose]());

  it('T39a gives each client one publication, and no client fails', async (context) => {
    const seen = await publishUnderLoad(site, { publishes: 15, rawClients: 2, dnfClients: 1 });
    context.diagnostic(JSON.stringify(seen));
    assert.ok(seen.rawTransactions > 0 && seen.dnfTransactions > 0 && seen.publications > 1);
  });
});
