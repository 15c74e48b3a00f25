/** Whether each client reads one publication, however often the repository is published meanwhile. */

import { publishUnderLoad } from '../test/e2e/publish-under-load.ts';
import { startRepositorySite } from '../test/e2e/repository-site.ts';

/** Longer than any transaction of a client, in seconds. */
const publicationGraceSeconds = 120;

/** @throws whatever a client saw that was not as it has to be */
export async function measureConsistency(publishes: number): Promise<void> {
  const settings = { storage: { publicationGraceSeconds } };
  await using site = await startRepositorySite({ settings });
  const seen = await publishUnderLoad(site, { publishes, rawClients: 2, dnfClients: 2 });
  const seconds = seen.seconds / publishes;
  console.log(`${publishes} publishes, one in ${seconds.toFixed(2)} s, while clients read:`);
  console.log(`  ${seen.rawTransactions} transactions of raw clients, ${seen.files} packages`);
  console.log(`  ${seen.overtaken} of them while another publication took the place`);
  console.log(`  ${seen.dnfTransactions} installations by dnf`);
  console.log(`  ${seen.publications} different repomd.xml; none failed, and each was of one`);
}
