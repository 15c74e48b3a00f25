/** Where a listener listens, as a value and as text. */

import type { AddressInfo } from 'node:net';

export type ListenAddress =
  | { readonly type: 'unix'; readonly path: string }
  | { readonly type: 'tcp'; readonly host: string; readonly port: number };

/** The longest path of a unix socket, in bytes: `sun_path` of Linux without its NUL (unix(7)). */
export const socketPathBytesMax = 107;

/**
 * The address as it stands in the configuration.
 *
 * @param bound what the server says that it is bound to: the real port where 0 was asked for
 */
export function describeAddress(
  address: ListenAddress,
  bound?: AddressInfo | string | null,
): string {
  if (address.type === 'unix') return `unix:${address.path}`;
  const port = typeof bound === 'object' && bound !== null ? bound.port : address.port;
  return address.host.includes(':') ? `[${address.host}]:${port}` : `${address.host}:${port}`;
}

/** The address of the socket of worker `slot` (from 1): `content.sock` becomes `content-1.sock`, a port grows. */
export function workerAddress(address: ListenAddress, slot: number): ListenAddress {
  if (address.type === 'tcp') return { ...address, port: address.port + slot - 1 };
  const { path } = address;
  const dot = path.lastIndexOf('.');
  const hasExtension = dot > path.lastIndexOf('/') + 1;
  const [stem, extension] = hasExtension ? [path.slice(0, dot), path.slice(dot)] : [path, ''];
  return { type: 'unix', path: `${stem}-${slot}${extension}` };
}
