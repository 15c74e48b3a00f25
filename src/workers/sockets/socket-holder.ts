/** Which process holds an address, for the operator who reads that it is taken. */

import { readdirSync, readlinkSync } from 'node:fs';
import type { ListenAddress } from '../../listen-address.ts';
import { readProcess } from '../host/process-state.ts';
import { listeningSockets } from './kernel-sockets.ts';
import { isInTheWay } from './same-address.ts';

/**
 * The process that listens there; of a primary and its workers, the primary. Undefined when it cannot
 * be seen: other users' processes show their descriptors to root alone.
 */
export function holderOf(address: ListenAddress): number | undefined {
  const held = listeningSockets().filter((socket) => isInTheWay(socket.address, address));
  const links = new Set(held.map(({ inode }) => `socket:[${inode}]`));
  return eldest(processIds().filter((pid) => hasOneOf(pid, links)));
}

/** The end of "Cannot listen on …: ", naming the holder if it can be seen. */
export function describeHolder(address: ListenAddress): string {
  const pid = holderOf(address);
  return pid === undefined ? 'another process listens on it' : `process ${pid} listens on it`;
}

/** The one whose parent is not among them; if they are no family, the one that started first. */
function eldest(pids: readonly number[]): number | undefined {
  const states = pids.flatMap((pid) => {
    const state = readProcess(pid);
    return state === undefined ? [] : [{ pid, ...state }];
  });
  const heads = states.filter(({ parent }) => !pids.includes(parent));
  return heads.sort((one, other) => one.startTicks - other.startTicks)[0]?.pid;
}

function processIds(): readonly number[] {
  return entriesOf('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function hasOneOf(pid: number, links: ReadonlySet<string>): boolean {
  const directory = `/proc/${pid}/fd`;
  return entriesOf(directory).some((name) => links.has(linkOf(`${directory}/${name}`)));
}

function entriesOf(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function linkOf(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return '';
  }
}
