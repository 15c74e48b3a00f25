/** Verifies the certificates of consumers for rules. */

import type { SessionVerifier } from '../identity/session-verifier.ts';
import type { ConsumerVerdict, StoredConsumers, VerifiedCertificate } from '../plugin.ts';
import type { KnownConsumers } from './known-consumers.ts';

export interface StoredConsumerParts {
  readonly known: Pick<KnownConsumers, 'byId' | 'isBound'>;
  readonly sessions: SessionVerifier;
  /** Why a certificate is on the deny-list; undefined when it is not. */
  readonly denialOf: (certificate: VerifiedCertificate) => Promise<string | undefined>;
}

/**
 * A certificate of our own CA that the store has for a consumer that is registered, of the very
 * registration that is in it: an id may be another host's by now. A user's is none, whatever its name.
 */
export function createStoredConsumers(parts: StoredConsumerParts): StoredConsumers {
  return { verify: (presented, repository) => verify(presented, repository, parts) };
}

async function verify(
  presented: Parameters<StoredConsumers['verify']>[0],
  repository: string,
  { known, sessions, denialOf }: StoredConsumerParts,
): Promise<ConsumerVerdict> {
  const verdict = await sessions.verify(presented);
  if (!verdict.valid) return refuse(`it is no certificate of a consumer: ${verdict.reason}`);
  const { holder, certificate } = verdict;
  if (holder.kind !== 'consumer') return refuse("it is the certificate of a user's session");
  const denial = await denialOf(certificate);
  if (denial !== undefined) return refuse(`it is on the deny-list of the store: ${denial}`);
  const { id, record } = holder;
  const name = JSON.stringify(id);
  const consumer = await known.byId(id);
  if (consumer === undefined) return refuse(`the store has no consumer ${name}`);
  if (consumer.record !== record) {
    return refuse(`it is of an earlier consumer ${name}, which was deleted`);
  }
  if (!consumer.serials.has(certificate.serial)) {
    return refuse(`the consumer ${name} has other certificates in its place`);
  }
  if (!(await known.isBound(id, record, repository))) {
    return refuse(`the consumer ${name} is not bound to ${JSON.stringify(repository)}`);
  }
  const { displayName } = consumer;
  return {
    outcome: 'admitted',
    id,
    displayName: displayName === id ? undefined : displayName,
    until: certificate.chainNotAfter,
  };
}

function refuse(reason: string): ConsumerVerdict {
  return { outcome: 'refused', reason };
}
