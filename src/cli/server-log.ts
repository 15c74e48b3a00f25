/** The log of a process that serves. */

import type { Configuration } from '../config/configuration.ts';
import { createLogger, type Logger } from '../log.ts';
import { type LogDestination, openLogDestination } from '../log-destination.ts';
import type { LogOwner } from '../log-sinks.ts';

export interface ServerLog {
  readonly log: Logger;
  readonly destination: LogDestination;
}

/**
 * @param opened closes it in the end
 * @param owner who the file shall belong to if it is made here
 * @throws PortcullisError FILE_UNREADABLE
 */
export function openServerLog(
  { level, file }: Configuration['log'],
  opened: AsyncDisposableStack,
  owner?: LogOwner,
): ServerLog {
  const destination = opened.use(openLogDestination(file, owner));
  return { log: createLogger({ level, write: (line) => destination.write(line) }), destination };
}
