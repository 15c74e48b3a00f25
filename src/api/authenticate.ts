/**
 * Finds out who calls, in Pulp's order: the front's word, Basic, a session certificate. The first that
 * is there decides: a wrong password is not made good by a certificate beside it.
 */

import type { IncomingMessage } from 'node:http';
import { Consumers } from '../consumers/consumers.ts';
import { parseAuthorization } from '../http/basic.ts';
import type { ConsumerHolder, UserHolder } from '../identity/certificate-holder.ts';
import type { ClientCertificate, Evidence } from '../model.ts';
import { idsOfCertificate } from '../people/certificate-name.ts';
import type { VerifiedCertificate } from '../plugin.ts';
import type { Caller, ConsumerCaller } from './caller.ts';
import { unauthenticated } from './failures.ts';
import { Failure } from './outcome.ts';
import type { ApiParts } from './parts.ts';
import { PasswordCheck } from './password-check.ts';

export type Authenticate = (request: IncomingMessage) => Promise<Caller | ConsumerCaller | Failure>;

export function createAuthenticate(parts: ApiParts): Authenticate {
  const passwords = new PasswordCheck(parts);
  const consumers = new Consumers(parts.store, parts.now);
  return (request) => authenticate(request, parts, { passwords, consumers });
}

async function authenticate(
  request: IncomingMessage,
  parts: ApiParts,
  { passwords, consumers }: { readonly passwords: PasswordCheck; readonly consumers: Consumers },
): Promise<Caller | ConsumerCaller | Failure> {
  // What cannot be read is wrong credentials here: clients of the API understand nothing but 401.
  if (parseAuthorization(request.headers.authorization).kind === 'malformed') {
    return unauthenticated('invalid_username_or_password', { user: '' });
  }
  const { remoteUser, basic, certificate, address }: Evidence = parts.readEvidence(request);
  if (remoteUser !== undefined && remoteUser !== '') return byRemoteUser(remoteUser, parts);
  if (basic !== undefined) return passwords.check(basic, address);
  if (certificate === undefined) return unauthenticated('authentication_failed');
  if ('unusable' in certificate) return unauthenticated('invalid_ssl_certificate', { user: '' });
  return byCertificate(certificate, parts, consumers);
}

async function byRemoteUser(login: string, { people }: ApiParts): Promise<Caller | Failure> {
  const user = await people.users.byLogin(login);
  return user === undefined || user.isDisabled
    ? unauthenticated('pre_auth_remote_user_missing', { user: login })
    : { login, user, session: undefined };
}

/** A certificate of our CA: what stands in it says of what kind it is, and nothing turns one into the other. */
async function byCertificate(
  certificate: ClientCertificate,
  { sessionVerifier, people }: ApiParts,
  consumers: Consumers,
): Promise<Caller | ConsumerCaller | Failure> {
  // A certificate is no secret. Only who saw the TLS handshake knows that the client has its key.
  if (certificate.vouchedBy === 'client') return refuseCertificate('');
  const verdict = await sessionVerifier.verify(certificate);
  if (!verdict.valid) return refuseCertificate('');
  const { holder, certificate: verified } = verdict;
  const caller =
    holder.kind === 'user'
      ? await byHolder(holder, verified.serial, people)
      : await byConsumer(holder, verified.serial, consumers);
  if (caller instanceof Failure) return caller;
  return (await isDenied(verified, people)) ? refuseCertificate(caller.login) : caller;
}

/** A session that is open, of the user whose id is in it: a login may be another person's by now. */
async function byHolder(
  { login, id }: UserHolder,
  serial: string,
  people: ApiParts['people'],
): Promise<Caller | Failure> {
  const user = await people.users.byLogin(login);
  if (user === undefined || user.isDisabled || user._id !== id) return refuseCertificate(login);
  const isOpen = await people.sessions.isOpen(serial, user._id);
  return isOpen ? { login: user.login, user, session: serial } : refuseCertificate(login);
}

/** Of the registration that is in it, and one of its certificates that count. */
async function byConsumer(
  { id, record }: ConsumerHolder,
  serial: string,
  consumers: Consumers,
): Promise<ConsumerCaller | Failure> {
  const login = `consumer:${id}` as const;
  const consumer = await consumers.byId(id);
  const isKnown =
    consumer?.record === record && consumer.certificates.some((one) => one.serial === serial);
  return isKnown ? { login, consumer } : refuseCertificate(login);
}

function refuseCertificate(user: string): Failure {
  return unauthenticated('invalid_ssl_certificate', { user });
}

async function isDenied(
  certificate: VerifiedCertificate,
  { denied }: ApiParts['people'],
): Promise<boolean> {
  const found = await Promise.all(idsOfCertificate(certificate).map((id) => denied.byId(id)));
  return found.some((entry) => entry !== undefined);
}
