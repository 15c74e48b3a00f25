/** The pid file: holds our pid from the moment it exists until it is removed. */

import path from 'node:path';
import { PortcullisError, systemReason } from '../../errors.ts';
import type { Owner } from '../plan.ts';
import { prepareDirectory, UnfitDirectory } from '../sockets/socket-directory.ts';
import { type Claim, type ClaimOutcome, claimName, ForeignFile } from './name-claim.ts';

export interface PidFileAccess {
  /** Of the file, and of the directories that are made for it. */
  readonly owner: Owner;
  /** Permission bits of the directories that are made for it. */
  readonly directoryMode: number;
}

/**
 * Makes the pid file, in place of one whose process has ended.
 *
 * To be removed after privileges were dropped, it has to lie in a directory of the user whom they
 * were dropped to; one that is made for it is. Elsewhere it stays, and the next start replaces it.
 *
 * @throws PortcullisError START_REFUSED when a process that runs holds it, and when it cannot be
 *   written: nothing is left behind then
 */
export async function holdPidFile(file: string, access: PidFileAccess): Promise<Claim> {
  const outcome = await claim(file, access);
  if ('claim' in outcome) return outcome.claim;
  throw refused(file, `process ${outcome.holder}, which runs, holds it`);
}

async function claim(file: string, { owner, directoryMode }: PidFileAccess): Promise<ClaimOutcome> {
  try {
    prepareDirectory(path.dirname(file), directoryMode, owner);
    return await claimName(file, owner);
  } catch (error) {
    if (error instanceof UnfitDirectory) throw refused(file, error.message);
    if (error instanceof ForeignFile) {
      throw refused(file, `${error.message}; remove it, or name another file`);
    }
    throw refused(file, systemReason(error));
  }
}

function refused(file: string, reason: string): PortcullisError {
  return new PortcullisError('START_REFUSED', `Cannot hold the pid file ${file}: ${reason}`);
}
