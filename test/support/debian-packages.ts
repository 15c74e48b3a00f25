/** Installs the programs that tests need, where that is possible: as root, on Debian and Ubuntu. */

import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { isToolInstalled, type ToolName, tools } from './tools.ts';

const policyFile = '/usr/sbin/policy-rc.d';
const lockWaitSeconds = 300;

/** Installs what is missing. What cannot be installed is left for the tests to skip. */
export function installMissingTools(): void {
  const names = Object.keys(tools) as ToolName[];
  const missing = names.filter((name) => !isToolInstalled(name));
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((name) => tools[name].package))];
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    console.log(`Not installed, and only root on Debian can: ${packages.join(' ')}`);
    return;
  }
  console.log(`Installing ${packages.join(' ')}`);
  withoutServiceStarts(() => {
    aptGet('update');
    const status = aptGet('install', '--yes', '--no-install-recommends', ...packages);
    if (status !== 0) console.log('Cannot install them: apt-get failed, its own words are above');
  });
}

/** Debian starts a server as it installs it, unless this policy forbids it (invoke-rc.d(8)). */
function withoutServiceStarts(install: () => void): void {
  const hasPolicy = existsSync(policyFile);
  if (!hasPolicy) writeFileSync(policyFile, '#!/bin/sh\nexit 101\n', { flag: 'wx', mode: 0o755 });
  try {
    install();
  } finally {
    if (!hasPolicy) rmSync(policyFile);
  }
}

function aptGet(...args: readonly string[]): number | null {
  const options = ['--quiet', '-o', `DPkg::Lock::Timeout=${lockWaitSeconds}`];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync('apt-get', [...options, ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env,
  }).status;
}
