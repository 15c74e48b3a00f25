/** Sockets that the primary binds and its workers accept from. */

import { linkSync, readFileSync, renameSync } from 'node:fs';
import { type PortcullisError, systemCodeOf } from '../../errors.ts';
import type { ListenAddress } from '../../listen-address.ts';
import { backlog, type KernelSocket, listenWithoutAccepting } from './kernel-socket.ts';
import { listenFailure, listenRefused } from './listen-failure.ts';
import {
  changeAccess,
  type FileIdentity,
  isAt,
  openToClients,
  type SocketAccess,
  withoutPermissions,
} from './socket-file.ts';
import { type DirectoryAccess, reservePlace, type UnixAddress } from './socket-place.ts';

export interface SocketRequest extends SocketAccess {
  readonly address: ListenAddress;
  /** What its missing directories are made with. */
  readonly directory: DirectoryAccess;
}

export interface BoundSocket {
  /** For the stdio of a worker. The socket listens already; connections wait until one accepts. */
  readonly descriptor: number;
  /** With its real port where 0 was asked for. */
  readonly address: ListenAddress;
  /** What the operator should know, as sentences. */
  readonly warnings: readonly string[];
  /**
   * Sets the mode and the owner of its file.
   *
   * @throws PortcullisError LISTEN_FAILED
   */
  setAccess(access: SocketAccess): void;
  /** Closes it here, and removes its file if no other has taken its place. Once. */
  release(): void;
}

/**
 * Binds `address` and listens on it. `[::]` takes IPv4 as well, as it does with node:net: a listener
 * has one address, so it has to be able to serve both.
 *
 * @throws PortcullisError LISTEN_FAILED, with the pid of who holds the address if that can be seen
 */
export async function bindSocket(request: SocketRequest): Promise<BoundSocket> {
  const { address } = request;
  try {
    return address.type === 'unix' ? await bindPath(address, request) : bindPort(address);
  } catch (error) {
    throw listenFailure(address, error);
  }
}

const kernelQueueFile = '/proc/sys/net/core/somaxconn';

/** How many connections may wait at a socket of ours: as many as are asked for, or the kernel lets. */
export function queueMax(file = kernelQueueFile): number {
  return Math.min(Number(readText(file) ?? backlog), backlog);
}

/** What to tell the operator when the kernel lets fewer connections wait than are asked for (C4). */
export function backlogWarning(file = kernelQueueFile): string | undefined {
  const waiting = queueMax(file);
  if (waiting >= backlog) return undefined;
  return `net.core.somaxconn lets ${waiting} connections wait instead of ${backlog}; in a burst, fronts will see more of them refused`;
}

function bindPort(address: Extract<ListenAddress, { type: 'tcp' }>): BoundSocket {
  const socket = listenWithoutAccepting(address);
  return {
    descriptor: socket.descriptor,
    address: { ...address, port: socket.port ?? address.port },
    warnings: [],
    setAccess: () => {},
    release: () => socket.close(),
  };
}

async function bindPath(address: UnixAddress, request: SocketRequest): Promise<BoundSocket> {
  using place = await reservePlace(address, request.directory);
  const socket = withoutPermissions(() => listenWithoutAccepting(address));
  const file = openOrClose(socket, address, request);
  return {
    descriptor: socket.descriptor,
    address,
    warnings: place.warnings,
    setAccess: (access) => {
      try {
        changeAccess(address.path, file, access);
      } catch (error) {
        throw accessFailure(address, error);
      }
    },
    release: () => closeKeepingOthers(socket, address.path, file),
  };
}

function openOrClose(
  socket: KernelSocket,
  address: UnixAddress,
  access: SocketAccess,
): FileIdentity {
  try {
    return openToClients(address.path, access);
  } catch (error) {
    socket.close();
    throw error;
  }
}

function accessFailure(address: UnixAddress, error: unknown): PortcullisError {
  if (systemCodeOf(error) !== 'EPERM') return listenFailure(address, error);
  return listenRefused(
    address,
    'the mode and owner of its file cannot be changed any more, for root was given up; a restart can',
  );
}

/** To close removes whatever lies at the path, so what another has put there gets its name back. */
function closeKeepingOthers(socket: KernelSocket, path: string, file: FileIdentity): void {
  const kept = `${path}.${process.pid}`;
  const isKept = !isAt(path, file) && linked(path, kept);
  socket.close();
  if (isKept) renameSync(kept, path);
}

function linked(path: string, kept: string): boolean {
  try {
    linkSync(path, kept);
    return true;
  } catch {
    // Nothing is there, or we may not write there: then to close will remove nothing either.
    return false;
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
