/** What signs links in tests of the API. */

import { createLinkSigner, type LinkSigner } from '../../src/api/signed-links/link-signer.ts';
import { createResolver } from '../../src/content/resolve.ts';
import { readUrlKeys } from '../../src/identity/signed-urls/keys.ts';

/** Where links begin. */
export const linkOrigin = 'https://cdn.example.com:8443';

export const linkSecondsMax = 86_400;

const distributions = ['acme', 'acme/el9', 'a+b@c'];
const prefixes = ['/pulp/repos/', '/pulp/isos/'];

/** @param file of keys */
export async function testLinkSigner(file: string, now: () => Date): Promise<LinkSigner> {
  const resolve = createResolver(
    prefixes,
    distributions.map((relativeUrl) => ({ relativeUrl, root: '/nowhere', listing: false })),
  );
  return createLinkSigner({
    keys: await readUrlKeys(file),
    origin: linkOrigin,
    secondsMax: linkSecondsMax,
    prefixes,
    distributionAt: async (path) => resolve(path)?.distribution.relativeUrl,
    now,
  });
}
