/** How a password is refused, wherever it is kept. */

import type { Decision, PasswordAttempt, Remember } from 'portcullis/plugin';

/** Verifies the password before anything else is said of the user, so that all refusals take as long. */
export type CheckPassword = (attempt: PasswordAttempt, signal: AbortSignal) => Promise<Decision>;

/** What is right is so for a minute; of the store's users, until their accounts change. */
export const remember: Remember = { seconds: 60, scope: 'distribution' };

export function refuse(reason: string): Decision {
  return { outcome: 'deny', reason, challenge: 'basic' };
}

/** @param name in quotes */
export function refuseForNow(name: string, retryAfterSeconds: number): Decision {
  const reason = `too many wrong passwords were tried for ${name} or from its network`;
  return { outcome: 'deny', reason, retryAfterSeconds };
}
