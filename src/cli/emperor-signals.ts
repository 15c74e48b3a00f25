/** What each signal asks of an emperor. */

import type { Emperor } from '../emperor/emperor.ts';
import { messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import { exitCodes } from './exit-codes.ts';

/**
 * Obeys signals until the emperor has ended.
 *
 * @returns the exit status
 */
export async function obeySignals(emperor: Emperor, log: Logger): Promise<number> {
  let code: number = exitCodes.ok;
  let isEnding = false;
  const end = (how: 'drain' | 'interrupt'): void => {
    const urgency = isEnding ? 'interrupt' : how;
    isEnding = true;
    emperor.stop(urgency);
  };
  const handlers: Readonly<Record<string, (signal: NodeJS.Signals) => void>> = {
    SIGTERM: () => end('drain'),
    SIGINT: () => end('interrupt'),
    SIGHUP: () => emperor.reload(),
    SIGUSR1: () => emperor.reopenLogs(),
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    log.info('signal', { signal });
    handlers[signal]?.(signal);
  };
  const onDefect = (error: unknown): void => {
    log.error('stopping after a defect', { reason: messageOf(error), error });
    code = exitCodes.software;
    end('drain');
  };
  for (const signal of Object.keys(handlers)) process.on(signal, onSignal);
  process.on('uncaughtException', onDefect);
  try {
    await emperor.done;
    return code;
  } finally {
    for (const signal of Object.keys(handlers)) process.off(signal, onSignal);
    process.off('uncaughtException', onDefect);
  }
}
