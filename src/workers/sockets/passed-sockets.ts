/** Sockets that a service manager has bound and passes to us: systemd (sd_listen_fds(3)), supervisord. */

import { fstatSync } from 'node:fs';
import { PortcullisError } from '../../errors.ts';
import { describeAddress, type ListenAddress } from '../../listen-address.ts';
import { listeningSockets } from './kernel-sockets.ts';

export interface PassedSocket {
  readonly descriptor: number;
  /** systemd's `FileDescriptorName`, which is the socket unit's name unless it says otherwise. */
  readonly name: string | undefined;
  /** What it is bound to. */
  readonly address: ListenAddress;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** systemd passes them from this descriptor on. */
const firstDescriptor = 3;
/** More than any set of listeners, so that a mistaken number does not pass for a long list. */
export const passedSocketsMax = 256;
/** supervisord's `fcgi-program` passes its socket here. */
const standardInput = 0;

/**
 * The sockets that were passed to process `pid`. Variables for another process count for nothing:
 * whoever started us has inherited them.
 *
 * @throws PortcullisError START_REFUSED when one of them is no socket that listens
 */
export function passedSockets(environment: Environment, pid: number): readonly PassedSocket[] {
  if (environment.LISTEN_PID === String(pid)) return fromSystemd(environment);
  return isSocket(standardInput) ? fromSupervisor() : [];
}

/** One line for each, for messages. */
export function describePassed({ descriptor, name, address }: PassedSocket): string {
  const named = name === undefined ? '' : ` named ${name}`;
  return `descriptor ${descriptor}${named} on ${describeAddress(address)}`;
}

function fromSystemd({ LISTEN_FDS = '', LISTEN_FDNAMES }: Environment): readonly PassedSocket[] {
  const count = /^\d{1,9}$/.test(LISTEN_FDS) ? Number(LISTEN_FDS) : Number.NaN;
  if (!(count <= passedSocketsMax)) {
    throw refused(`LISTEN_FDS is not a number from 0 to ${passedSocketsMax}`);
  }
  const names = LISTEN_FDNAMES?.split(':') ?? [];
  return Array.from({ length: count }, (_, index) => {
    const descriptor = firstDescriptor + index;
    const address = boundAddress(descriptor);
    if (address !== undefined) return { descriptor, name: names[index] || undefined, address };
    throw refused(
      `descriptor ${descriptor} is not a socket that listens; a socket unit needs ListenStream= and Accept=no`,
    );
  });
}

/** Its standard input may be any other socket: then it is nothing of ours. */
function fromSupervisor(): readonly PassedSocket[] {
  const address = boundAddress(standardInput);
  return address === undefined ? [] : [{ descriptor: standardInput, name: undefined, address }];
}

function boundAddress(descriptor: number): ListenAddress | undefined {
  if (!isSocket(descriptor)) return undefined;
  const { ino } = fstatSync(descriptor);
  return listeningSockets().find(({ inode }) => inode === ino)?.address;
}

function isSocket(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isSocket();
  } catch {
    return false;
  }
}

function refused(reason: string): PortcullisError {
  return new PortcullisError(
    'START_REFUSED',
    `Cannot take the service manager's sockets: ${reason}`,
  );
}
