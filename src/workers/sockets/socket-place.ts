/** The path of a unix socket, kept for one starter while it replaces what a dead one has left. */

import { once } from 'node:events';
import { lstatSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemCodeOf } from '../../errors.ts';
import { type ListenAddress, socketPathBytesMax } from '../../listen-address.ts';
import { type Claim, type ClaimOutcome, claimName, ForeignFile } from '../host/name-claim.ts';
import type { Owner } from '../plan.ts';
import { listenRefused } from './listen-failure.ts';
import { prepareDirectory } from './socket-directory.ts';
import { describeHolder } from './socket-holder.ts';

export type UnixAddress = Extract<ListenAddress, { type: 'unix' }>;

/** What missing directories of sockets are made with. */
export interface DirectoryAccess {
  /** Permission bits. */
  readonly mode: number;
  readonly owner: Owner;
}

/** A path at which nothing lies; until it is disposed of, no other starter will put anything there. */
export interface SocketPlace extends Disposable {
  /** What the operator should know of the directory, as sentences. */
  readonly warnings: readonly string[];
}

/** Another starter holds a path only while it binds. */
const otherStarterMs = 10_000;
const otherStarterPollMs = 20;

/**
 * Makes the directory, and removes the socket of a process that is gone; never one that is alive.
 *
 * @throws PortcullisError LISTEN_FAILED, or another error
 */
export async function reservePlace(
  address: UnixAddress,
  directory: DirectoryAccess,
): Promise<SocketPlace> {
  if (Buffer.byteLength(address.path) > socketPathBytesMax) {
    throw listenRefused(address, `its path is longer than ${socketPathBytesMax} bytes`);
  }
  const { mode, owner } = directory;
  const warnings = prepareDirectory(path.dirname(address.path), mode, owner);
  const claim = await claimPlace(address);
  try {
    await removeStale(address);
  } catch (error) {
    claim.release();
    throw error;
  }
  return { warnings, [Symbol.dispose]: () => void claim.release() };
}

async function claimPlace(address: UnixAddress): Promise<Claim> {
  const name = `${address.path}.lock`;
  const deadline = performance.now() + otherStarterMs;
  for (;;) {
    const outcome = await claim(address, name);
    if ('claim' in outcome) return outcome.claim;
    if (performance.now() > deadline) {
      throw listenRefused(address, `process ${outcome.holder} is about to, and holds ${name}`);
    }
    await sleep(otherStarterPollMs);
  }
}

async function claim(address: UnixAddress, name: string): Promise<ClaimOutcome> {
  try {
    return await claimName(name);
  } catch (error) {
    if (!(error instanceof ForeignFile)) throw error;
    throw listenRefused(address, `${name} is in the way: ${error.message}; remove it`);
  }
}

async function removeStale(address: UnixAddress): Promise<void> {
  const stats = lstatSync(address.path, { throwIfNoEntry: false });
  if (stats === undefined) return;
  if (!stats.isSocket()) throw listenRefused(address, 'something that is not a socket is there');
  if (await isAlive(address.path)) throw listenRefused(address, describeHolder(address));
  unlinkSync(address.path);
}

/** Only a refused connection proves that nobody listens. */
async function isAlive(socket: string): Promise<boolean> {
  const connection = connect(socket);
  try {
    await once(connection, 'connect');
    return true;
  } catch (error) {
    return systemCodeOf(error) !== 'ECONNREFUSED';
  } finally {
    connection.destroy();
  }
}
