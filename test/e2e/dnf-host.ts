/** A host with dnf: its configuration, and a root that packages are installed into one after the other. */

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type CommandResult, run, runOk } from '../support/processes.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import type { ClientFile } from './repository-clients.ts';

export interface DnfHost extends Disposable {
  /** What packages are installed into. */
  readonly root: string;
  /** `dnf` with these words, on the repositories of the files; nothing is remembered of metadata. */
  dnf(...words: readonly string[]): Promise<CommandResult>;
  /** `NAME-VERSION` of what is installed, sorted. */
  installed(): Promise<readonly string[]>;
}

/** How long one run of dnf may take on a machine that does other work, in milliseconds. */
const dnfMsMax = 120_000;

/**
 * @param files those of `/etc/yum.repos.d/`, as the server writes them
 * @param more further lines of each
 */
export function dnfHost(files: readonly ClientFile[], more: readonly string[] = []): DnfHost {
  const directory = temporaryDirectory();
  const root = directory.file('root');
  mkdirSync(directory.file('repos'));
  for (const { path: file, text } of files) {
    const name = path.join(directory.file('repos'), path.basename(file));
    writeFileSync(name, `${text}${more.map((line) => `${line}\n`).join('')}`);
  }
  writeFileSync(directory.file('dnf.conf'), configuration(directory.path));
  const flags = [
    ...['--assumeyes', `--config=${directory.file('dnf.conf')}`, `--installroot=${root}`],
    ...['--releasever=9', '--forcearch=x86_64', `--setopt=cachedir=${directory.file('cache')}`],
  ];
  return {
    root,
    dnf: (...words) => run('dnf', [...flags, ...words], { timeoutMs: dnfMsMax }),
    installed: async () => {
      const query = ['--root', root, '-qa', '--queryformat', '%{NAME}-%{VERSION}\\n'];
      const names = await runOk('rpm', query);
      return names.toString().split('\n').filter(Boolean).sort();
    },
    [Symbol.dispose]: () => directory[Symbol.dispose](),
  };
}

function configuration(directory: string): string {
  return `[main]
reposdir=${directory}/repos
logdir=${directory}/log
persistdir=${directory}/persist
gpgcheck=0
plugins=0
retries=1
metadata_expire=0
`;
}
