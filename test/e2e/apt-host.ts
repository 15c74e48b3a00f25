/** A host with apt: its configuration, and a root that packages are installed into one after the other. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type CommandResult, run } from '../support/processes.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import type { ClientFile } from './repository-clients.ts';

export interface AptHost extends Disposable {
  apt(...words: readonly string[]): Promise<CommandResult>;
  /** `NAME VERSION` of what is installed, sorted. */
  installed(): readonly string[];
}

/** How long one run of apt may take on a machine that does other work, in milliseconds. */
const aptMsMax = 120_000;

/** @param files those below `/etc/apt/`, as the server writes them */
export function aptHost(files: readonly ClientFile[]): AptHost {
  const directory = temporaryDirectory();
  const root = directory.file('root');
  for (const part of [
    ...['etc/sources.list.d', 'etc/apt.conf.d', 'etc/auth.conf.d'],
    ...['state/lists/partial', 'cache/archives/partial', 'log'],
    ...['root/var/lib/dpkg/info', 'root/var/lib/dpkg/updates', 'root/var/lib/dpkg/triggers'],
  ]) {
    mkdirSync(directory.file(part), { recursive: true });
  }
  const status = `${root}/var/lib/dpkg/status`;
  writeFileSync(status, '');
  for (const { path: file, text } of files) {
    writeFileSync(directory.file(file.replace(/^\/etc\/apt\//, 'etc/')), text);
  }
  writeFileSync(directory.file('apt.conf'), configuration(directory.path, root));
  const env = { ...process.env, APT_CONFIG: directory.file('apt.conf') };
  return {
    apt: (...words) => run('apt-get', ['--yes', ...words], { env, timeoutMs: aptMsMax }),
    installed: () => {
      const text = readFileSync(status, 'utf8');
      const found = text.matchAll(
        /^Package: (.*)\nStatus: install ok installed\n(?:.*\n)*?Version: (.*)$/gm,
      );
      return [...found].map(([, name, version]) => `${name} ${version}`).sort();
    },
    [Symbol.dispose]: () => directory[Symbol.dispose](),
  };
}

/** Read before all else: nothing of the configuration of this machine counts. */
function configuration(directory: string, root: string): string {
  const settings = {
    'Dir::Etc': path.join(directory, 'etc'),
    'Dir::Etc::SourceList': '/dev/null',
    'Dir::Etc::SourceParts': path.join(directory, 'etc/sources.list.d'),
    'Dir::Etc::Parts': path.join(directory, 'etc/apt.conf.d'),
    'Dir::Etc::netrcparts': path.join(directory, 'etc/auth.conf.d'),
    'Dir::State': path.join(directory, 'state'),
    'Dir::State::status': `${root}/var/lib/dpkg/status`,
    'Dir::Cache': path.join(directory, 'cache'),
    'Dir::Log': path.join(directory, 'log'),
    'APT::Architecture': 'amd64',
    'APT::Sandbox::User': 'root',
    'APT::Update::Error-Mode': 'any',
    'Acquire::Retries': '0',
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} "${value}";`);
  const dpkg = [
    `--root=${root}`,
    '--force-not-root',
    '--force-bad-path',
    `--log=${directory}/log/dpkg`,
  ];
  return `${[...lines, ...dpkg.map((option) => `DPkg::Options:: "${option}";`)].join('\n')}\n`;
}
