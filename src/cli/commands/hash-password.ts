/** `portcullis hash-password`. */

import { hashPassword } from '../../identity/bcrypt.ts';
import { userBytesMax } from '../../identity/password-file.ts';
import { readNewPassword } from '../../terminal/new-password.ts';
import { usage } from '../arguments.ts';
import type { Command } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';

export const hashPasswordCommand: Command = {
  name: 'hash-password',
  summary: 'makes a line of an htpasswd file',
  synopsis: '',
  description: [
    'Asks for a password twice, without showing it, and writes its bcrypt hash to the standard output. When the standard input is no terminal, its first line is the password.',
    'The password is never taken from the command line, where every user of the host could read it.',
  ],
  options: {
    user: { value: 'NAME', text: 'Writes NAME:HASH, a whole line for the file of users.' },
  },
  isConfigured: false,
  words: { min: 0, max: 0 },
  exitStatus: { [exitCodes.interrupted]: 'It was interrupted while it asked.' },
  examples: [
    {
      text: 'Adds a user:',
      line: 'portcullis hash-password --user alice >> /etc/portcullis/users',
    },
  ],
  run: async ({ options }) => {
    const user = options.get('user');
    if (user !== undefined) refuseUser(user);
    const typed = await readNewPassword();
    if (typed === undefined) return exitCodes.interrupted;
    const hash = await hashPassword(typed);
    process.stdout.write(user === undefined ? `${hash}\n` : `${user}:${hash}\n`);
    return exitCodes.ok;
  },
};

/** What RFC 7617 section 2 and a line of the file can hold. */
function refuseUser(user: string): void {
  if (/^[^:\p{Cc}]+$/u.test(user) && Buffer.byteLength(user) <= userBytesMax) return;
  throw usage(
    hashPasswordCommand,
    `Cannot use the user name: expected 1 to ${userBytesMax} bytes without a colon or a control character`,
  );
}
