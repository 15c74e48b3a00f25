/** The password that a user shall have. */

import { readNewPassword } from '../terminal/new-password.ts';
import { printable } from '../terminal/output.ts';
import type { Failure } from './failure.ts';
import { aborted } from './server/identity.ts';

/** @throws PortcullisError USAGE as readNewPassword */
export async function askNewPassword(login: string): Promise<string | Failure> {
  const user = `user [${printable(login)}]`;
  const questions = {
    first: `Enter password for ${user}: `,
    again: `Re-enter password for ${user}: `,
  };
  return (await readNewPassword(questions)) ?? aborted();
}
