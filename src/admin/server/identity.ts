/** As whom the API is called. */

import { PortcullisError } from '../../errors.ts';
import { readSecret } from '../../terminal/prompt.ts';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { readSession, type Session } from '../session.ts';
import type { AdminSettings } from '../settings/settings.ts';

export type Identity =
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  | { readonly kind: 'session'; readonly session: Session }
  | { readonly kind: 'none' };

/** What the command line says of the user. */
export interface NamedUser {
  readonly username: string | undefined;
  readonly password: string | undefined;
}

/** A name and a password beat the session certificate, which is not even offered then. */
export async function identify(
  named: NamedUser,
  settings: AdminSettings,
): Promise<Identity | Failure> {
  const isWholeInFiles = ![settings.username, settings.password].includes(undefined);
  const asked = await askCredentials(named, settings, { fromFiles: isWholeInFiles });
  if (asked !== undefined) return asked;
  const session = await readSession(settings.sessionFile);
  if (session === undefined) return { kind: 'none' };
  return session instanceof Failure ? session : { kind: 'session', session };
}

/**
 * The user that is named, with a password that is asked for where none is given; undefined when
 * nobody is named.
 *
 * @throws PortcullisError USAGE for a name or a password that nobody can have
 * @param options.fromFiles whether the user of the files counts as named
 */
export async function askCredentials(
  { username, password }: NamedUser,
  settings: AdminSettings,
  { fromFiles }: { readonly fromFiles: boolean },
): Promise<Identity | Failure | undefined> {
  const name = username ?? (fromFiles ? settings.username : undefined);
  if (name === undefined) return undefined;
  const known = password ?? (name === settings.username ? settings.password : undefined);
  const typed = known ?? (await readSecret('Enter password: '));
  if (typed === undefined) return aborted();
  refuseImpossible(name, typed);
  return { kind: 'password', username: name, password: typed };
}

/** What Basic cannot carry, and what is nobody's password: the server would call either wrong. */
function refuseImpossible(name: string, password: string): void {
  if (name === '' || name.includes(':')) {
    const right = 'a login has one character or more, and no colon';
    throw new PortcullisError('USAGE', `Cannot call as ${JSON.stringify(name)}: ${right}`);
  }
  if (password.length > 0) return;
  throw new PortcullisError(
    'USAGE',
    'Cannot use an empty password: type it at a terminal, or give it as -p or as the first line of the standard input',
  );
}

export function aborted(): Failure {
  return new Failure({ title: 'Aborted', lines: [], exitCode: exitCodes.aborted });
}
