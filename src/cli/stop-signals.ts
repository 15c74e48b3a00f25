/** The signals that end a server, and the defects that do. */

import { messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import { exitCodes } from './exit-codes.ts';

/** Let what runs end, or end at once. */
export type HowToStop = 'drain' | 'interrupt';

/**
 * SIGTERM drains, and a second one interrupts, as SIGINT does. An error that nobody has caught drains
 * too: what holds after it nobody knows.
 *
 * @param stop called for each; `exitCode` is that of a process which ends for it
 */
export function onStop(log: Logger, stop: (how: HowToStop, exitCode: number) => void): Disposable {
  let isDraining = false;
  const begin = (how: HowToStop, signal: NodeJS.Signals): void => {
    log.info('stopping', { signal, how });
    stop(how, how === 'drain' ? exitCodes.ok : exitCodes.interrupted);
  };
  const onTerm = (signal: NodeJS.Signals): void => {
    begin(isDraining ? 'interrupt' : 'drain', signal);
    isDraining = true;
  };
  const onInterrupt = (signal: NodeJS.Signals): void => begin('interrupt', signal);
  const onDefect = (error: unknown): void => {
    log.error('stopping after a defect', { reason: messageOf(error), error });
    stop('drain', exitCodes.software);
  };
  process.on('SIGTERM', onTerm).on('SIGINT', onInterrupt).on('uncaughtException', onDefect);
  return {
    [Symbol.dispose]: () => {
      process.off('SIGTERM', onTerm).off('SIGINT', onInterrupt).off('uncaughtException', onDefect);
    },
  };
}
