/** Why an address cannot be listened on, in the operator's words. */

import { messageOf, PortcullisError, systemCodeOf } from '../../errors.ts';
import { describeAddress, type ListenAddress } from '../../listen-address.ts';
import { describeHolder } from './socket-holder.ts';

/** @param reason the end of the sentence */
export function listenRefused(address: ListenAddress, reason: string): PortcullisError {
  return new PortcullisError(
    'LISTEN_FAILED',
    `Cannot listen on ${describeAddress(address)}: ${reason}`,
  );
}

/** As {@link listenRefused}, for what was thrown on the way. */
export function listenFailure(address: ListenAddress, error: unknown): PortcullisError {
  if (error instanceof PortcullisError) return error;
  return listenRefused(address, explain(address, error));
}

function explain(address: ListenAddress, error: unknown): string {
  switch (systemCodeOf(error)) {
    case 'EADDRINUSE':
      return describeHolder(address);
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
