/** The content of a remote directory of files, by its PULP_MANIFEST. */

import { downloadSmall } from './download.ts';
import { indexBytesMax } from './limits.ts';
import { readManifest } from './manifest.ts';
import type { RemoteContent } from './remote-item.ts';
import type { ContentParts } from './yum-content.ts';

/** @throws SyncFailure */
export async function openManifestContent(parts: ContentParts): Promise<RemoteContent> {
  const options = { bytesMax: indexBytesMax, signal: parts.signal };
  const files = readManifest(await downloadSmall(parts.downloads, 'PULP_MANIFEST', options));
  return {
    revision: null,
    types: ['iso'],
    files: () => files,
    metadata: [],
  };
}
