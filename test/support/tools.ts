/** The programs that tests need besides Node, and the packages that bring them. */

import { accessSync, constants } from 'node:fs';
import path from 'node:path';

export interface Tool {
  /** The Debian package; of a program from PyPI what its installation needs. */
  readonly package: string;
  /** The name and version on PyPI of what Debian does not have. */
  readonly pypi?: string;
  /** Where it lies when it is no program on the PATH. */
  readonly file?: string;
}

export const tools = {
  apache2: { package: 'apache2' },
  'apt-ftparchive': { package: 'apt-utils' },
  'apt-get': { package: 'apt' },
  aria2c: { package: 'aria2' },
  createrepo_c: { package: 'createrepo-c' },
  curl: { package: 'curl' },
  dnf: { package: 'dnf' },
  'dpkg-deb': { package: 'dpkg' },
  gpg: { package: 'gnupg' },
  lighttpd: { package: 'lighttpd' },
  lighttpd_openssl: {
    package: 'lighttpd-mod-openssl',
    file: '/usr/lib/lighttpd/mod_openssl.so',
  },
  logrotate: { package: 'logrotate' },
  mod_xsendfile: {
    package: 'libapache2-mod-xsendfile',
    file: '/usr/lib/apache2/modules/mod_xsendfile.so',
  },
  nginx: { package: 'nginx' },
  openssl: { package: 'openssl' },
  promtool: { package: 'prometheus' },
  python3: { package: 'python3' },
  rpm: { package: 'rpm' },
  rpmbuild: { package: 'rpm' },
  rpmkeys: { package: 'rpm' },
  setpriv: { package: 'util-linux' },
  supervisorctl: { package: 'supervisor' },
  supervisord: { package: 'supervisor' },
  'systemd-analyze': { package: 'systemd' },
  'systemd-notify': { package: 'systemd' },
  'systemd-socket-activate': { package: 'systemd' },
  'systemd-tmpfiles': { package: 'systemd' },
  tinyproxy: { package: 'tinyproxy' },
  unshare: { package: 'util-linux' },
  script: { package: 'bsdutils' },
  uwsgitop: { package: 'python3-venv', pypi: 'uwsgitop==0.12' },
  wget: { package: 'wget' },
  wrk: { package: 'wrk' },
  zsh: { package: 'zsh' },
} as const satisfies Record<string, Tool>;

export type ToolName = keyof typeof tools;

/** A virtual environment of Python for what comes from PyPI. */
export const pythonEnvironment = path.resolve(
  import.meta.dirname,
  '../../node_modules/.cache/python',
);

/** Servers lie in those of sbin, which an ordinary user's PATH does not name on Debian. */
export const toolPath = [
  process.env.PATH,
  '/usr/sbin',
  '/sbin',
  path.join(pythonEnvironment, 'bin'),
].join(path.delimiter);

export function isToolInstalled(name: ToolName): boolean {
  const tool: Tool = tools[name];
  if (tool.file !== undefined) return isAccessible(tool.file, constants.R_OK);
  return toolPath
    .split(path.delimiter)
    .some((directory) => isAccessible(path.join(directory, name), constants.X_OK));
}

function isAccessible(file: string, mode: number): boolean {
  try {
    accessSync(file, mode);
    return true;
  } catch {
    return false;
  }
}
