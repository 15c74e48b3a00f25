/** Downloads of feeds on the loopback address, which has to be allowed. */

import type { SyncConfiguration } from '../../src/config/configuration.ts';
import { publicAddresses } from '../../src/outbound/addresses.ts';
import type { JsonObject } from '../../src/repositories/documents.ts';
import { type Downloads, download } from '../../src/sync/download.ts';
import { readFeed } from '../../src/sync/feed.ts';
import { openRemote } from '../../src/sync/remote.ts';

export const syncLimits: SyncConfiguration = {
  addresses: ['127.0.0.0/8'],
  downloads: 4,
  attempts: 3,
  connectSeconds: 30,
  idleSeconds: 30,
  fileSeconds: 60,
  fileBytesMax: 100_000_000,
  metadataBytesMax: 10_000_000,
  openMetadataBytesMax: 100_000_000,
  unitsMax: 10_000,
  weakDigests: false,
};

export interface FeedClient extends AsyncDisposable {
  readonly downloads: Downloads;
  /** The bytes of a file, or `problem: ` and why there are none. */
  text(path: string, options?: { readonly bytesMax?: number }): Promise<string>;
}

export function openFeed(config: JsonObject, own: Partial<SyncConfiguration> = {}): FeedClient {
  const limits = { ...syncLimits, ...own };
  const feed = readFeed(config);
  if ('problem' in feed) throw new Error(feed.problem);
  const isAddressAllowed = publicAddresses(limits.addresses);
  const remote = openRemote({ feed, limits, isAddressAllowed });
  const downloads = { remote, limits, throttle: undefined };
  const signal = new AbortController().signal;
  return {
    downloads,
    text: async (path, { bytesMax = 1_000_000 } = {}) => {
      try {
        const chunks = await Array.fromAsync(download(downloads, path, { bytesMax, signal }));
        return Buffer.concat(chunks).toString();
      } catch (error) {
        return `problem: ${(error as Error).message}`;
      }
    },
    [Symbol.asyncDispose]: () => remote[Symbol.asyncDispose](),
  };
}

/** As {@link openFeed}, with the problem of a feed that cannot be opened. */
export async function feedProblem(config: JsonObject, own: Partial<SyncConfiguration> = {}) {
  try {
    await using feed = openFeed(config, own);
    return await feed.text('x');
  } catch (error) {
    return `problem: ${(error as Error).message}`;
  }
}
