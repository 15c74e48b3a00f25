/**
 * How many connections wait to be accepted, as the kernel tells it in /proc/net/tcp (proc(5)): of a
 * listening TCP socket `rx_queue` is that number. Of unix sockets /proc tells nothing.
 */

import { closeSync, openSync, readSync } from 'node:fs';
import { endianness } from 'node:os';
import ipaddr from 'ipaddr.js';
import type { ListenAddress } from '../listen-address.ts';

/**
 * How much of each table is read, bytes. The listening sockets are its first lines, of 150 bytes; a
 * busy host has a hundred thousand connections behind them.
 */
export const socketTableBytesMax = 65_536;

/** The state LISTEN of include/net/tcp_states.h. */
const listening = '0A';

/** In the order of `addresses`; 0 where the kernel does not tell. */
export function listenQueues(addresses: readonly ListenAddress[]): readonly number[] {
  if (!addresses.some(({ type }) => type === 'tcp')) return addresses.map(() => 0);
  const queues = new Map(
    ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => [...queuesIn(readStart(file))]),
  );
  return addresses.map((address) => queues.get(tableKey(address) ?? '') ?? 0);
}

/** By `ADDRESS:PORT` as the table spells it. */
export function queuesIn(table: string): ReadonlyMap<string, number> {
  const rows = table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/));
  return new Map(
    rows
      .filter(([, , , state]) => state === listening)
      .map(([, local = '', , , queues = '']) => [
        local,
        Number.parseInt(queues.split(':')[1] ?? '0', 16) || 0,
      ]),
  );
}

function tableKey(address: ListenAddress): string | undefined {
  if (address.type === 'unix' || !ipaddr.isValid(address.host)) return undefined;
  const bytes = Buffer.from(ipaddr.parse(address.host).toByteArray());
  // Each 32 bits are printed as a number of the host.
  if (endianness() === 'LE') bytes.swap32();
  const port = address.port.toString(16).padStart(4, '0');
  return `${bytes.toString('hex')}:${port}`.toUpperCase();
}

/** A read of such a file gives a page at most. */
function readStart(file: string): string {
  const buffer = Buffer.alloc(socketTableBytesMax);
  let length = 0;
  try {
    const descriptor = openSync(file, 'r');
    try {
      for (;;) {
        const read = readSync(descriptor, buffer, length, buffer.length - length, null);
        length += read;
        if (read === 0 || length === buffer.length) break;
      }
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // A host without /proc, or without IPv6, tells nothing.
  }
  return buffer.toString('latin1', 0, length);
}
