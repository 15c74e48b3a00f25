/** repomd.xml.asc, by which dnf knows the metadata with `repo_gpgcheck=1`, and the key for it. */

import path from 'node:path';
import type { MetadataSigner, PublishJob } from '../repository-type.ts';

export async function signRepodata(
  { tree, signal }: PublishJob,
  signer: MetadataSigner,
  done: () => void,
): Promise<void> {
  const metadata = path.join(tree.directory, 'repodata/repomd.xml');
  await tree.write('repodata/repomd.xml.asc', await signer.signDetached(metadata, signal));
  await tree.write('repodata/repomd.xml.key', signer.publicKey);
  done();
}
