/** The texts that everybody may read: keys of what is published, and the CA of the front. */

import type { Configuration } from '../config/configuration.ts';
import type { OpenTexts } from '../content/open-text.ts';
import type { LiveDistributions } from './live-distributions.ts';

/** The CA of the front, below `content.staticPrefix`. */
export const authorityName = 'ca.pem';

/**
 * A key is at `REPOSITORY/DISTRIBUTOR.key` below `content.keyPrefix`, wherever its distribution is.
 *
 * @param authority of the front, PEM; undefined: there is none to be told of
 */
export function createOpenTexts(
  { content: { keyPrefix, staticPrefix } }: Pick<Configuration, 'content'>,
  published: Pick<LiveDistributions, 'keyOf'> | undefined,
  authority: string | undefined,
): OpenTexts {
  const keyAt = /^(?<repository>[^/]+)\/(?<distributor>[^/]+)\.key$/;
  return (path) => {
    if (path === `${staticPrefix}${authorityName}`) return authority;
    if (!path.startsWith(keyPrefix)) return undefined;
    const { repository, distributor } = keyAt.exec(path.slice(keyPrefix.length))?.groups ?? {};
    if (repository === undefined || distributor === undefined) return undefined;
    return published?.keyOf(repository, distributor);
  };
}
