/** What signs links for the API, by the configuration. */

import { createLinkSigner, type LinkSigner } from '../api/signed-links/link-signer.ts';
import type { Configuration } from '../config/configuration.ts';
import { createResolver } from '../content/resolve.ts';
import { messageOf } from '../errors.ts';
import { readUrlKeys } from '../identity/signed-urls/keys.ts';
import type { CanonicalPath, Problem } from '../model.ts';
import type { Distributions } from '../repositories/distributions.ts';

/**
 * The keys are those of this moment, as those of the rules are of their start.
 *
 * @param published what repositories serve beside the configuration; undefined to check the keys alone
 * @returns undefined where no links are signed
 */
export async function openLinkSigner(
  configuration: Pick<Configuration, 'api' | 'content' | 'distributions'>,
  now: () => Date,
  published?: Distributions,
): Promise<LinkSigner | { readonly problem: Problem } | undefined> {
  const { api, content, distributions } = configuration;
  if (api.links === undefined) return undefined;
  const { keys, origin, secondsMax } = api.links;
  const resolve = createResolver(content.prefixes, distributions);
  try {
    return createLinkSigner({
      keys: await readUrlKeys(keys),
      origin,
      secondsMax,
      prefixes: [...new Set([...content.prefixes, content.repositoryPrefix, content.isoPrefix])],
      distributionAt: async (path) =>
        resolve(path)?.distribution.relativeUrl ?? (await publishedAt(path, content, published)),
      now,
    });
  } catch (error) {
    return { problem: { at: 'api.links.keys', message: messageOf(error) } };
  }
}

/** Read anew for each link, because what was published a moment ago counts. */
async function publishedAt(
  path: CanonicalPath,
  { repositoryPrefix, isoPrefix }: Configuration['content'],
  published: Distributions | undefined,
): Promise<string | undefined> {
  const prefixes = { repos: repositoryPrefix, isos: isoPrefix };
  const all = (await published?.all()) ?? [];
  const serving = all.find(({ area, relative_url }) =>
    `${path}/`.startsWith(`${prefixes[area]}${relative_url}/`),
  );
  return serving?.relative_url;
}
