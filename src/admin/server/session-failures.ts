/** The failures after which somebody has to log in. */

import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';

const again = 'Log in again: portcullis-admin login -u NAME';

/** @param when what is known of it, as `It ended at …` */
export function sessionExpired(when: string): Failure {
  return new Failure({
    title: 'Session Expired',
    lines: [when, again],
    exitCode: exitCodes.permission,
    kind: 'session-over',
  });
}

export function sessionRefused(): Failure {
  return sessionExpired(
    'The server no longer accepts the session certificate: the session was ended, or it is of another server.',
  );
}

export function notLoggedIn(): Failure {
  return new Failure({
    title: 'Authentication Failed',
    lines: [
      'Nobody is logged in, and the server asks who calls.',
      'Log in: portcullis-admin login -u NAME',
    ],
    exitCode: exitCodes.permission,
  });
}
