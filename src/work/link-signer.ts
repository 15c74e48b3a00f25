/** What signs links for the API, by the configuration. */

import { createLinkSigner, type LinkSigner } from '../api/signed-links/link-signer.ts';
import type { Configuration } from '../config/configuration.ts';
import { createResolver } from '../content/resolve.ts';
import { messageOf } from '../errors.ts';
import { readUrlKeys } from '../identity/signed-urls/keys.ts';
import type { Problem } from '../model.ts';

/**
 * The keys are those of this moment, as those of the rules are of their start.
 *
 * @returns undefined where no links are signed
 */
export async function openLinkSigner(
  { api, content, distributions }: Pick<Configuration, 'api' | 'content' | 'distributions'>,
  now: () => Date,
): Promise<LinkSigner | { readonly problem: Problem } | undefined> {
  if (api.links === undefined) return undefined;
  const { keys, origin, secondsMax } = api.links;
  const resolve = createResolver(content.prefixes, distributions);
  try {
    return createLinkSigner({
      keys: await readUrlKeys(keys),
      origin,
      secondsMax,
      prefixes: content.prefixes,
      distributionAt: (path) => resolve(path)?.distribution.relativeUrl,
      now,
    });
  } catch (error) {
    return { problem: { at: 'api.links.keys', message: messageOf(error) } };
  }
}
