/** What each signal asks of an emperor. */

import type { Emperor } from '../emperor/emperor.ts';
import type { Logger } from '../log.ts';
import { exitCodes } from './exit-codes.ts';
import { onStop } from './stop-signals.ts';

/**
 * Obeys signals until the emperor has ended.
 *
 * @returns the exit status
 */
export async function obeyAsEmperor(emperor: Emperor, log: Logger): Promise<number> {
  let exitCode: number = exitCodes.ok;
  using _stop = onStop(log, (how, code) => {
    exitCode = code;
    emperor.stop(how);
  });
  const handlers = {
    SIGHUP: () => emperor.reload(),
    SIGUSR1: () => emperor.reopenLogs(),
  };
  for (const [signal, handler] of Object.entries(handlers)) process.on(signal, handler);
  try {
    await emperor.done;
    return exitCode;
  } finally {
    for (const [signal, handler] of Object.entries(handlers)) process.off(signal, handler);
  }
}
