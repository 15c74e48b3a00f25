/** The internal locations of nginx from which it sends what Portcullis allowed. */

import type { Configuration, DistributionConfiguration } from '../config/configuration.ts';
import { publicationsDirectory } from '../config/publications-directory.ts';
import { hasStore } from '../config/store-use.ts';
import { directoryLocation, internalLocation, publicationsLocation } from './internal-location.ts';
import { byLocation, quote, quoteWithoutVariables } from './nginx-quote.ts';
import type { Upstream } from './nginx-upstream.ts';

/** For the `server` block; empty where nginx is handed no files. */
export function contentLocations(configuration: Configuration, upstream: Upstream): string {
  if (upstream.listener.handOff !== 'x-accel-redirect') return '';
  const { internalPrefix } = configuration.content;
  const locationOf = ({ relativeUrl }: DistributionConfiguration): string =>
    internalLocation(internalPrefix, relativeUrl);
  const locations = configuration.distributions
    .toSorted((one, other) => byLocation(locationOf(one), locationOf(other)))
    .map((each) => rootLocation(locationOf(each), each.root, configuration));
  return `# What X-Accel-Redirect names. No client gets in here, and what no distribution holds ends here:
# without this location it would be asked of Portcullis again.
location ^~ ${internalPrefix} {
  internal;
  return 404;
}
${[...locations, ...storedLocations(configuration)].join('\n')}

`;
}

/** None is of one distribution, so that a publish is no matter of the front. */
function storedLocations(configuration: Configuration): readonly string[] {
  if (!hasStore(configuration)) return [];
  const { internalPrefix } = configuration.content;
  const roots = configuration.repositories.directoryRoots
    .toSorted(byLocation)
    .map((root) => rootLocation(directoryLocation(internalPrefix, root), root, configuration));
  return [...roots, publishedLocation(configuration)];
}

function publishedLocation(configuration: Configuration): string {
  const { internalPrefix, rangesMax } = configuration.content;
  const directory = publicationsDirectory(configuration);
  return `# What is published. Requests with conditions never come here: the tag is Portcullis's own.
location ^~ ${quote(publicationsLocation(internalPrefix))} {
  internal;
  alias ${quoteWithoutVariables(`${directory}/`)};
  disable_symlinks on ${quoteWithoutVariables(`from=${directory}`)};
  max_ranges ${rangesMax};
  etag off;
  add_header ETag $upstream_http_etag always;
  add_header X-Content-Type-Options nosniff always;
  add_header Referrer-Policy $portcullis_referrer_policy always;
}`;
}

function rootLocation(location: string, root: string, { content }: Configuration): string {
  return `location ^~ ${quote(location)} {
  internal;
  alias ${quoteWithoutVariables(`${root}/`)};
  disable_symlinks on ${quoteWithoutVariables(`from=${root}`)};
  if_modified_since before;
  max_ranges ${content.rangesMax};
  etag on;
  add_header X-Content-Type-Options nosniff always;
  # Portcullis says so too, but nginx takes no such header over with a file.
  add_header Referrer-Policy $portcullis_referrer_policy always;
}`;
}
