/** The passwords of the store's users. */

import type { Services } from 'portcullis/plugin';
import type { StoreOptions } from './options.ts';
import { type CheckPassword, refuse, refuseForNow, remember } from './refusal.ts';

export async function openStoredPasswords(
  { users, roles }: StoreOptions,
  services: Services,
): Promise<CheckPassword> {
  const stored = await services.openStoredUsers({ users, roles });
  return async (attempt, signal) => {
    const verdict = await stored.verify(attempt, signal);
    switch (verdict.outcome) {
      case 'admitted':
        return {
          outcome: 'allow',
          principal: { kind: 'user', name: verdict.user.login },
          remember,
        };
      case 'refused':
        return refuse(verdict.reason);
      case 'too-many':
        return refuseForNow(JSON.stringify(attempt.user), verdict.retryAfterSeconds);
    }
  };
}
