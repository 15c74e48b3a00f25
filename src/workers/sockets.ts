/** Listening sockets: made with the right mode, a stale one replaced, a live one never. */

import { once } from 'node:events';
import { chmodSync, lstatSync, mkdirSync, type Stats, unlinkSync } from 'node:fs';
import { connect, type ListenOptions } from 'node:net';
import path from 'node:path';
import { messageOf, PortcullisError, systemCodeOf } from '../errors.ts';
import { describeAddress, type ListenAddress, socketPathBytesMax } from '../listen-address.ts';

/** Connections that wait to be accepted; the kernel cuts it to `net.core.somaxconn`. */
const backlog = 4096;

/** Starts to listen; the socket has to be bound when the call returns its promise. */
export type Listen = (options: ListenOptions) => Promise<void>;

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
): Promise<void> {
  try {
    if (address.type === 'unix') await listenOnPath(listen, address.path, mode);
    else await listen({ host: address.host, port: address.port, backlog });
  } catch (error) {
    if (error instanceof PortcullisError) throw error;
    throw failure(address, explain(error));
  }
}

async function listenOnPath(listen: Listen, socket: string, mode: number): Promise<void> {
  const address: ListenAddress = { type: 'unix', path: socket };
  if (Buffer.byteLength(socket) > socketPathBytesMax) {
    throw failure(address, `its path is longer than ${socketPathBytesMax} bytes`);
  }
  mkdirSync(path.dirname(socket), { recursive: true });
  await removeStale(address, socket);
  // The path exists from bind() on, so the mode has to be right at that moment; chmod alone is late.
  const umask = process.umask(0o777);
  let ready: Promise<void>;
  try {
    ready = listen({ path: socket, backlog });
  } finally {
    process.umask(umask);
  }
  await ready;
  chmodSync(socket, mode);
}

async function removeStale(address: ListenAddress, socket: string): Promise<void> {
  const stats: Stats | undefined = lstatSync(socket, { throwIfNoEntry: false });
  if (stats === undefined) return;
  if (!stats.isSocket()) throw failure(address, 'something that is not a socket is there');
  if (await isAlive(socket)) throw failure(address, 'another process listens on it');
  unlinkSync(socket);
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

function failure(address: ListenAddress, state: string): PortcullisError {
  return new PortcullisError(
    'LISTEN_FAILED',
    `Cannot listen on ${describeAddress(address)}: ${state}`,
  );
}

function explain(error: unknown): string {
  switch (systemCodeOf(error)) {
    case 'EADDRINUSE':
      return 'another process listens on it';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'EADDRNOTAVAIL':
      return 'this host has no such address';
    case 'ENOTDIR':
    case 'EEXIST':
      return 'a part of its path is not a directory';
    default:
      return messageOf(error);
  }
}
