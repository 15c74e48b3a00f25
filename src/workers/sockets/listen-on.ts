/** Listening by this process itself: the socket gets its mode, a stale one is replaced, a live one never. */

import type { ListenOptions } from 'node:net';
import type { ListenAddress } from '../../listen-address.ts';
import { type Owner, sameOwner } from '../plan.ts';
import { backlog } from './kernel-socket.ts';
import { listenFailure } from './listen-failure.ts';
import { openToClients, type SocketAccess, withoutPermissions } from './socket-file.ts';
import { type DirectoryAccess, reservePlace, type UnixAddress } from './socket-place.ts';

/** Starts to listen; the socket has to be bound when the call returns its promise. */
export type Listen = (options: ListenOptions) => Promise<void>;

const defaultDirectory: DirectoryAccess = { mode: 0o755, owner: sameOwner };

/**
 * Listens on `address` with `listen`.
 *
 * @param mode permission bits of a unix socket; nobody can connect before they are set
 * @throws PortcullisError LISTEN_FAILED
 */
export async function listenOn(
  listen: Listen,
  address: ListenAddress,
  mode: number,
  owner: Owner = sameOwner,
  directory: DirectoryAccess = defaultDirectory,
): Promise<void> {
  try {
    if (address.type === 'unix') await listenOnPath(listen, address, { mode, owner }, directory);
    else await listen({ host: address.host, port: address.port, backlog });
  } catch (error) {
    throw listenFailure(address, error);
  }
}

async function listenOnPath(
  listen: Listen,
  address: UnixAddress,
  access: SocketAccess,
  directory: DirectoryAccess,
): Promise<void> {
  using _place = await reservePlace(address, directory);
  await withoutPermissions(() => listen({ path: address.path, backlog }));
  openToClients(address.path, access);
}
