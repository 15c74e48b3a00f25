/** What the real fronts are told in tests of the hand-off. */

import { internalLocation } from '../../src/front/internal-location.ts';
import { encodePath } from '../../src/http/canonical-path.ts';
import type { Distribution } from '../../src/model.ts';
import { startApache } from './apache.ts';
import { type ContentListener, contentSettings } from './content.ts';
import { startLighttpd } from './lighttpd.ts';
import { startNginx } from './nginx.ts';
import { freePort } from './processes.ts';

/** A front for one test. */
export interface RunningFront extends AsyncDisposable {
  readonly port: number;
}

/** nginx before a listener, with the internal locations that nginx-config writes. */
export async function startNginxFront(
  upstream: ContentListener,
  distributions: readonly Distribution[],
): Promise<RunningFront> {
  const port = await freePort();
  const nginx = await startNginx(nginxServer(port, passTo(upstream), distributions));
  return { port, [Symbol.asyncDispose]: () => nginx[Symbol.asyncDispose]() };
}

function passTo({ protocol, port }: ContentListener): string {
  return protocol === 'uwsgi'
    ? `include /etc/nginx/uwsgi_params; uwsgi_pass 127.0.0.1:${port};`
    : `proxy_pass http://127.0.0.1:${port};`;
}

function nginxServer(port: number, pass: string, distributions: readonly Distribution[]): string {
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
    location / { ${pass} }
    location ^~ ${encodePath(contentSettings.internalPrefix)} { internal; return 404; }
    ${locations.join('\n')}
  }`;
}

/** Apache with mod_xsendfile before an HTTP listener; it may send what lies under `root`. */
export async function startApacheFront(upstreamPort: number, root: string): Promise<RunningFront> {
  const port = await freePort();
  const configuration = `Listen 127.0.0.1:${port}
XSendFile on
XSendFilePath ${root}
AllowEncodedSlashes NoDecode
ProxyPass / http://127.0.0.1:${upstreamPort}/ nocanon`;
  const apache = await startApache(['proxy', 'proxy_http', 'xsendfile'], configuration);
  return { port, [Symbol.asyncDispose]: () => apache[Symbol.asyncDispose]() };
}

/** lighttpd before an HTTP listener; it may send what lies under `root`. */
export async function startLighttpdFront(
  upstreamPort: number,
  root: string,
): Promise<RunningFront> {
  const port = await freePort();
  const lighttpd = await startLighttpd(`server.modules = ("mod_proxy")
server.bind = "127.0.0.1"
server.port = ${port}
server.http-parseopts = (
  "header-strict" => "disable", "url-ctrls-reject" => "disable", "url-normalize" => "disable"
)
proxy.server = ("" => ((
  "host" => "127.0.0.1", "port" => ${upstreamPort},
  "x-sendfile" => "enable", "x-sendfile-docroot" => ("${root}")
)))`);
  return { port, [Symbol.asyncDispose]: () => lighttpd[Symbol.asyncDispose]() };
}
