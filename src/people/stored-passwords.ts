/** Verifies the passwords of the store's users for rules. */

import type { AttemptLimiter } from '../identity/attempt-limiter.ts';
import { guardAttempts } from '../identity/guarded-passwords.ts';
import type { PasswordHasher } from '../identity/password-hasher.ts';
import type { VerifiedPasswords } from '../identity/verified-passwords.ts';
import type { Admitted, PasswordAttempt, StoredUsers, UserVerdict } from '../plugin.ts';
import { admit } from './admission.ts';
import type { Directory, DirectoryUser } from './directory.ts';

export interface StoredPasswordParts {
  readonly directory: Directory;
  readonly passwords: PasswordHasher;
  /** One for all passwords of a process. */
  readonly attempts: AttemptLimiter;
  readonly verified: VerifiedPasswords;
}

type Answer =
  | { readonly isRight: true; readonly user: DirectoryUser }
  /** `reason` is for the operator. */
  | { readonly isRight: false; readonly reason: string };

/**
 * The password comes first: who is named by the rule, and who is disabled or unknown, is said of
 * nobody without it, and all refusals take as long (T47).
 */
export function createStoredPasswords(
  parts: StoredPasswordParts,
): (admitted: Admitted) => StoredUsers {
  const guarded = guardAttempts(
    (attempt, signal) => verify(attempt, signal, parts),
    parts.attempts,
  );
  return (admitted) => ({
    verify: async (attempt, signal) => {
      const answer = (await recall(attempt, parts)) ?? (await guarded(attempt, signal));
      if (!('isRight' in answer)) return answer;
      return answer.isRight
        ? admit(answer.user, admitted, parts.directory)
        : { outcome: 'refused', reason: answer.reason };
    },
  });
}

/** Whom a rule would let in if the password were right: for a request that is only played. */
export async function admitByName(
  login: string,
  admitted: Admitted,
  directory: Directory,
): Promise<UserVerdict> {
  const user = await directory.user(login);
  if (user === undefined || user.isDisabled || user.hash === undefined) {
    return { outcome: 'refused', reason: refusalOf(login, user) };
  }
  return admit(user, admitted, directory);
}

/** A password that was right a moment ago is so while what is stored for the user is the same. */
async function recall(
  { user: login, password }: PasswordAttempt,
  { directory, verified }: StoredPasswordParts,
): Promise<Answer | undefined> {
  const stored = verified.recall(login, password);
  if (stored === undefined) return undefined;
  const user = await directory.user(login);
  return user !== undefined && user.hash === stored ? { isRight: true, user } : undefined;
}

async function verify(
  { user: login, password }: PasswordAttempt,
  signal: AbortSignal,
  { directory, passwords, verified }: StoredPasswordParts,
): Promise<Answer> {
  const user = await directory.user(login);
  const stored = user?.isDisabled === false ? user.hash : undefined;
  const { outcome } = await passwords.verify(password, stored, signal);
  if (user === undefined || stored === undefined || outcome === 'wrong') {
    return { isRight: false, reason: refusalOf(login, user) };
  }
  verified.keep(login, password, stored);
  return { isRight: true, user };
}

function refusalOf(login: string, user: DirectoryUser | undefined): string {
  const name = JSON.stringify(login);
  if (user === undefined) return `the store has no user ${name}`;
  if (user.isDisabled) return `the user ${name} is disabled`;
  if (user.hash === undefined) return `the user ${name} has no password`;
  return `the password of ${name} is wrong`;
}
