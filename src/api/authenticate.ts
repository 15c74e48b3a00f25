/**
 * Finds out who calls, in Pulp's order: the front's word, Basic, a session certificate. The first that
 * is there decides: a wrong password is not made good by a certificate beside it.
 */

import type { IncomingMessage } from 'node:http';
import { parseAuthorization } from '../http/basic.ts';
import type { ClientCertificate, Evidence } from '../model.ts';
import { idsOfCertificate } from '../people/certificate-name.ts';
import type { VerifiedCertificate } from '../plugin.ts';
import type { Caller } from './caller.ts';
import { unauthenticated } from './failures.ts';
import type { Failure } from './outcome.ts';
import type { ApiParts } from './parts.ts';
import { PasswordCheck } from './password-check.ts';

export type Authenticate = (request: IncomingMessage) => Promise<Caller | Failure>;

export function createAuthenticate(parts: ApiParts): Authenticate {
  const passwords = new PasswordCheck(parts);
  return (request) => authenticate(request, parts, passwords);
}

async function authenticate(
  request: IncomingMessage,
  parts: ApiParts,
  passwords: PasswordCheck,
): Promise<Caller | Failure> {
  // What cannot be read is wrong credentials here: clients of the API understand nothing but 401.
  if (parseAuthorization(request.headers.authorization).kind === 'malformed') {
    return unauthenticated('invalid_username_or_password', { user: '' });
  }
  const { remoteUser, basic, certificate, address }: Evidence = parts.readEvidence(request);
  if (remoteUser !== undefined && remoteUser !== '') return byRemoteUser(remoteUser, parts);
  if (basic !== undefined) return passwords.check(basic, address);
  if (certificate === undefined) return unauthenticated('authentication_failed');
  if ('unusable' in certificate) return unauthenticated('invalid_ssl_certificate', { user: '' });
  return byCertificate(certificate, parts);
}

async function byRemoteUser(login: string, { people }: ApiParts): Promise<Caller | Failure> {
  const user = await people.users.byLogin(login);
  return user === undefined || user.isDisabled
    ? unauthenticated('pre_auth_remote_user_missing', { user: login })
    : { login, user, session: undefined };
}

/**
 * A certificate of our CA, of a session that is open, of the user whose id is in it: a login may be
 * another person's by now. A consumer's is none, whatever its name.
 */
async function byCertificate(
  certificate: ClientCertificate,
  { sessionVerifier, people }: ApiParts,
): Promise<Caller | Failure> {
  const refuse = (user: string): Failure => unauthenticated('invalid_ssl_certificate', { user });
  // A certificate is no secret. Only who saw the TLS handshake knows that the client has its key.
  if (certificate.vouchedBy === 'client') return refuse('');
  const verdict = await sessionVerifier.verify(certificate);
  if (!verdict.valid || verdict.holder.kind !== 'user') return refuse('');
  const { holder, certificate: verified } = verdict;
  const user = await people.users.byLogin(holder.login);
  if (user === undefined || user.isDisabled || user._id !== holder.id) return refuse(holder.login);
  const { serial } = verified;
  if (!(await people.sessions.isOpen(serial, user._id))) return refuse(holder.login);
  if (await isDenied(verified, people)) return refuse(holder.login);
  return { login: user.login, user, session: serial };
}

async function isDenied(
  certificate: VerifiedCertificate,
  { denied }: ApiParts['people'],
): Promise<boolean> {
  const found = await Promise.all(idsOfCertificate(certificate).map((id) => denied.byId(id)));
  return found.some((entry) => entry !== undefined);
}
