/** Verifies the certificates of consumers for rules. */

import { parseCertificate } from '../identity/certificate.ts';
import { type ConsumerHolder, readHolder } from '../identity/certificate-holder.ts';
import type { SessionVerdict, SessionVerifier } from '../identity/session-verifier.ts';
import type { ConsumerVerdict, StoredConsumers, VerifiedCertificate } from '../plugin.ts';
import type { KnownConsumer, KnownConsumers } from './known-consumers.ts';

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

type Presented = Parameters<StoredConsumers['verify']>[0];

async function verify(
  presented: Presented,
  repository: string,
  { known, sessions, denialOf }: StoredConsumerParts,
): Promise<ConsumerVerdict> {
  const verdict = await verifySession(presented, sessions);
  if ('fault' in verdict) {
    const reason = await whyRefusedAnyway(presented, repository, known);
    if (reason === undefined) throw verdict.fault;
    return refuse(reason);
  }
  if (!verdict.valid) return refuse(`it is no certificate of a consumer: ${verdict.reason}`);
  const { holder, certificate } = verdict;
  if (holder.kind !== 'consumer') return refuse("it is the certificate of a user's session");
  const denial = await denialOf(certificate);
  if (denial !== undefined) return refuse(`it is on the deny-list of the store: ${denial}`);
  const found = await findBound(holder, certificate.serial, repository, known);
  if ('reason' in found) return refuse(found.reason);
  const { displayName } = found;
  return {
    outcome: 'admitted',
    id: holder.id,
    displayName: displayName === holder.id ? undefined : displayName,
    until: certificate.chainNotAfter,
  };
}

/** A host may have no CA of sessions: what is asked of it then is a fault. */
async function verifySession(
  presented: Presented,
  sessions: SessionVerifier,
): Promise<SessionVerdict | { readonly fault: unknown }> {
  try {
    return await sessions.verify(presented);
  } catch (fault) {
    return { fault };
  }
}

/**
 * Why a certificate lets nobody in, whoever signed it: so that strangers are refused, and no fault, where
 * there is no CA to judge by. Nothing that it says of itself is believed in its favour.
 */
async function whyRefusedAnyway(
  { der }: Presented,
  repository: string,
  known: StoredConsumerParts['known'],
): Promise<string | undefined> {
  const certificate = parseCertificate(der);
  if ('problem' in certificate) return certificate.problem;
  const holder = readHolder(certificate.subject);
  if (holder?.kind !== 'consumer') return 'it is no certificate of a consumer: it names none';
  const found = await findBound(holder, certificate.serial, repository, known);
  return 'reason' in found ? found.reason : undefined;
}

async function findBound(
  { id, record }: ConsumerHolder,
  serial: string,
  repository: string,
  known: StoredConsumerParts['known'],
): Promise<KnownConsumer | { readonly reason: string }> {
  const name = JSON.stringify(id);
  const consumer = await known.byId(id);
  if (consumer === undefined) return { reason: `the store has no consumer ${name}` };
  if (consumer.record !== record) {
    return { reason: `it is of an earlier consumer ${name}, which was deleted` };
  }
  if (!consumer.serials.has(serial)) {
    return { reason: `the consumer ${name} has other certificates in its place` };
  }
  const isBound = await known.isBound(id, record, repository);
  if (isBound) return consumer;
  return { reason: `the consumer ${name} is not bound to ${JSON.stringify(repository)}` };
}

function refuse(reason: string): ConsumerVerdict {
  return { outcome: 'refused', reason };
}
