/**
 * Runs a TypeScript file of this checkout; the npm scripts go through it.
 *
 *     node scripts/run.mjs FILE [ARGUMENT…]
 *
 * It installs the dependencies when they are missing or not those of package-lock.json, and hands
 * over to a Node that runs TypeScript: the one that runs this, or the one among the dependencies.
 * Plain JavaScript, because the one that runs this may be as old as 20.
 */

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const localNode = path.join(root, 'node_modules/.bin/node');
const lockPollMs = 200;

main(process.argv.slice(2));

function main([file, ...args]) {
  if (file === undefined) fail('Cannot run: no file given, expected scripts/run.mjs FILE');
  if (!isInstalled()) install();
  handOver(findNode(), [path.join(root, file), ...args]);
}

/** Whether node_modules holds what package-lock.json names, compared entry by entry. */
function isInstalled() {
  const wanted = readPackages('package-lock.json');
  const present = readPackages('node_modules/.package-lock.json');
  if (wanted === undefined) return existsSync(path.join(root, 'node_modules'));
  return Object.entries(wanted).every(([name, { version, optional, ...entry }]) => {
    if (name === '' || !name.includes('node_modules/')) return true;
    const found = present?.[name];
    if (found === undefined) return optional === true;
    return found.version === version && found.integrity === entry.integrity;
  });
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(path.join(root, file), 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/** One installation at a time: a second `npm ci` would remove what the first one writes. */
function install() {
  const lock = path.join(root, '.install.lock');
  while (!tryLock(lock)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, lockPollMs);
  // npm ci refuses a package-lock.json that is not complete; npm install completes it. What it says
  // is of interest when that fails too.
  const succeeded = isInstalled() || npm('ci', 'ignore') || npm('install', 2);
  rmSync(lock, { force: true });
  if (!succeeded) fail('Cannot install the dependencies: npm failed, its own words are above');
}

function tryLock(lock) {
  try {
    writeFileSync(lock, `${process.pid}`, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') fail(`Cannot install the dependencies: ${error.message}`);
    if (!isHeld(lock)) rmSync(lock, { force: true });
    return false;
  }
}

/** Whether the process that wrote the lock still lives: an interrupted one leaves it behind. */
function isHeld(lock) {
  try {
    process.kill(Number(readFileSync(lock, 'utf8')) || process.pid, 0);
    return true;
  } catch (error) {
    return error.code !== 'ESRCH';
  }
}

/** @param output what becomes of npm's words: never stdout, which belongs to the file that is run */
function npm(command, output) {
  process.stderr.write(`Installing the dependencies (npm ${command})\n`);
  const args = [command, '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const options = { cwd: root, stdio: ['ignore', output, output] };
  const self = process.env.npm_execpath;
  const { status, error } = self?.endsWith('.js')
    ? spawnSync(process.execPath, [self, ...args], options)
    : spawnSync('npm', args, options);
  if (error) process.stderr.write(`Cannot start npm: ${error.message}\n`);
  return status === 0;
}

function findNode() {
  const range = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')).engines.node;
  const [major, minor] = range.match(/\d+/g).map(Number);
  const isNewEnough = (version) => {
    const [haveMajor, haveMinor] = (version.match(/\d+/g) ?? [0, 0]).map(Number);
    return haveMajor > major || (haveMajor === major && haveMinor >= minor);
  };
  if (isNewEnough(process.versions.node)) return process.execPath;
  const { stdout } = spawnSync(localNode, ['--version'], { encoding: 'utf8' });
  if (isNewEnough(stdout ?? '')) return localNode;
  return fail(
    `Cannot run TypeScript: this Node is ${process.version}, ${range} is needed, and ` +
      'node_modules/.bin/node does not work. The package "node" fetches it in its install script; ' +
      'when npm is told to run no scripts, run: npm rebuild node --ignore-scripts=false\n' +
      `Or install Node ${range} and try again.`,
  );
}

function handOver(node, args) {
  const child = spawn(node, args, { stdio: 'inherit' });
  child.on('error', (error) => fail(`Cannot start ${node}: ${error.message}`));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal];
  });
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.on('SIGHUP', () => child.kill('SIGHUP'));
  // A terminal sends Ctrl-C to everything in the foreground, the child included.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
}

function fail(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}
