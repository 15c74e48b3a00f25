/** The content of a remote yum repository, by its metadata. */

import { createReadStream } from 'node:fs';
import type { SyncConfiguration } from '../config/configuration.ts';
import type { ReceivedFile } from '../storage/storage.ts';
import { readComps } from './comps.ts';
import { compressionOf, decompress } from './decompress.ts';
import { downloadSmall } from './download.ts';
import { SyncFailure } from './failure.ts';
import { type FetchParts, fetchVerified } from './fetch-verified.ts';
import { indexBytesMax } from './limits.ts';
import { readModules } from './modules.ts';
import { readPrimary } from './primary.ts';
import type { MetadataStep, RemoteContent, RemoteFile } from './remote-item.ts';
import { type MetadataFile, type Repomd, readRepomd } from './repomd.ts';
import { readUpdateinfo } from './updateinfo.ts';

export interface ContentParts extends FetchParts {
  readonly limits: SyncConfiguration;
  readonly repositoryId: string;
  readonly signal: AbortSignal;
  /** Takes what has to be removed in the end. */
  readonly stack: AsyncDisposableStack;
}

/** The types of comps.xml by the names that repositories give it: the same, compressed or not. */
const compsNames = ['group', 'group_zst', 'group_xz', 'group_gz', 'group_bz2'];
const compsTypes = [
  'package_group',
  'package_category',
  'package_environment',
  'package_langpacks',
];
const moduleTypes = ['modulemd', 'modulemd_defaults'];

/** Made anew when a repository is published, or of no use to anybody who has the rest. */
const madeMetadata =
  /^(?:primary|filelists|other|updateinfo|group|modules|prestodelta)(?:[_-][a-z0-9]+)*$/i;

/** @throws SyncFailure; PortcullisError STORAGE_… */
export async function openYumContent(parts: ContentParts): Promise<RemoteContent> {
  const { downloads, limits, signal } = parts;
  const options = { bytesMax: indexBytesMax, signal };
  const bytes = await downloadSmall(downloads, 'repodata/repomd.xml', options);
  const repomd = await readRepomd(bytes, limits.weakDigests);
  const open = (names: readonly string[]) => openMetadata(parts, repomd, names);
  const primary = await open(['primary']);
  if (primary === undefined) {
    throw new SyncFailure('Cannot take the repository: its repomd.xml names no primary metadata');
  }
  const updateinfo = await open(['updateinfo']);
  const comps = await open(compsNames);
  const modules = await open(['modules']);
  const metadata: MetadataStep[] = [];
  if (updateinfo) metadata.push({ name: 'errata', items: () => readUpdateinfo(updateinfo()) });
  if (comps) {
    metadata.push({ name: 'comps', items: () => readComps(comps(), parts.repositoryId) });
  }
  if (modules) {
    metadata.push({ name: 'modules', items: () => readModules(modules(), parts.repositoryId) });
  }
  const others = otherFiles(repomd, parts.repositoryId);
  metadata.push({ name: 'metadata_files', items: () => others });
  return {
    revision: repomd.revision,
    types: ['rpm', 'srpm', 'erratum', ...compsTypes, ...moduleTypes, 'yum_repo_metadata_file'],
    files: () => readPrimary(primary(), limits.weakDigests),
    metadata,
  };
}

/** Fetches the first that there is of `names`. @returns what reads it, each time from the beginning */
async function openMetadata(
  parts: ContentParts,
  { files }: Repomd,
  names: readonly string[],
): Promise<(() => AsyncIterable<Uint8Array>) | undefined> {
  const { limits, signal, stack } = parts;
  const file = names
    .map((name) => files.find(({ type }) => type === name))
    .find((each) => each !== undefined);
  if (file === undefined) return undefined;
  const what = `the metadata ${file.type}`;
  const options = { bytesMax: limits.metadataBytesMax, signal };
  const received = stack.use(await fetchVerified(parts, { ...file, what }, options));
  return () => readOpened(received, file, what, limits, signal);
}

function readOpened(
  received: ReceivedFile,
  { path, openSize }: MetadataFile,
  what: string,
  { openMetadataBytesMax }: SyncConfiguration,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  const bytesMax = Math.min(openSize ?? openMetadataBytesMax, openMetadataBytesMax);
  const options = { document: what, bytesMax, signal };
  return decompress(createReadStream(received.path), compressionOf(path), options);
}

/** What is carried through as it is. */
function otherFiles({ files }: Repomd, repositoryId: string): readonly RemoteFile[] {
  return files
    .filter(({ type }) => !madeMetadata.test(type) && /^[A-Za-z][A-Za-z0-9_-]*$/.test(type))
    .map(({ type, path, digest, size }) => ({
      kind: 'file',
      type: 'yum_repo_metadata_file',
      what: `the metadata ${type}`,
      ...{ path, digest, size },
      unitKey: { data_type: type, repo_id: repositoryId },
    }));
}
