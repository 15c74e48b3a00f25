/** Keeps a plugin from ending the program with success before its work is done (T60). */

import { writeSync } from 'node:fs';
import { exitCodes } from './exit-codes.ts';

export interface ExitGuard extends Disposable {}

const standardError = 2;

/**
 * Until it is disposed of, the end of the process is a failure whatever status it was given: somebody
 * called `process.exit`, or left a promise that nothing will ever settle. Either is a plugin's doing:
 * Portcullis itself calls it when the command is done, and not before.
 */
export function guardExit(): ExitGuard {
  const onExit = (): void => {
    process.exitCode = exitCodes.software;
    writeSync(
      standardError,
      'Cannot go on: something ended the process before the command was done, probably a plugin that calls process.exit or waits forever\n',
    );
  };
  process.on('exit', onExit);
  return { [Symbol.dispose]: () => process.off('exit', onExit) };
}
