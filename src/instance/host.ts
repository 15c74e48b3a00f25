/** What a start takes of the host before it serves: who it will be, and its pid file. */

import type { Configuration } from '../config/configuration.ts';
import { resolveOwner } from '../workers/host/accounts.ts';
import { holdPidFile } from '../workers/host/pid-file.ts';
import {
  dropPrivileges,
  type Identity,
  resolveIdentity,
  rootWarning,
} from '../workers/host/privileges.ts';
import type { Owner } from '../workers/plan.ts';
import type { DirectoryAccess } from '../workers/sockets/socket-place.ts';
import type { FindOwner } from './plan.ts';

export interface HostPlace {
  /** Who will run it; undefined members: who has started it. */
  readonly owner: Owner;
  /** Whose a socket is: who will run it, where the configuration names nobody. */
  readonly findOwner: FindOwner;
  /** What missing directories are made with. */
  readonly directory: DirectoryAccess;
  /**
   * Becomes who it is to be, once nothing needs root any more.
   *
   * @param warn told what the operator should know
   * @throws PortcullisError START_REFUSED
   */
  settle(warn: (sentence: string) => void): void;
}

/** @throws PortcullisError START_REFUSED: an unknown user or group, or a pid file that another holds */
export async function takePlace(
  { user, group, pidFile, directoryMode }: Configuration['process'],
  opened: AsyncDisposableStack,
): Promise<HostPlace> {
  const identity = resolveIdentity(user, group);
  const owner: Owner = { uid: identity?.uid, gid: identity?.gid };
  if (pidFile !== undefined) {
    const claim = await holdPidFile(pidFile, { owner, directoryMode });
    // One that cannot be removed is stale from now on: the next start replaces it.
    opened.defer(() => void claim.release());
  }
  return {
    owner,
    findOwner: (named, namedGroup) => resolveOwner(named, namedGroup, owner),
    directory: { mode: directoryMode, owner },
    settle: (warn) => settle(identity, warn),
  };
}

function settle(identity: Identity | undefined, warn: (sentence: string) => void): void {
  const warning = rootWarning(identity);
  if (warning !== undefined) warn(warning);
  if (identity !== undefined) dropPrivileges(identity);
}
