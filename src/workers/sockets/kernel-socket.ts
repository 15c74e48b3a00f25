/**
 * A socket that listens in the kernel while nobody accepts from it here: connections wait in its
 * backlog for the workers that inherit it.
 *
 * `listen` of node:net would accept in this process. What node:cluster makes its shared sockets with
 * does not, but is internal: only this file uses it, and its test pins what it relies on.
 */

import * as net from 'node:net';
import { getSystemErrorName } from 'node:util';
import type { ListenAddress } from '../../listen-address.ts';

/** Connections that wait to be accepted; the kernel cuts it to `net.core.somaxconn`. */
export const backlog = 4096;

export interface KernelSocket {
  readonly descriptor: number;
  /** The real one where 0 was asked for; undefined of a unix socket. */
  readonly port: number | undefined;
  /** Removes whatever lies at the path of a unix socket, too. */
  close(): void;
}

/** A handle of node:net's. Its functions answer 0, or the negated number of a system error. */
interface Handle {
  readonly fd: number;
  open(descriptor: number): number;
  listen(backlog: number): number;
  readStart(): number;
  readStop(): number;
  unref(): void;
  close(): void;
  getsockname?(name: { port?: number }): number;
}

type CreateHandle = (
  host: string,
  port: number,
  addressType: 4 | 6 | -1,
  descriptor: undefined,
  flags: number,
) => Handle | number;

/** @throws an Error with the system's `code`, as EADDRINUSE */
export function listenWithoutAccepting(address: ListenAddress): KernelSocket {
  const handle = bind(address);
  try {
    rest(handle);
    return { descriptor: handle.fd, port: portOf(handle), close: () => handle.close() };
  } catch (error) {
    handle.close();
    throw error;
  }
}

function bind(address: ListenAddress): Handle {
  const create = Reflect.get(net, '_createServerHandle') as CreateHandle;
  const handle =
    address.type === 'unix'
      ? create(address.path, -1, -1, undefined, 0)
      : create(address.host, address.port, net.isIPv6(address.host) ? 6 : 4, undefined, 0);
  if (typeof handle === 'number') throw systemError('bind', handle);
  return handle;
}

/** Only a handle that may read can stop to wait for events, and that one becomes by opening. */
function rest(handle: Handle): void {
  checked('open', handle.open(handle.fd));
  checked('listen', handle.listen(backlog));
  checked('listen', handle.readStart());
  checked('listen', handle.readStop());
  handle.unref();
}

function portOf(handle: Handle): number | undefined {
  if (handle.getsockname === undefined) return undefined;
  const name: { port?: number } = {};
  checked('getsockname', handle.getsockname(name));
  return name.port;
}

function checked(call: string, status: number): void {
  if (status !== 0) throw systemError(call, status);
}

function systemError(call: string, status: number): Error {
  const code = getSystemErrorName(status);
  return Object.assign(new Error(`${call} ${code}`), { code });
}
