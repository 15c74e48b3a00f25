/** What the command line of `portcullis explain` says of a request, and what the store knows of it. */

import { readFile } from 'node:fs/promises';
import type { ExplainQuery } from '../access/explanation.ts';
import type { Missing } from '../audit/play-decision.ts';
import { PortcullisError, systemReason } from '../errors.ts';
import type { Explainer, LoggedDecision } from '../explainer.ts';
import { withoutPrivateKeys } from '../pem.ts';
import { normalizeFingerprint } from '../plugin.ts';
import { readSecret } from '../terminal/prompt.ts';
import { usage } from './arguments.ts';
import type { Arguments, Command } from './command.ts';

/** As it was given: nothing is looked up for it yet. */
export interface GivenRequest {
  readonly target: string | undefined;
  readonly requestId: string | undefined;
  readonly fingerprint: string | undefined;
  readonly evidence: Omit<ExplainQuery, 'target'>;
}

export interface AskedRequest {
  readonly query: ExplainQuery;
  /** Undefined for a request that nobody made. */
  readonly logged: LoggedDecision | undefined;
}

/** @throws PortcullisError USAGE, FILE_UNREADABLE */
export async function readGivenRequest(
  command: Command,
  { words, options }: Arguments,
): Promise<GivenRequest> {
  const requestId = options.get('request-id');
  const [target] = words;
  if ((target === undefined) === (requestId === undefined)) {
    throw usage(command, 'Cannot tell what to play: give either TARGET or --request-id');
  }
  refuseContradictions(command, options);
  const written = options.get('fingerprint');
  const fingerprint = written === undefined ? undefined : normalizeFingerprint(written);
  if (written !== undefined && fingerprint === undefined) {
    throw usage(command, 'Cannot use --fingerprint: expected a SHA-256 of 64 hex digits');
  }
  return { target, requestId, fingerprint, evidence: await readEvidence(command, options) };
}

/**
 * Completes it by the store: the request of the log, and the certificate of a fingerprint.
 *
 * @throws PortcullisError USAGE for what the store does not know; STORE_…
 */
export async function completeRequest(
  command: Command,
  { target, requestId, fingerprint, evidence }: GivenRequest,
  explainer: Pick<Explainer, 'logged' | 'seenCertificate'>,
): Promise<AskedRequest> {
  const found = fingerprint && (await explainer.seenCertificate(fingerprint));
  if (fingerprint !== undefined && found === undefined) {
    throw usage(
      command,
      'Cannot use --fingerprint: the store knows no such certificate; give --cert',
    );
  }
  const given = { ...evidence, ...(found !== undefined && { certificatePem: found }) };
  if (requestId === undefined)
    return { query: { ...given, target: target ?? '' }, logged: undefined };
  const logged = await explainer.logged(requestId);
  if (logged === undefined) {
    throw usage(
      command,
      'Cannot explain that request: the decision log of the store has none of this id. It has those that Portcullis decided with audit.inStore, a second later; what nginx refused by itself is in nginx.refusalLog',
    );
  }
  if (logged.request === undefined) {
    throw usage(command, `Cannot explain that request: its method is ${logged.entry.method}`);
  }
  const { user, ...request } = logged.request;
  const kept = given.bearer === undefined && user !== undefined ? { user } : {};
  const missing = logged.missing.filter((part) => !isGiven(part, given));
  return { query: { ...request, ...kept, ...given }, logged: { ...logged, missing } };
}

/** A query is part of TARGET, which no request of the log takes. */
function isGiven(part: Missing, given: GivenRequest['evidence']): boolean {
  if (part === 'query') return false;
  return given[propertyOfMissing[part]] !== undefined;
}

const propertyOfMissing = {
  password: 'password',
  token: 'bearer',
  certificate: 'certificatePem',
} as const;

function refuseContradictions(command: Command, options: Arguments['options']): void {
  if (options.has('user') && options.has('bearer')) {
    throw usage(command, 'Cannot use --user and --bearer: a request has one Authorization header');
  }
  if (options.has('cert') && options.has('fingerprint')) {
    throw usage(command, 'Cannot use --cert and --fingerprint: a client has one certificate');
  }
  for (const name of ['password-stdin', 'assume-password']) {
    if (options.has(name) && !options.has('user')) {
      throw usage(command, `Cannot use --${name}: it needs --user`);
    }
  }
}

/** What is not given is not there: the log may know it. */
async function readEvidence(
  command: Command,
  options: Arguments['options'],
): Promise<GivenRequest['evidence']> {
  const cert = options.get('cert');
  const user = options.get('user');
  const bearer = options.get('bearer');
  const remoteUser = options.get('remote-user');
  const address = options.get('address');
  const method = options.get('method');
  const isPasswordGiven = user !== undefined && !options.has('assume-password');
  return {
    ...(method !== undefined && { method: readMethod(command, method) }),
    ...(options.has('plain-http') && { secure: false }),
    ...(cert !== undefined && {
      certificatePem: withoutPrivateKeys(await readGiven('certificate', cert)),
    }),
    ...(user !== undefined && { user }),
    ...(isPasswordGiven && { password: await readPassword(command, user, options) }),
    ...(bearer !== undefined && { bearer: firstLine(await readGiven('token', bearer)) }),
    ...(remoteUser !== undefined && { remoteUser }),
    ...(address !== undefined && { address }),
  };
}

function readMethod(command: Command, method: string): 'GET' | 'HEAD' {
  if (method === 'GET' || method === 'HEAD') return method;
  throw usage(command, 'Cannot play such a method: expected --method GET or --method HEAD');
}

async function readGiven(what: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const message = `Cannot read the ${what} ${file}: ${systemReason(cause)}`;
    throw new PortcullisError('FILE_UNREADABLE', message, { cause });
  }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]?.trimEnd() ?? '';
}

async function readPassword(
  command: Command,
  user: string,
  options: Arguments['options'],
): Promise<string> {
  const typed = await readSecret(`Password of ${user}: `, {
    fromLine: options.has('password-stdin'),
  });
  if (typed !== undefined) return typed;
  throw usage(command, 'Cannot explain without the password: it was not given');
}
