/** The listening sockets that the kernel knows of, from /proc/net (proc_net(5)). */

import { readFileSync } from 'node:fs';
import type { ListenAddress } from '../../listen-address.ts';

export interface ListeningSocket {
  /** Of the socket itself, not of its file. */
  readonly inode: number;
  readonly address: ListenAddress;
}

/** A unix socket that listens has this flag, a TCP socket this state (linux/net.h, net/tcp_states.h). */
const acceptsConnections = 0x10000;
const listenState = '0A';

/** All of this network namespace. Nothing where /proc cannot be read. */
export function listeningSockets(): readonly ListeningSocket[] {
  return [
    ...linesOf('/proc/net/unix').flatMap(parseUnix),
    ...linesOf('/proc/net/tcp').flatMap(parseTcp),
    ...linesOf('/proc/net/tcp6').flatMap(parseTcp),
  ];
}

/** `Num: RefCount Protocol Flags Type St Inode Path`; the path may have spaces, or be missing. */
function parseUnix(line: string): readonly ListeningSocket[] {
  const match = /^\S+: \S+ \S+ (\S+) \S+ \S+ +(\d+) (.+)$/s.exec(line);
  const [, flags = '', inode = '', path = ''] = match ?? [];
  if (match === null || (Number.parseInt(flags, 16) & acceptsConnections) === 0) return [];
  return [{ inode: Number(inode), address: { type: 'unix', path } }];
}

/** `sl local_address rem_address st … inode …`, the inode in the tenth column. */
function parseTcp(line: string): readonly ListeningSocket[] {
  const columns = line.trim().split(/\s+/);
  const [host = '', port = ''] = columns[1]?.split(':') ?? [];
  if (columns[3] !== listenState || host === '') return [];
  const inode = Number(columns[9]);
  const address = { host: decodeHost(host), port: Number.parseInt(port, 16) };
  return [{ inode, address: { type: 'tcp', ...address } }];
}

/** Each 32 bits of the address stand there as a number in this machine's order of bytes. */
function decodeHost(hexadecimal: string): string {
  const words = hexadecimal.match(/.{8}/g) ?? [];
  const bytes = Buffer.from(Uint32Array.from(words, (word) => Number.parseInt(word, 16)).buffer);
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2));
  return groups.map((group) => group.toString(16)).join(':');
}

function linesOf(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').slice(1);
  } catch {
    return [];
  }
}
