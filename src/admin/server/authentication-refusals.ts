/** The refusals that are about who calls: 401, and the front's own. */

import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { type Fields, fieldsOf, textOf } from '../untrusted.ts';
import type { Identity } from './identity.ts';
import { notLoggedIn, sessionExpired, sessionRefused } from './session-failures.ts';

export function frontRefused(identity: Identity): Failure {
  if (identity.kind === 'session') {
    return sessionExpired('The web server does not accept the session certificate.');
  }
  return new Failure({
    title: 'Forbidden',
    lines: [
      'The web server before the API wants a client certificate of everybody.',
      'Whoever runs it can have it ask for one without need of it: ssl_verify_client optional_no_ca in nginx.',
    ],
    exitCode: exitCodes.software,
  });
}

export function unauthenticated(fields: Fields, identity: Identity, resource: string): Failure {
  const code = textOf(fields.auth_error_code);
  if (code === 'permission_denied') return permissionDenied(fields, resource);
  if (identity.kind === 'session') return sessionRefused();
  if (identity.kind === 'none') return notLoggedIn();
  const isPassword = code === 'invalid_username_or_password' || code === '';
  const text = textOf(fields.error_message);
  return new Failure({
    title: titles.get(code) ?? 'Authentication Failed',
    lines: isPassword
      ? [
          `The server does not know ${identity.username} with this password.`,
          'Try again: portcullis-admin login -u NAME asks for the password.',
        ]
      : [text === '' ? 'The server does not say why.' : text],
    exitCode: exitCodes.permission,
  });
}

const titles: ReadonlyMap<string, string> = new Map([
  ['', 'Invalid Username or Password'],
  ['invalid_username_or_password', 'Invalid Username or Password'],
  ['invalid_ssl_certificate', 'Invalid SSL Certificate'],
  ['invalid_oauth_credentials', 'Invalid OAuth Credentials'],
  ['pre_auth_remote_user_missing', 'Unknown Remote User'],
]);

function permissionDenied(fields: Fields, resource: string): Failure {
  const { user, operation } = fieldsOf(fieldsOf(fields.error).data);
  const [who, what] = [textOf(user), textOf(operation)];
  const isWhole = who !== '' && what !== '';
  const names = `--resource=${shellWord(resource)} --login=${shellWord(who)} --operation=${shellWord(what)}`;
  return new Failure({
    title: 'Insufficient Permissions',
    lines: isWhole
      ? [
          `${who} does not have the permission ${what} on ${resource}.`,
          `Somebody of the role super-users can grant it: portcullis-admin auth permission grant ${names}`,
        ]
      : [textOf(fields.error_message) || 'A permission is missing.'],
    exitCode: exitCodes.permission,
  });
}

/** What is copied from a terminal into a shell is one word there, whatever the server calls it. */
function shellWord(text: string): string {
  return /^[\w./@+:-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
