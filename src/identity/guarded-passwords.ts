/** Puts a bound on attempts before the passwords of a file. */

import type { PasswordAttempt, PasswordFile, PasswordVerdict } from '../plugin.ts';
import type { AttemptLimiter } from './attempt-limiter.ts';
import type { PasswordHashes } from './password-file.ts';

/**
 * A fleet that shares a password comes all at once, so attempts that are equal and under way at the
 * same time are verified once, and count once.
 *
 * @param limiter one for all files of a process: guessing goes on from one to the next
 */
export function guardPasswords(hashes: PasswordHashes, limiter: AttemptLimiter): PasswordFile {
  const underWay = new Map<string, Promise<PasswordVerdict>>();
  return {
    users: hashes.users,
    verify: (attempt, signal) => {
      const key = JSON.stringify([attempt.user, attempt.password, attempt.address]);
      const running = underWay.get(key);
      if (running !== undefined) return running;
      const verdict = verifyOnce(hashes, limiter, attempt, signal);
      underWay.set(key, verdict);
      const forget = (): boolean => underWay.delete(key);
      verdict.then(forget, forget);
      return verdict;
    },
  };
}

async function verifyOnce(
  hashes: PasswordHashes,
  limiter: AttemptLimiter,
  { user, password, address }: PasswordAttempt,
  signal: AbortSignal,
): Promise<PasswordVerdict> {
  const attempt = limiter.begin(user, address);
  if ('retryAfterSeconds' in attempt) return { outcome: 'too-many', ...attempt };
  try {
    const isRight = await hashes.verify(user, password, signal);
    if (isRight) attempt.succeeded();
    return { outcome: isRight ? 'right' : 'wrong' };
  } catch (error) {
    attempt.abandoned();
    throw error;
  }
}
