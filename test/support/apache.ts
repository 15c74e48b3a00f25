/** A real Apache httpd for one test, in a directory of its own. */

import { writeFileSync } from 'node:fs';
import { temporaryDirectory } from './temporary.ts';
import { startWebServer } from './web-server.ts';

/** As Debian lays them out. */
const moduleDirectory = '/usr/lib/apache2/modules';

/**
 * Starts Apache with `configuration`, which says where it listens and what it serves. As root its
 * workers run as www-data, because Apache does not serve as root.
 *
 * @param modules names as `proxy_uwsgi`, besides those that every configuration needs
 */
export async function startApache(
  modules: readonly string[],
  configuration: string,
): Promise<AsyncDisposable> {
  const directory = temporaryDirectory();
  const file = directory.file('apache.conf');
  const pidFile = directory.file('apache.pid');
  const load = ['mpm_event', 'authz_core', ...modules].map(
    (name) => `LoadModule ${name}_module ${moduleDirectory}/mod_${name}.so`,
  );
  const user = process.getuid?.() === 0 ? ['User www-data', 'Group www-data'] : [];
  const lines = [
    `ServerRoot ${directory.path}`,
    'ServerName localhost',
    `PidFile ${pidFile}`,
    `ErrorLog ${directory.file('error.log')}`,
    `DefaultRuntimeDir ${directory.path}`,
    ...load,
    ...user,
    configuration,
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  const server = {
    program: 'apache2',
    checkArguments: ['-t', '-f', file],
    serveArguments: ['-D', 'FOREGROUND', '-f', file],
    pidFile,
  };
  return startWebServer(server, directory);
}
