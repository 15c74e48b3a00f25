/** What the real fronts are told in tests of the hand-off. */

import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { internalLocation } from '../../src/front/internal-location.ts';
import { encodePath } from '../../src/http/canonical-path.ts';
import type { Distribution } from '../../src/model.ts';
import { contentSettings, fetchRaw } from './content.ts';
import { startNginx } from './nginx.ts';
import { freePort, stop, until } from './processes.ts';
import { temporaryDirectory } from './temporary.ts';
import { toolPath } from './tools.ts';

/** A front for one test. */
export interface RunningFront extends AsyncDisposable {
  readonly port: number;
}

/** nginx before an HTTP listener, with the internal locations that nginx-config writes. */
export async function startNginxFront(
  upstreamPort: number,
  distributions: readonly Distribution[],
): Promise<RunningFront> {
  const port = await freePort();
  const nginx = await startNginx(nginxServer(port, upstreamPort, distributions));
  return { port, [Symbol.asyncDispose]: () => nginx[Symbol.asyncDispose]() };
}

function nginxServer(
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

/** Apache with mod_xsendfile before an HTTP listener; it may send what lies under `root`. */
export async function startApache(upstreamPort: number, root: string): Promise<RunningFront> {
  const port = await freePort();
  const modules = ['mpm_event', 'authz_core', 'proxy', 'proxy_http', 'xsendfile']
    .map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`)
    .join('\n');
  return startFront('apache2', port, (directory) => ({
    configuration: `ServerRoot ${directory}
ServerName localhost
PidFile ${directory}/apache.pid
ErrorLog ${directory}/error.log
Listen 127.0.0.1:${port}
${modules}
User nobody
Group nogroup
XSendFile on
XSendFilePath ${root}
ProxyPass / http://127.0.0.1:${upstreamPort}/ nocanon
AllowEncodedSlashes NoDecode
`,
    args: (file) => ['-X', '-f', file],
  }));
}

/** lighttpd before an HTTP listener; it may send what lies under `root`. */
export async function startLighttpd(upstreamPort: number, root: string): Promise<RunningFront> {
  const port = await freePort();
  return startFront('lighttpd', port, (directory) => ({
    configuration: `server.modules = ("mod_proxy")
server.document-root = "${directory}"
server.errorlog = "${directory}/error.log"
server.bind = "127.0.0.1"
server.port = ${port}
server.http-parseopts = (
  "header-strict" => "disable", "url-ctrls-reject" => "disable", "url-normalize" => "disable"
)
proxy.server = ("" => ((
  "host" => "127.0.0.1", "port" => ${upstreamPort},
  "x-sendfile" => "enable", "x-sendfile-docroot" => ("${root}")
)))
`,
    args: (file) => ['-D', '-f', file],
  }));
}

interface FrontProgram {
  readonly configuration: string;
  readonly args: (configurationFile: string) => readonly string[];
}

async function startFront(
  command: string,
  port: number,
  program: (directory: string) => FrontProgram,
): Promise<RunningFront> {
  const directory = temporaryDirectory();
  const { configuration, args } = program(directory.path);
  writeFileSync(directory.file('front.conf'), configuration);
  const child = spawn(command, args(directory.file('front.conf')), {
    env: { ...process.env, PATH: toolPath },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await until(`${command} listens`, async () => {
    if (child.exitCode !== null) throw new Error(`${command} exited with ${child.exitCode}`);
    return fetchRaw(port, '/').then(
      () => true,
      () => false,
    );
  });
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      await stop(child);
      directory[Symbol.dispose]();
    },
  };
}
