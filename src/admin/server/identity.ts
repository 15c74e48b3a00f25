/** As whom the API is called. */

import { readSecret } from '../../cli/prompt.ts';
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
  return typed === undefined ? aborted() : { kind: 'password', username: name, password: typed };
}

export function aborted(): Failure {
  return new Failure({ title: 'Aborted', lines: [], exitCode: exitCodes.aborted });
}
