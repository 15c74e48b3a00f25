/** The real dnf, with all that it keeps in a folder of its own. */

import { writeFileSync } from 'node:fs';
import { type CommandResult, run, runOk } from '../support/processes.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import type { Identity } from './downloaders.ts';
import type { Site } from './site.ts';

/** How long one run of dnf may take, in milliseconds. */
const dnfMsMax = 120_000;

export interface DnfRun extends CommandResult {
  /** The names of the packages that are installed afterwards, sorted. */
  readonly installed: readonly string[];
}

/** Installs `packageName` from `baseUrl` into an empty root. */
export async function dnfInstall(
  site: Site,
  baseUrl: string,
  identity: Identity,
  packageName: string,
): Promise<DnfRun> {
  using directory = temporaryDirectory();
  const root = directory.file('root');
  writeFileSync(directory.file('dnf.conf'), dnfConfiguration(directory.path));
  writeFileSync(directory.file('test.repo'), repository(site, baseUrl, identity));
  const result = await run(
    'dnf',
    [
      ...['--assumeyes', `--config=${directory.file('dnf.conf')}`, `--installroot=${root}`],
      ...['--releasever=9', '--forcearch=x86_64', `--setopt=cachedir=${directory.file('cache')}`],
      ...['--repo=test', 'install', packageName],
    ],
    { timeoutMs: dnfMsMax },
  );
  const names = await runOk('rpm', ['--root', root, '-qa', '--queryformat', '%{NAME}\n']);
  return { ...result, installed: names.toString().split('\n').filter(Boolean).sort() };
}

function dnfConfiguration(directory: string): string {
  return `[main]
reposdir=${directory}
logdir=${directory}/log
persistdir=${directory}/persist
gpgcheck=0
plugins=0
metadata_expire=0
`;
}

function repository(site: Site, baseUrl: string, { certificate, login }: Identity): string {
  const lines = ['[test]', 'name=test', `baseurl=${baseUrl}`, `sslcacert=${site.serverCa}`];
  if (certificate !== undefined) {
    lines.push(`sslclientcert=${certificate.certificatePath}`);
    lines.push(`sslclientkey=${certificate.keyPath}`);
  }
  if (login !== undefined) lines.push(`username=${login.user}`, `password=${login.password}`);
  return `${lines.join('\n')}\n`;
}
