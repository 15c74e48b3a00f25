/** Why no answer came, in words that say what to do next. */

import { messageOf, systemCodeOf } from '../../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import type { AdminSettings } from '../settings/settings.ts';
import { ExchangeLimitError } from './exchange.ts';
import type { Identity } from './identity.ts';
import { sessionExpired, sessionRefused } from './session-failures.ts';

/** OpenSSL's words, as Node names them, for a chain that ends nowhere. */
const untrusted = new Set([
  'CERT_CHAIN_TOO_LONG',
  'CERT_REJECTED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** @param error what `exchange` threw */
export function connectionFailure(
  error: unknown,
  settings: AdminSettings,
  identity: Identity,
): Failure {
  const code = systemCodeOf(error) ?? '';
  const where = `${settings.host}, port ${settings.port}`;
  return (
    tlsFailure(code, settings, identity) ??
    addressFailure(code, settings, where) ??
    new Failure({
      title: 'Connection Error',
      lines: [
        `Cannot speak with ${where}: ${reasonOf(error, code)}.`,
        'Try again; if it stays, ask whether the server is at work: portcullis-admin status',
      ],
      exitCode: exitCodes.connection,
    })
  );
}

function tlsFailure(
  code: string,
  settings: AdminSettings,
  identity: Identity,
): Failure | undefined {
  const { host } = settings;
  if (code.includes('ALERT_CERTIFICATE_EXPIRED')) {
    return sessionExpired('The session certificate has ended.');
  }
  if (identity.kind === 'session' && /ALERT_.*(?:CERTIFICATE|UNKNOWN_CA)/.test(code)) {
    return sessionRefused();
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return new Failure({
      title: 'Wrong Host',
      lines: [
        `The certificate of the server is for another host than ${host}.`,
        'host of the section [server] has to be the name that is in the certificate.',
      ],
      exitCode: exitCodes.data,
    });
  }
  const what = untrusted.has(code)
    ? `The certificate of ${host} is not by an authority that is trusted here.`
    : certificateTimes.get(code)?.(host);
  if (what === undefined) return undefined;
  const trusted = settings.caPath ?? "the system's certificates";
  return new Failure({
    title: 'Untrusted Server',
    lines: [
      what,
      `It was held against ${trusted}; ca_path of the section [server] names the CA of the server.`,
    ],
    exitCode: exitCodes.software,
  });
}

const certificateTimes: ReadonlyMap<string, (host: string) => string> = new Map([
  ['CERT_HAS_EXPIRED', (host) => `The certificate of ${host} has expired.`],
  ['CERT_NOT_YET_VALID', (host) => `The certificate of ${host} is not valid yet.`],
  ['CERT_REVOKED', (host) => `The certificate of ${host} is revoked.`],
]);

function addressFailure(
  code: string,
  { host, namesProxy }: AdminSettings,
  where: string,
): Failure | undefined {
  const what = new Map([
    ['ENOTFOUND', `The name of the host is not known: ${host}.`],
    ['EAI_AGAIN', `The name of the host cannot be looked up at the moment: ${host}.`],
    ['ECONNREFUSED', `Nothing listens at ${where}.`],
  ]).get(code);
  if (what === undefined) return undefined;
  const proxy = namesProxy ? ['proxy_host is set, and proxies are not used.'] : [];
  return new Failure({
    title: 'Cannot Reach the Server',
    lines: [
      what,
      'host and port of the section [server] say where it is, as in ~/.pulp/admin.conf.',
      ...proxy,
    ],
    exitCode: exitCodes.unreachable,
  });
}

function reasonOf(error: unknown, code: string): string {
  if (error instanceof ExchangeLimitError) return error.message;
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'EPROTO') {
    return 'what listens there does not speak TLS';
  }
  return reasons.get(code) ?? messageOf(error);
}

const reasons: ReadonlyMap<string, string> = new Map([
  ['ECONNRESET', 'the connection was broken'],
  ['EPIPE', 'the connection was broken'],
  ['ETIMEDOUT', 'it does not answer'],
  ['EHOSTUNREACH', 'there is no way to it'],
  ['ENETUNREACH', 'there is no way to it'],
]);
