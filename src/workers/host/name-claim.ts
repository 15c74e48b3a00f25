/**
 * A name in the file system that one process holds: a file with its pid, which exists whole or not at
 * all, and which outlives a process that was killed without keeping its successor out.
 */

import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  readSync,
  type Stats,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemCodeOf } from '../../errors.ts';
import type { Owner } from '../plan.ts';
import { isRunning, keepsOpen, startedAfter } from './process-state.ts';

export interface Claim {
  /** Removes the file if it is still ours; false when it could not be removed. */
  release(): boolean;
}

/** The claim, or the pid of the process that holds the name. */
export type ClaimOutcome = { readonly claim: Claim } | { readonly holder: number };

/** What lies at the name and was made by nobody who claims names: why, as the end of a sentence. */
export class ForeignFile extends Error {}

interface Found {
  readonly pid: number;
  readonly stats: Stats;
}

/** A process that is killed while it removes what a killed one left can itself leave something. */
const staleDepthMax = 4;
const staleRetryMs = 10;
const staleWaitMs = 10_000;
const pidBytesMax = 12;

/**
 * Takes `name` for this process, from a process that has ended too. Never follows a link there (T93).
 *
 * @throws ForeignFile, and the system's error: nothing is left behind then
 */
export async function claimName(name: string, owner?: Owner): Promise<ClaimOutcome> {
  const beside = `${name}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const descriptor = writePid(beside, owner);
  let isTaken = false;
  try {
    const holder = await take(beside, name, staleDepthMax);
    if (holder !== undefined) return { holder };
    isTaken = true;
    return { claim: { release: () => release(descriptor, name) } };
  } finally {
    unlinkSync(beside);
    if (!isTaken) closeSync(descriptor);
  }
}

/** Written beside and then linked, so that the name never shows an empty or half-written file. */
function writePid(file: string, owner: Owner | undefined): number {
  const descriptor = openSync(file, 'wx', 0o644);
  try {
    fchmodSync(descriptor, 0o644);
    if (owner !== undefined) fchownSync(descriptor, owner.uid ?? -1, owner.gid ?? -1);
    writeSync(descriptor, `${process.pid}\n`);
    fsyncSync(descriptor);
    return descriptor;
  } catch (error) {
    closeSync(descriptor);
    unlinkSync(file);
    throw error;
  }
}

/** Undefined when `name` is now a link to `beside`, otherwise the pid of who holds it. */
async function take(beside: string, name: string, depth: number): Promise<number | undefined> {
  const deadline = performance.now() + staleWaitMs;
  for (;;) {
    if (linked(beside, name)) return undefined;
    const found = readClaim(name);
    if (found === undefined) continue;
    if (isHeld(found)) return found.pid;
    const remover = await removeStale(beside, name, found, depth);
    if (remover === undefined) continue;
    if (performance.now() > deadline) return remover;
    await sleep(staleRetryMs);
  }
}

/**
 * Of two that found the same stale file, the slower would remove the file of the faster: so only who
 * holds the right to remove that one file does. The right is a name like any other.
 */
async function removeStale(
  beside: string,
  name: string,
  stale: Found,
  depth: number,
): Promise<number | undefined> {
  if (depth === 0) throw new ForeignFile('starts that were killed have left files beside it');
  const right = `${name}.${stale.stats.ino}`;
  const holder = await take(beside, right, depth - 1);
  if (holder !== undefined) return holder;
  try {
    if (isSame(lstatSync(name, { throwIfNoEntry: false }), stale.stats)) unlinkSync(name);
  } finally {
    unlinkSync(right);
  }
  return undefined;
}

function linked(beside: string, name: string): boolean {
  try {
    linkSync(beside, name);
    return true;
  } catch (error) {
    if (systemCodeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Undefined when nothing is there any more. */
function readClaim(name: string): Found | undefined {
  const descriptor = openClaim(name);
  if (descriptor === undefined) return undefined;
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw new ForeignFile('it is not a regular file');
    const bytes = Buffer.alloc(pidBytesMax);
    const text = bytes.toString('latin1', 0, readSync(descriptor, bytes));
    const pid = /^([1-9]\d{0,9})\s*$/.exec(text)?.[1];
    if (pid === undefined) throw new ForeignFile('it holds something that is no pid');
    return { pid: Number(pid), stats };
  } finally {
    closeSync(descriptor);
  }
}

function openClaim(name: string): number | undefined {
  try {
    return openSync(name, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === 'ENOENT') return undefined;
    if (code === 'ELOOP') throw new ForeignFile('it is a symbolic link');
    if (code === 'ENXIO') throw new ForeignFile('it is not a regular file');
    throw error;
  }
}

/**
 * In doubt it is held: a start that is refused wrongly can be mended, two instances may do harm. A
 * process that has the file open is its holder. One that started after it was written has only
 * inherited the pid, and so have we.
 */
function isHeld({ pid, stats }: Found): boolean {
  if (!isRunning(pid)) return false;
  if (keepsOpen(pid, stats)) return true;
  return pid !== process.pid && !startedAfter(pid, stats.mtimeMs);
}

function release(descriptor: number, name: string): boolean {
  const own = fstatSync(descriptor);
  closeSync(descriptor);
  try {
    if (isSame(lstatSync(name, { throwIfNoEntry: false }), own)) unlinkSync(name);
    return true;
  } catch {
    return false;
  }
}

function isSame(one: Stats | undefined, other: Stats): boolean {
  return one?.dev === other.dev && one.ino === other.ino && one.mtimeMs === other.mtimeMs;
}
