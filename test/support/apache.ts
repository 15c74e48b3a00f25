/** A real Apache httpd for one test, in a directory of its own. */

import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { run, stop, until } from './processes.ts';
import { temporaryDirectory } from './temporary.ts';

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
  const check = await run('apache2', ['-t', '-f', file]);
  if (check.code !== 0) throw new Error(`Apache refused its configuration: ${check.stderr}`);
  const child = spawn('apache2', ['-D', 'FOREGROUND', '-f', file], { stdio: 'ignore' });
  await until('Apache writes its pid file', () => {
    if (child.exitCode !== null) throw new Error(`Apache exited with ${child.exitCode}`);
    return existsSync(pidFile);
  });
  return {
    [Symbol.asyncDispose]: async () => {
      await stop(child);
      directory[Symbol.dispose]();
    },
  };
}
