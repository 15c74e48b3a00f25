/**
 * Passwords where a request is only played: those that are tried count as guesses of who explains, so
 * that no client has to wait for them; one that was not given is taken for right. Nothing is remembered.
 */

import type { AttemptLimiter } from '../identity/attempt-limiter.ts';
import { guardPasswords } from '../identity/guarded-passwords.ts';
import type { PasswordHashes } from '../identity/password-file.ts';
import type { Directory } from '../people/directory.ts';
import { admitByName } from '../people/stored-passwords.ts';
import type { Admitted, PasswordAttempt, PasswordFile, StoredUsers } from '../plugin.ts';
import { type Player, playedRule } from './playing.ts';

/** @param guesses of all who play */
export function playablePasswordFile(
  hashes: PasswordHashes,
  attempts: AttemptLimiter,
  guesses: AttemptLimiter,
): PasswordFile {
  const ofClients = guardPasswords(hashes, attempts);
  const ofPlayers = guardPasswords(hashes, guesses);
  return {
    users: hashes.users,
    verify: async (attempt, signal) => {
      const played = playedRule();
      if (played === undefined) return ofClients.verify(attempt, signal);
      if (played.isPasswordAssumed) {
        return { outcome: hashes.users.has(attempt.user) ? 'right' : 'wrong' };
      }
      return ofPlayers.verify(guessOf(attempt, played), signal);
    },
  };
}

export function playableStoredUsers(
  ofClients: (admitted: Admitted) => StoredUsers,
  ofPlayers: (admitted: Admitted) => StoredUsers,
  directory: Directory,
): (admitted: Admitted) => StoredUsers {
  return (admitted) => {
    const [clients, players] = [ofClients(admitted), ofPlayers(admitted)];
    return {
      verify: async (attempt, signal) => {
        const played = playedRule();
        if (played === undefined) return clients.verify(attempt, signal);
        if (played.isPasswordAssumed) return admitByName(attempt.user, admitted, directory);
        return players.verify(guessOf(attempt, played), signal);
      },
    };
  };
}

/** All guesses of one who explains come from one place, whatever address is played. */
function guessOf(attempt: PasswordAttempt, { guesser }: Player): PasswordAttempt {
  // The limiter takes the last part of an address off: a login has no such part.
  return { ...attempt, address: guesser === undefined ? undefined : `${guesser}.` };
}
