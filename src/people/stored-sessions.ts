/** Verifies the sessions of the store's users for rules. */

import type { SessionVerifier } from '../identity/session-verifier.ts';
import type { Admitted, StoredSessions, UserVerdict, VerifiedCertificate } from '../plugin.ts';
import { admit } from './admission.ts';
import type { Directory } from './directory.ts';

export interface StoredSessionParts {
  readonly directory: Directory;
  readonly sessions: SessionVerifier;
}

/**
 * A certificate of our own CA, of a session that is open, of the user whose id is in it: a login may
 * be another person's by now. A consumer's is none, whatever its name.
 */
export function createStoredSessions({
  directory,
  sessions,
}: StoredSessionParts): (admitted: Admitted) => StoredSessions {
  return (admitted) => ({
    verify: async (presented) => {
      const verdict = await sessions.verify(presented);
      if (!verdict.valid) return refuse(`it is no session certificate: ${verdict.reason}`);
      const { holder, certificate } = verdict;
      if (holder.kind !== 'user') return refuse('it is the certificate of a consumer');
      const problem = await sessionProblem(certificate, holder.id, directory);
      if (problem !== undefined) return refuse(problem);
      const name = JSON.stringify(holder.login);
      const user = await directory.user(holder.login);
      if (user === undefined) return refuse(`the store has no user ${name}`);
      if (user.id !== holder.id) return refuse(`it is of an earlier user ${name}, who was deleted`);
      const admission = await admit(user, admitted, directory);
      return admission.outcome === 'admitted'
        ? { ...admission, until: certificate.chainNotAfter }
        : admission;
    },
  });
}

async function sessionProblem(
  certificate: VerifiedCertificate,
  user: string,
  directory: Directory,
): Promise<string | undefined> {
  const denial = await directory.denialOf(certificate);
  if (denial !== undefined) return `it is on the deny-list of the store: ${denial}`;
  const isOpen = await directory.isSessionOpen(certificate.serial, user);
  return isOpen ? undefined : 'its session has ended';
}

function refuse(reason: string): UserVerdict {
  return { outcome: 'refused', reason };
}
