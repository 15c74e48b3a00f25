/** What the real fronts are told in tests of the hand-off. */

import { internalLocation } from '../../src/front/internal-location.ts';
import { encodePath } from '../../src/http/canonical-path.ts';
import type { Distribution } from '../../src/model.ts';
import { contentSettings } from './content.ts';

/** nginx on `port` before an HTTP listener, with the internal locations that nginx-config writes. */
export function contentFront(
  port: number,
  upstreamPort: number,
  distributions: readonly Distribution[],
): string {
  const locations = distributions.map(
    ({ relativeUrl, root }) => `
    location ^~ "${internalLocation(contentSettings.internalPrefix, relativeUrl)}" {
      internal;
      alias "${root}/";
      disable_symlinks on "from=${root}";
      if_modified_since before;
      max_ranges ${contentSettings.rangesMax};
      etag on;
      add_header X-Content-Type-Options nosniff always;
    }`,
  );
  return `
  server {
    listen 127.0.0.1:${port};
    location / { proxy_pass http://127.0.0.1:${upstreamPort}; }
    location ^~ ${encodePath(contentSettings.internalPrefix)} { internal; return 404; }
    ${locations.join('\n')}
  }`;
}
