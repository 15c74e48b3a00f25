/** To give up root for good, once the sockets are bound. */

import { readFileSync } from 'node:fs';
import { messageOf, PortcullisError } from '../../errors.ts';
import { type Account, resolveOwner, resolveUser } from './accounts.ts';

/** As whom to run. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
  /** The name whose further groups it gets; undefined: none. */
  readonly user: string | undefined;
}

/**
 * As whom to run by the settings; undefined when they leave it to who has started us. A user without
 * a group gets its primary group.
 *
 * @throws PortcullisError START_REFUSED when the host does not know the user or the group
 */
export function resolveIdentity(
  user: string | number | undefined,
  group: string | number | undefined,
): Identity | undefined {
  if (user === undefined && group === undefined) return undefined;
  const account: Account | undefined = user === undefined ? undefined : resolveUser(user);
  const gid = resolveOwner(undefined, group).gid ?? account?.gid ?? currentGid();
  return { uid: account?.uid ?? currentUid(), gid, user: account?.name };
}

/** What to tell the operator of a root that stays root. */
export function rootWarning(identity: Identity | undefined): string | undefined {
  if ((identity?.uid ?? currentUid()) !== 0) return undefined;
  return 'Portcullis runs as root; name a user in process.user who may read the content and nothing more';
}

/**
 * Becomes `identity`, and proves that there is no way back.
 *
 * @throws PortcullisError START_REFUSED when this process may not, or could become root again
 */
export function dropPrivileges(identity: Identity): void {
  if (currentUid() !== 0) {
    refuseOthers(identity);
    return;
  }
  try {
    become(identity);
  } catch (error) {
    throw refused(identity, messageOf(error));
  }
  if (identity.uid !== 0) prove(identity);
}

/** In this order: without root, no group can be changed any more. */
function become({ uid, gid, user }: Identity): void {
  if (user === undefined) process.setgroups?.([gid]);
  else initgroups(user, gid);
  process.setgid?.(gid);
  process.setuid?.(uid);
}

/** The types of node:process do not know it. */
function initgroups(user: string, gid: number): void {
  const call = Reflect.get(process, 'initgroups') as (user: string, group: number) => void;
  call(user, gid);
}

/** Who is not root can only be asked to stay as it is. */
function refuseOthers(identity: Identity): void {
  const isSame = identity.uid === currentUid() && identity.gid === currentGid();
  if (isSame) return;
  throw refused(
    identity,
    `only root can become another user, and this is user ${currentUid()} with group ${currentGid()}`,
  );
}

function prove(identity: Identity): void {
  if (canBecomeRoot()) throw refused(identity, 'the system lets this process become root again');
  // Real, effective, saved and of the file system (proc_pid_status(5)).
  const status = readFileSync('/proc/self/status', 'latin1');
  const isAll = (name: string, id: number): boolean =>
    status.includes(`\n${name}:${`\t${id}`.repeat(4)}\n`);
  if (!isAll('Uid', identity.uid) || !isAll('Gid', identity.gid)) {
    throw refused(identity, 'the system has left it another identity as well');
  }
  if (!/^CapEff:\t0+$/m.test(status) || !/^CapPrm:\t0+$/m.test(status)) {
    throw refused(identity, 'the system has left it capabilities of root');
  }
}

function canBecomeRoot(): boolean {
  try {
    process.setuid?.(0);
    return true;
  } catch {
    return false;
  }
}

function currentUid(): number {
  return process.getuid?.() ?? 0;
}

function currentGid(): number {
  return process.getgid?.() ?? 0;
}

function refused({ uid, gid }: Identity, reason: string): PortcullisError {
  return new PortcullisError(
    'START_REFUSED',
    `Cannot become user ${uid} with group ${gid}: ${reason}`,
  );
}
