/** Verifies the passwords of users, with a bound on how often that is tried in vain. */

import { messageOf } from '../errors.ts';
import { readPassword } from '../identity/password-text.ts';
import type { BasicCredentials } from '../model.ts';
import type { Caller } from './caller.ts';
import { invalidValue, tooManyAttempts, unauthenticated } from './failures.ts';
import { Failure } from './outcome.ts';
import type { ApiParts } from './parts.ts';
import type { User } from './people/documents.ts';

const neverAborted = new AbortController().signal;

export async function hashPassword(
  text: string,
  { passwords }: Pick<ApiParts, 'passwords'>,
): Promise<string | Failure> {
  const password = readPassword(text);
  if ('problem' in password) return invalidValue('password', password.problem);
  return passwords.hash(password, neverAborted);
}

/**
 * Attempts that are equal and under way at the same time are verified once, and count once: scripts
 * send many calls at a time, each with the password.
 */
export class PasswordCheck {
  readonly #parts: ApiParts;
  readonly #underWay = new Map<string, Promise<Caller | Failure>>();

  constructor(parts: ApiParts) {
    this.#parts = parts;
  }

  check(
    { user, password }: BasicCredentials,
    address: string | undefined,
  ): Promise<Caller | Failure> {
    const key = JSON.stringify([user, password, address]);
    const running = this.#underWay.get(key);
    if (running !== undefined) return running;
    const verdict = this.#verify(user, password, address);
    this.#underWay.set(key, verdict);
    const forget = (): boolean => this.#underWay.delete(key);
    verdict.then(forget, forget);
    return verdict;
  }

  /** An unknown user, one without a password and a wrong password are one, in time as well (T47). */
  async #verify(
    login: string,
    password: string,
    address: string | undefined,
  ): Promise<Caller | Failure> {
    const { attempts, passwords, people } = this.#parts;
    const attempt = attempts.begin(login, address);
    if ('retryAfterSeconds' in attempt) return tooManyAttempts(attempt.retryAfterSeconds);
    try {
      const user = await people.users.byLogin(login);
      const stored = user?.isDisabled ? undefined : user?.password;
      const match = await passwords.verify(password, stored ?? undefined, neverAborted);
      if (match.outcome === 'wrong' || user === undefined) {
        return unauthenticated('invalid_username_or_password', { user: login });
      }
      attempt.succeeded();
      if (match.isAged) await this.#rehash(user, password);
      return { login: user.login, user, session: undefined };
    } catch (error) {
      attempt.abandoned();
      throw error;
    }
  }

  /** The caller is who they say; that the hash stays as it was for now is nothing to them. */
  async #rehash(user: User, password: string): Promise<void> {
    const { people, log } = this.#parts;
    try {
      const hash = await hashPassword(password, this.#parts);
      if (!(hash instanceof Failure)) await people.users.rehash(user, hash);
    } catch (error) {
      const { login } = user;
      log.warn('The hash of a password was not renewed', { login, error: messageOf(error) });
    }
  }
}
