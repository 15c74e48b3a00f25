/** The texts that everybody may read: keys of what is published, the CA of the front, the key of sessions. */

import type { Configuration } from '../config/configuration.ts';
import type { OpenTexts } from '../content/open-text.ts';
import type { LiveDistributions } from './live-distributions.ts';

/** The CA of the front, below `content.staticPrefix`. */
export const authorityName = 'ca.pem';

/** The public key of the CA of sessions there, as Pulp's consumers ask for one when they are registered. */
export const sessionKeyName = 'rsa_pub.key';

export interface StaticTexts {
  /** Of the front, PEM; undefined: there is none to be told of. */
  readonly authority: string | undefined;
  /** PEM; undefined while there is none. */
  readonly sessionKey: () => Promise<string | undefined>;
}

/** A key is at `REPOSITORY/DISTRIBUTOR.key` below `content.keyPrefix`, wherever its distribution is. */
export function createOpenTexts(
  { content: { keyPrefix, staticPrefix } }: Pick<Configuration, 'content'>,
  published: Pick<LiveDistributions, 'keyOf'> | undefined,
  { authority, sessionKey }: StaticTexts,
): OpenTexts {
  const keyAt = /^(?<repository>[^/]+)\/(?<distributor>[^/]+)\.key$/;
  return async (path) => {
    if (path === `${staticPrefix}${authorityName}`) return authority;
    if (path === `${staticPrefix}${sessionKeyName}`) return sessionKey();
    if (!path.startsWith(keyPrefix)) return undefined;
    const { repository, distributor } = keyAt.exec(path.slice(keyPrefix.length))?.groups ?? {};
    if (repository === undefined || distributor === undefined) return undefined;
    return published?.keyOf(repository, distributor);
  };
}
