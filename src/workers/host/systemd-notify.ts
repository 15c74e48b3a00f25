/** The program systemd-notify(1): one short child for each message, in their order. */

import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { messageOf, PortcullisError } from '../../errors.ts';
import type { Logger } from '../../log.ts';

/** Sends variables as of sd_notify(3); resolves when they were sent, or could not be. */
export type Notify = (variables: Readonly<Record<string, string>>) => Promise<void>;

export interface Notifier {
  readonly notify: Notify;
  /** Resolves when all messages were sent, or could not be. */
  flush(): Promise<void>;
}

const programName = 'systemd-notify';
const usualDirectories = ['/usr/bin', '/bin'];
/** It waits for systemd to have read the message. */
const sendMs = 10_000;

/** @throws PortcullisError START_REFUSED: systemd would wait for us until it kills us */
export function findNotifier(searchPath = '', further = usualDirectories): string {
  const found = [...searchPath.split(':'), ...further]
    .filter((directory) => path.isAbsolute(directory))
    .map((directory) => path.join(directory, programName))
    .find(isExecutable);
  if (found !== undefined) return found;
  throw new PortcullisError(
    'START_REFUSED',
    `Cannot tell the service manager that the start is done: NOTIFY_SOCKET asks for it, and ${programName} is not on the PATH; install it, or use Type=exec in the unit`,
  );
}

/** A message that cannot be sent is logged: what runs does not depend on it. */
export function startNotifier(program: string, socket: string, log: Logger): Notifier {
  const run = promisify(execFile);
  let last: Promise<void> = Promise.resolve();
  const send = async (variables: readonly string[]): Promise<void> => {
    try {
      await run(program, ['--', ...variables], { env: { NOTIFY_SOCKET: socket }, timeout: sendMs });
    } catch (error) {
      log.warn('The service manager could not be told', { error: messageOf(error) });
    }
  };
  return {
    notify: (variables) => {
      const assignments = Object.entries(variables).map(
        ([name, value]) => `${name}=${oneLine(value)}`,
      );
      last = last.then(() => send(assignments));
      return last;
    },
    flush: () => last,
  };
}

/** A line feed would begin another variable. */
function oneLine(value: string): string {
  return value.replaceAll(/\p{Cc}+/gu, ' ');
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
