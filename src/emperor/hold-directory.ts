/** One emperor for each directory. */

import path from 'node:path';
import { PortcullisError, systemReason } from '../errors.ts';
import type { Logger } from '../log.ts';
import { type Claim, claimName, ForeignFile } from '../workers/host/name-claim.ts';

/** A dot file: no vassal. */
export const emperorFileName = '.emperor.pid';

/**
 * Holds the directory for this process by a file in it. Where none can be written, as in a file
 * system that is read-only, a second emperor is not noticed: its vassals find their sockets taken.
 *
 * @returns undefined when it cannot be held
 * @throws PortcullisError START_REFUSED, with the pid of the emperor that holds it
 */
export async function holdDirectory(directory: string, log: Logger): Promise<Claim | undefined> {
  const file = path.join(directory, emperorFileName);
  const refuse = (state: string): PortcullisError =>
    new PortcullisError('START_REFUSED', `Cannot rule ${directory}: ${state}`);
  try {
    const outcome = await claimName(file);
    if ('claim' in outcome) return outcome.claim;
    throw refuse(`process ${outcome.holder} does already`);
  } catch (error) {
    if (error instanceof PortcullisError) throw error;
    if (error instanceof ForeignFile) throw refuse(`${file}: ${error.message}; remove it`);
    const reason = systemReason(error);
    log.warn('A second emperor of the directory would not be noticed', { file, reason });
    return undefined;
  }
}
