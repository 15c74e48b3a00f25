/** Apache and lighttpd before Portcullis: they speak uwsgi and send the files by X-Sendfile. */

import { readFileSync } from 'node:fs';
import { startApache } from '../support/apache.ts';
import { startLighttpd } from '../support/lighttpd.ts';
import { startPortcullis } from '../support/portcullis.ts';
import { freePort } from '../support/processes.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import type { Front } from './fronts.ts';
import type { Site } from './site.ts';

export function apache(site: Site): Promise<Front> {
  const modules = ['ssl', 'socache_shmcb', 'proxy', 'proxy_uwsgi', 'xsendfile'];
  return startBehind(site, 'x-sendfile', (port, socket) =>
    startApache(
      modules,
      `Listen 127.0.0.1:${port}
SSLEngine on
SSLCertificateFile ${site.server.certificatePath}
SSLCertificateKeyFile ${site.server.keyPath}
SSLVerifyClient optional_no_ca
SSLOptions +StdEnvVars +ExportCertData
XSendFile on
XSendFilePath ${site.root}
ProxyPass / unix:${socket}|uwsgi://portcullis/`,
    ),
  );
}

export function lighttpd(site: Site): Promise<Front> {
  // It looks for the issuer among the CAs of clients otherwise, and refuses every handshake.
  const chain = site.pki.write(
    'chain.pem',
    site.server.certificate,
    readFileSync(site.serverCa, 'utf8'),
  );
  return startBehind(site, 'x-sendfile-encoded', (port, socket) =>
    startLighttpd(`server.bind = "127.0.0.1"
server.port = ${port}
server.modules = ( "mod_openssl", "mod_scgi" )
ssl.engine = "enable"
ssl.pemfile = "${chain}"
ssl.privkey = "${site.server.keyPath}"
ssl.verifyclient.activate = "enable"
ssl.verifyclient.enforce = "disable"
ssl.verifyclient.exportcert = "enable"
ssl.verifyclient.ca-file = "${site.clientCa.certificatePath}"
scgi.protocol = "uwsgi"
scgi.server = ( "/" => ( (
  "socket" => "${socket}",
  "check-local" => "disable",
  "x-sendfile" => "enable",
  "x-sendfile-docroot" => ( "${site.root}" )
) ) )`),
  );
}

async function startBehind(
  site: Site,
  handOff: string,
  startServer: (port: number, socket: string) => Promise<AsyncDisposable>,
): Promise<Front> {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(temporaryDirectory());
  const socket = directory.file('portcullis.sock');
  const portcullis = stack.use(
    await startPortcullis({
      // Apache's workers run as another user.
      listen: { uwsgi: { address: `unix:${socket}`, mode: '0666', handOff } },
      distributions: site.distributions,
    }),
  );
  const port = await freePort();
  stack.use(await startServer(port, socket));
  const owned = stack.move();
  return {
    url: `https://localhost:${port}`,
    port,
    portcullis,
    refusalLog: () => [],
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
