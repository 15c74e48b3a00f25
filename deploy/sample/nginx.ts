/** nginx in front of the sample: run from its own folder, by whoever runs the sample. */

import { accessSync, constants, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Configuration } from '../../src/config/configuration.ts';
import { renderNginxConfig } from '../../src/front/nginx-config.ts';

/** On Debian nginx lies where an ordinary user's PATH does not look. */
const directories = [
  ...(process.env.PATH ?? '').split(path.delimiter),
  '/usr/sbin',
  '/usr/local/sbin',
];

/** The path of the program; undefined when it is not installed. */
export function findNginx(): string | undefined {
  return directories.map((directory) => path.join(directory, 'nginx')).find(isExecutable);
}

export interface PreparedNginx {
  readonly program: string;
  readonly args: readonly string[];
}

/**
 * Writes the folder that nginx runs in, inside the sample's directory.
 *
 * @throws Error when nginx is not installed any more
 */
export function prepareNginx(directory: string, configuration: Configuration): PreparedNginx {
  const program = findNginx();
  if (program === undefined) {
    throw new Error(
      'Cannot start: var/portcullis.yaml was made for nginx, and nginx is not installed. Install it, ' +
        'or remove var/ to have the sample made anew without it',
    );
  }
  const folder = path.join(directory, 'nginx');
  mkdirSync(path.join(folder, 'tmp'), { recursive: true, mode: 0o700 });
  writeFileSync(path.join(folder, 'portcullis.conf'), renderNginxConfig(configuration));
  writeFileSync(path.join(folder, 'nginx.conf'), mainConfiguration());
  return { program, args: ['-p', folder, '-c', 'nginx.conf', '-e', 'error.log'] };
}

/** Relative paths start at the prefix, but for includes, which start at this file: the same folder. */
function mainConfiguration(): string {
  const temporaryPaths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `  ${kind}_temp_path tmp/${kind};`)
    .join('\n');
  // As root nginx would serve as nobody, who cannot read a checkout in root's home.
  const user = process.getuid?.() === 0 ? 'user root;\n' : '';
  return `${user}daemon off;
worker_processes 1;
pid nginx.pid;
error_log error.log;
events {}
http {
${temporaryPaths}
  access_log off;
  include portcullis.conf;
}
`;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
