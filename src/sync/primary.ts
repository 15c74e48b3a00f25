/** Reads the primary metadata of a yum repository: its packages, where they are, and their digests. */

import { readDigest } from './digest.ts';
import { SyncFailure } from './failure.ts';
import type { RemoteFile } from './remote-item.ts';
import { checkRemotePath, wholeNumberOf } from './remote-path.ts';
import { refuseOtherBase } from './repomd.ts';
import { childOf, readXml, textOf, type XmlElement } from './xml.ts';

/** @throws SyncFailure */
export async function* readPrimary(
  bytes: AsyncIterable<Uint8Array>,
  areWeakAllowed: boolean,
): AsyncGenerator<RemoteFile> {
  for await (const element of readXml(bytes, 'the primary metadata', 'metadata')) {
    if (element.name === 'package') yield readPackage(element, areWeakAllowed);
  }
}

function readPackage(element: XmlElement, areWeakAllowed: boolean): RemoteFile {
  const [name, arch] = [textOf(element, 'name'), textOf(element, 'arch')];
  const { epoch = '0', ver, rel } = childOf(element, 'version')?.attributes ?? {};
  if (!name || !arch || !ver || !rel) {
    throw new SyncFailure('Cannot take a package: its metadata has no name, version or arch');
  }
  const what = `the package ${name}-${ver}-${rel}.${arch}`.slice(0, 200);
  const location = childOf(element, 'location');
  refuseOtherBase(what, location);
  const size = wholeNumberOf(childOf(element, 'size')?.attributes.package);
  if (size === undefined) {
    throw new SyncFailure(`Cannot take ${what}: its metadata does not say its size`);
  }
  const checksum = childOf(element, 'checksum');
  const isSource = arch === 'src' || arch === 'nosrc';
  return {
    kind: 'file',
    type: isSource ? 'srpm' : 'rpm',
    what,
    path: checkRemotePath(what, location?.attributes.href),
    size,
    digest: readDigest(what, checksum?.attributes.type, checksum?.text.trim(), areWeakAllowed),
    unitKey: {
      ...{ name, epoch: epoch || '0', version: ver, release: rel },
      arch: isSource ? 'src' : arch,
    },
  };
}
