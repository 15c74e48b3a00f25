/** Workers that are killed at any point of uploads, imports, publishes, copies, removals and deletions. */

import { describe, it } from 'node:test';
import { needs } from '../support/needs.ts';
import { signingKey } from '../support/signing-key.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { runCrashes } from './crash-run.ts';

const skip = needs('createrepo_c', 'rpm', 'rpmbuild', 'gpg');

describe('repositories whose workers are killed', { skip }, () => {
  // Ten deaths are a sample: `npm run bench -- crash 200` is the same with 200.
  it('T92 lose nothing that was acknowledged, and leave nothing behind', async () => {
    using directory = temporaryDirectory();
    const { keyFile: gpgKeyFile } = await signingKey(directory);
    const settings = { repositories: { access: 'public', gpgKeyFile } };
    await runCrashes({ kills: 10, killsPerRound: 10, seed: 1, settings });
  });
});
