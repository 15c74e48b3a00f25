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
