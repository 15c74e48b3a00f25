/** Puts a bound on attempts before passwords, wherever they are kept. */

import type { PasswordAttempt, PasswordFile, PasswordVerdict } from '../plugin.ts';
import type { AttemptLimiter } from './attempt-limiter.ts';
import type { PasswordHashes } from './password-file.ts';

export type TooMany = Extract<PasswordVerdict, { readonly outcome: 'too-many' }>;

/** Verifies one password, however dear that is. */
export type Verify<Answer extends { readonly isRight: boolean }> = (
  attempt: PasswordAttempt,
  signal: AbortSignal,
) => Promise<Answer>;

/** @param limiter one for all passwords of a process: guessing goes on from one list to the next */
export function guardPasswords(hashes: PasswordHashes, limiter: AttemptLimiter): PasswordFile {
  const verify = guardAttempts(
    async ({ user, password }, signal) => ({
      isRight: await hashes.verify(user, password, signal),
    }),
    limiter,
  );
  return {
    users: hashes.users,
    verify: async (attempt, signal) => {
      const answer = await verify(attempt, signal);
      return 'isRight' in answer ? { outcome: answer.isRight ? 'right' : 'wrong' } : answer;
    },
  };
}

/**
 * A fleet that shares a password comes all at once, so attempts that are equal and under way at the
 * same time are verified once, and count once.
 */
export function guardAttempts<Answer extends { readonly isRight: boolean }>(
  verify: Verify<Answer>,
  limiter: AttemptLimiter,
): (attempt: PasswordAttempt, signal: AbortSignal) => Promise<Answer | TooMany> {
  const underWay = new Map<string, Promise<Answer | TooMany>>();
  return (attempt, signal) => {
    const key = JSON.stringify([attempt.user, attempt.password, attempt.address]);
    const running = underWay.get(key);
    if (running !== undefined) return running;
    const answer = verifyOnce(verify, limiter, attempt, signal);
    underWay.set(key, answer);
    const forget = (): boolean => underWay.delete(key);
    answer.then(forget, forget);
    return answer;
  };
}

async function verifyOnce<Answer extends { readonly isRight: boolean }>(
  verify: Verify<Answer>,
  limiter: AttemptLimiter,
  written: PasswordAttempt,
  signal: AbortSignal,
): Promise<Answer | TooMany> {
  const attempt = limiter.begin(written.user, written.address);
  if ('retryAfterSeconds' in attempt) return { outcome: 'too-many', ...attempt };
  try {
    const answer = await verify(written, signal);
    if (answer.isRight) attempt.succeeded();
    return answer;
  } catch (error) {
    attempt.abandoned();
    throw error;
  }
}
