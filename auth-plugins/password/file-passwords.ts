/** The passwords of an htpasswd file. */

import type { Services } from 'portcullis/plugin';
import type { FileOptions } from './options.ts';
import { type CheckPassword, refuse, refuseForNow, remember } from './refusal.ts';

/** Throws when the file cannot be used, or does not have a user whom the rule names. */
export async function openFilePasswords(
  { file: written, users }: FileOptions,
  services: Services,
): Promise<CheckPassword> {
  const file = services.resolvePath(written);
  const passwords = await services.openPasswordFile(file);
  const stranger = users?.find((user) => !passwords.users.has(user));
  if (stranger !== undefined) {
    throw new Error(`users names ${JSON.stringify(stranger)}, who is not in ${file}`);
  }
  const admitted = new Set(users ?? passwords.users);
  return async (attempt, signal) => {
    const { user } = attempt;
    const verdict = await passwords.verify(attempt, signal);
    const name = JSON.stringify(user);
    if (verdict.outcome === 'too-many') return refuseForNow(name, verdict.retryAfterSeconds);
    if (!passwords.users.has(user)) return refuse(`there is no user ${name}`);
    if (verdict.outcome === 'wrong') return refuse(`the password of ${name} is wrong`);
    if (!admitted.has(user)) return refuse(`the rule does not name the user ${name}`);
    return { outcome: 'allow', principal: { kind: 'basic', name: user }, remember };
  };
}
