/** What the log says of a vassal's words and of its end. */

import type { Logger } from '../log.ts';
import type { FromVassal } from './messages.ts';
import type { Vassal } from './vassal.ts';

export function logMessage(log: Logger, { pid }: Vassal, message: FromVassal): void {
  if (message.type === 'ready') {
    log.info('vassal serves', { pid, addresses: message.addresses });
  } else if (message.type === 'reloaded') {
    if (message.reason === undefined) log.info('vassal reloaded');
    else log.warn('vassal keeps its configuration', { reason: message.reason });
  }
}

/** @param after what its end has made of it */
export function logEnd(log: Logger, before: Vassal, after: Vassal, how: string): void {
  if (before.phase === 'stopping' && before.fault === undefined) {
    log.info('vassal stopped', { how });
    return;
  }
  const againSeconds = Math.round(after.notBeforeMs - after.sinceMs) / 1000;
  log.warn('vassal ended', { how, reason: after.reason, againSeconds });
}
