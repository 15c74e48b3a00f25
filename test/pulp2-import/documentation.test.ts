import { describe, it } from 'node:test';
import { distributionsMax } from '../../src/config/settings/distributions.ts';
import { authorityPemLimits } from '../../src/pem.ts';
import { apacheBytesMax } from '../../src/pulp2-import/apache.ts';
import { exportBytesMax } from '../../src/pulp2-import/exports.ts';
import { settingsBytesMax } from '../../src/pulp2-import/ini-settings.ts';
import { directoryEntriesMax, linksMax } from '../../src/pulp2-import/installation.ts';
import { listingBytesMax } from '../../src/pulp2-import/protected-listing.ts';
import { publishedDepthMax } from '../../src/pulp2-import/published.ts';
import { treeDepthMax } from '../../src/pulp2-import/published-tree.ts';
import { sourceBytesMax } from '../../src/revocation/limits.ts';
import { type Expected, pageSays } from '../support/documentation.ts';

const limits: readonly Expected[] = [
  ['bytes of a file of settings', `| ${settingsBytesMax} |`],
  ['bytes of a file of settings, of Apache', `| ${apacheBytesMax} |`],
  ['bytes of the listing', `| ${listingBytesMax} |`],
  ['bytes of a CA file', `| ${2 * authorityPemLimits.bytesMax} |`],
  ['bytes of a revocation list', `| ${sourceBytesMax} |`],
  ['bytes of an export', `| ${exportBytesMax} |`],
  ['entries of a directory', `| ${directoryEntriesMax} |`],
  ['directories above a repository', `| ${publishedDepthMax}, ${treeDepthMax} |`],
  ['symbolic links of one path', `| ${linksMax} |`],
  ['| distributions', `| ${distributionsMax} |`],
];

describe('docs/migration.md', () => {
  for (const limit of limits) {
    it(`docs/migration.md has the limit: ${limit[0]}`, () => pageSays('docs/migration.md', limit));
  }
});
