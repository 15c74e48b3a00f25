/**
 * Installs the programs that tests need, where that is possible: packages of Debian as root, on Debian
 * and Ubuntu, and those of PyPI into an environment of their own wherever Python is.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isToolInstalled, pythonEnvironment, type Tool, type ToolName, tools } from './tools.ts';

const policyFile = '/usr/sbin/policy-rc.d';
const lockWaitSeconds = 300;

/** Installs what is missing. What cannot be installed is left for the tests to skip. */
export function installMissingTools(): void {
  const names = Object.keys(tools) as ToolName[];
  const missing = names.filter((name) => !isToolInstalled(name));
  if (missing.length === 0) return;
  const wanted = missing.map((name): Tool => tools[name]);
  installPackages([...new Set(wanted.map((tool) => tool.package))]);
  installFromPypi(wanted.flatMap(({ pypi }) => pypi ?? []));
}

function installPackages(packages: readonly string[]): void {
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

function installFromPypi(names: readonly string[]): void {
  if (names.length === 0) return;
  console.log(`Installing ${names.join(' ')}`);
  const pip = path.join(pythonEnvironment, 'bin/pip');
  const isInstalled =
    runs('python3', '-m', 'venv', pythonEnvironment) && runs(pip, 'install', '--quiet', ...names);
  if (!isInstalled) console.log('Cannot install them: Python failed, its own words are above');
}

function runs(command: string, ...args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] }).status === 0;
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
