/** `portcullis create-admin`. */

import { newLoginProblem } from '../../api/people/documents.ts';
import type { Configuration } from '../../config/configuration.ts';
import { PortcullisError } from '../../errors.ts';
import { type Password, readPassword } from '../../identity/password-text.ts';
import { readTextFile } from '../../identity/read-file.ts';
import { readNewPassword } from '../../terminal/new-password.ts';
import { printable } from '../../terminal/output.ts';
import { secretBytesMax } from '../../terminal/prompt.ts';
import { usage } from '../arguments.ts';
import type { Arguments, Command } from '../command.ts';
import { requireConfiguration } from '../configured.ts';
import { exitCodes } from '../exit-codes.ts';

export const createAdmin: Command = {
  name: 'create-admin',
  summary: 'makes a user who may do everything',
  synopsis: '[LOGIN]',
  description: [
    'Makes the first user of the API, or another one when nobody knows a password any more: a super-user of the login LOGIN, or admin. It asks for a password twice, without showing it; when the standard input is no terminal, its first line is the password. There is no default password.',
    'It writes to the store of the configuration; a server may run or not. Where there is no store it makes one, and says so; but where the session CA is there and the SQLite database is not, one was lost, and it makes another one with --new-store alone. Run by root, it does so as process.user, or else as the owner of the directory of the SQLite database, so that the server can use what it makes.',
    'A user of that login who is there already stays as before.',
  ],
  options: {
    'password-file': {
      value: 'FILE',
      text: 'Takes the password from the first line of FILE.',
    },
    'new-store': {
      text: 'Makes a new store although the session CA is there already, as one of Pulp is.',
    },
  },
  isConfigured: true,
  words: { min: 0, max: 1 },
  exitStatus: {
    [exitCodes.refused]: 'There is a user of that login, or the store was lost.',
    [exitCodes.unavailable]: 'The store cannot be used, or not as the user that it has to be.',
    [exitCodes.interrupted]: 'It was interrupted while it asked.',
  },
  examples: [
    {
      text: 'Makes the user admin, and logs in:',
      line: 'portcullis create-admin && portcullis-admin -u admin login',
    },
    {
      text: 'From a secret that something else has put there:',
      line: 'portcullis create-admin root --password-file /run/secrets/portcullis-admin',
    },
  ],
  run: async (args) => {
    const login = args.words[0] ?? 'admin';
    const problem = newLoginProblem(login);
    if (problem !== undefined) throw usage(createAdmin, `Cannot use the login: ${problem}`);
    const { configuration } = await requireConfiguration(args);
    const { isStoreMissing, staysStoreLost } = await import('../../work/missing-store.ts');
    if (!args.options.has('new-store') && (await staysStoreLost(configuration))) {
      return refuse(login, lossOf(configuration));
    }
    const text = await passwordText(args);
    if (text === undefined) return exitCodes.interrupted;
    // Loaded when it is needed: it is most of the program, and a manual needs none of it.
    const { becomeUserOfStore, createAdministrator } = await import('../../work/administrator.ts');
    becomeUserOfStore(configuration);
    const isNew = isStoreMissing(configuration.store);
    const outcome = await createAdministrator(configuration, { login, password: toPassword(text) });
    if (isNew) process.stdout.write(`Made the store ${printable(configuration.store.file)}.\n`);
    if (outcome === 'taken') return refuse(login, taken);
    process.stdout.write(`Made the user ${login}, who may do everything.\n`);
    return exitCodes.ok;
  },
};

const taken = 'there is one already; name another login, who can then set the password of this one';

function lossOf({ store, api }: Configuration): string {
  return `there is no store ${store.file}, and yet the session CA ${api.sessionCertificate} is there; put a backup in place, or make a new store with --new-store`;
}

function refuse(login: string, reason: string): number {
  process.stderr.write(`${printable(`Cannot make the user ${login}: ${reason}`)}\n`);
  return exitCodes.refused;
}

async function passwordText({ options }: Arguments): Promise<string | undefined> {
  const file = options.get('password-file');
  if (file === undefined) return readNewPassword();
  const text = await readTextFile(file, secretBytesMax, 'read the password in');
  return text.split(/\r?\n/, 1)[0] ?? '';
}

function toPassword(text: string): Password {
  const password = readPassword(text);
  if (!('problem' in password)) return password;
  throw new PortcullisError('USAGE', `Cannot use the password: ${password.problem}`);
}
