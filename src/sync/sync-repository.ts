/**
 * Takes over a remote repository. Its metadata comes first, verified and read once; then the files that are
 * not here, as units of no repository; and when everything is there, what the repository has changes.
 * Whatever was fetched before a sync ended in the middle is there for the next one.
 */

import { publicAddresses } from '../outbound/addresses.ts';
import { signatureOption } from '../repository-types/importer-fields.ts';
import { addressRanges } from './address-ranges.ts';
import type { Downloads } from './download.ts';
import { SyncFailure } from './failure.ts';
import { type Feed, readFeed, showUrl } from './feed.ts';
import { hasKickstartTree, treeLeftOut } from './kickstart-tree.ts';
import { defaultDownloads } from './limits.ts';
import { openManifestContent } from './manifest-content.ts';
import { changeMemberships } from './memberships.ts';
import { openRemote } from './remote.ts';
import type { RemoteContent } from './remote-item.ts';
import type { RemoteRevision, SyncJob, SyncParts, SyncResult } from './sync-job.ts';
import { checkMetadata, skippedTypes, takeFiles, takeMetadata } from './take-content.ts';
import { Throttle } from './throttle.ts';
import type { ContentParts } from './yum-content.ts';
import { openYumContent } from './yum-content.ts';

/** How often it is begun again when orphans that it needs were removed meanwhile. */
const roundsMax = 3;

const openers: Readonly<Record<string, (parts: ContentParts) => Promise<RemoteContent>>> = {
  yum_importer: openYumContent,
  iso_importer: openManifestContent,
};

/** @throws SyncFailure for what cannot be taken over; PortcullisError STORAGE_…, STORE_… */
export async function syncRepository(parts: SyncParts, job: SyncJob): Promise<SyncResult> {
  const feed = feedOf(job);
  const open = openers[job.importerTypeId];
  if (open === undefined) {
    throw new SyncFailure(
      `Cannot sync with ${job.importerTypeId}: only yum repositories and files with a PULP_MANIFEST are taken over`,
    );
  }
  await using stack = new AsyncDisposableStack();
  const downloads = openDownloads(parts, job, feed, stack);
  const { limits, storage } = parts;
  const { repositoryId, signal } = job;
  job.progress.begin('metadata');
  const content = await open({
    ...{ downloads, limits, repositoryId, signal, stack },
    artifacts: storage.artifacts,
  });
  const taken = { feed: showUrl(feed.url), revision: content.revision };
  checkRevision(job, taken);
  await checkMetadata(job, content);
  job.progress.finish('metadata');
  await lookForTree(downloads, job);
  for (let round = 1; ; round += 1) {
    const files = await takeFiles({ ...parts, downloads }, job, content, downloadsOf(parts, feed));
    await job.confirm();
    const metadata = await takeMetadata({ ...parts, downloads }, job, content);
    const remote = new Map([...files, ...metadata.units]);
    const changed = await changeMemberships(parts, job, content, remote);
    if (changed !== undefined) return { taken, updated: metadata.updated, ...changed };
    if (round >= roundsMax) {
      throw new SyncFailure('Cannot end the sync: units of it were removed each time; sync again');
    }
  }
}

/** Said in the report, so that nobody looks for it in what is published. */
async function lookForTree(downloads: Downloads, job: SyncJob): Promise<void> {
  const { importerTypeId, progress, signal, log } = job;
  if (importerTypeId !== 'yum_importer' || skippedTypes(job).includes('distribution')) return;
  if (!(await hasKickstartTree(downloads, signal))) return;
  progress.skip('distribution', treeLeftOut);
  log.warn('The tree of an installer is not taken over with its repository');
}

function feedOf({ config, log }: SyncJob): Feed {
  const feed = readFeed(config);
  if ('problem' in feed) throw new SyncFailure(`Cannot sync: ${feed.problem}`);
  const unverified = signatureOption(config);
  if (unverified !== undefined) {
    throw new SyncFailure(
      `Cannot sync with ${unverified}: signatures of packages are not verified; leave it out`,
    );
  }
  if (!feed.tls.isVerified && feed.url.protocol === 'https:') {
    log.warn('A feed is not verified: ssl_validation is off', { feed: showUrl(feed.url) });
  }
  return feed;
}

function openDownloads(
  { limits }: SyncParts,
  { progress }: SyncJob,
  feed: Feed,
  stack: AsyncDisposableStack,
): Downloads {
  const isAddressAllowed = publicAddresses(addressRanges(limits.addresses));
  const remote = stack.use(openRemote({ feed, limits, isAddressAllowed }));
  const { bytesPerSecondMax } = feed;
  return {
    ...{ remote, limits },
    throttle: bytesPerSecondMax === undefined ? undefined : new Throttle(bytesPerSecondMax),
    received: (bytes) => progress.received(bytes),
  };
}

function downloadsOf({ limits }: SyncParts, { downloads }: Feed): number {
  return Math.min(downloads ?? defaultDownloads, limits.downloads);
}

/** Whoever stands in between could play back what was right once (T91). */
function checkRevision({ last, isForced }: SyncJob, { feed, revision }: RemoteRevision): void {
  if (isForced || last === undefined || last.feed !== feed) return;
  if (last.revision === null || (revision !== null && revision >= last.revision)) return;
  throw new SyncFailure(
    `Cannot take the repository: its metadata is of the revision ${revision}, older than ${last.revision}, which was taken over last; force_full takes it all the same`,
  );
}
