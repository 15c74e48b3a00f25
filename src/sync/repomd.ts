/** Reads `repomd.xml`, which names all other metadata of a yum repository with its digests. */

import { type Digest, readDigest } from './digest.ts';
import { SyncFailure } from './failure.ts';
import { checkRemotePath, wholeNumberOf } from './remote-path.ts';
import { childOf, readXml, textOf, type XmlElement } from './xml.ts';

/** Files that one repository may name. */
export const metadataFilesMax = 1000;

export interface Repomd {
  /** Whole seconds or whatever the repository's maker counts by; null where it says nothing like it. */
  readonly revision: number | null;
  readonly files: readonly MetadataFile[];
}

export interface MetadataFile {
  /** As `primary`. */
  readonly type: string;
  readonly path: string;
  /** Of the file as it is sent. */
  readonly digest: Digest;
  readonly size: number | undefined;
  /** Of what is in it, uncompressed. */
  readonly openSize: number | undefined;
}

/** @throws SyncFailure */
export async function readRepomd(bytes: Uint8Array, areWeakAllowed: boolean): Promise<Repomd> {
  const files: MetadataFile[] = [];
  let said: number | undefined;
  let newest: number | undefined;
  for await (const element of readXml(oneChunk(bytes), 'repomd.xml', 'repomd')) {
    if (element.name === 'revision') said = wholeNumberOf(element.text.trim());
    if (element.name !== 'data') continue;
    if (files.length >= metadataFilesMax) {
      throw new SyncFailure(`Cannot take the repository: it names over ${metadataFilesMax} files`);
    }
    files.push(readFile(element, areWeakAllowed));
    newest = Math.max(newest ?? 0, Math.floor(Number(textOf(element, 'timestamp'))) || 0);
  }
  return { revision: said ?? (newest || null), files };
}

function readFile(data: XmlElement, areWeakAllowed: boolean): MetadataFile {
  const type = data.attributes.type ?? '';
  if (!/^[A-Za-z0-9][\w.+-]{0,63}$/.test(type)) {
    throw new SyncFailure('Cannot take the repository: a file of its metadata has no usable type');
  }
  const what = `the metadata ${type}`;
  const location = childOf(data, 'location');
  refuseOtherBase(what, location);
  const checksum = childOf(data, 'checksum');
  return {
    type,
    path: checkRemotePath(what, location?.attributes.href),
    digest: readDigest(what, checksum?.attributes.type, checksum?.text.trim(), areWeakAllowed),
    size: wholeNumberOf(textOf(data, 'size')),
    openSize: wholeNumberOf(textOf(data, 'open-size')),
  };
}

/** Another server would be asked, which nobody chose. */
export function refuseOtherBase(what: string, location: XmlElement | undefined): void {
  if (location?.attributes['xml:base'] !== undefined) {
    throw new SyncFailure(`Cannot take ${what}: it is said to be at another base than the feed`);
  }
}

async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
