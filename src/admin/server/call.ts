/** Calls of the API. */

import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import type { AdminSettings } from '../settings/settings.ts';
import { connectionFailure } from './connection-failures.ts';
import { type ExchangeRequest, type ExchangeResponse, exchange } from './exchange.ts';
import type { Identity } from './identity.ts';
import { refusalOf } from './refusals.ts';
import { sessionExpired } from './session-failures.ts';
import { readTrust } from './trust.ts';

export interface ApiCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** The segments below `/v2/`, as they are: not escaped. */
  readonly path: readonly string[];
  readonly query?: readonly (readonly [name: string, value: string])[];
  readonly body?: unknown;
  /** In place of a body of JSON: they are sent as they are, and called JSON as by pulp-admin. */
  readonly bytes?: Uint8Array;
}

/** @returns the JSON of the answer; null for one without a body */
export type CallApi = (call: ApiCall) => Promise<{ readonly body: unknown } | Failure>;

export interface CallerParts {
  readonly settings: AdminSettings;
  /** Asked once, at the first call. */
  readonly identify: () => Promise<Identity | Failure>;
  /** A line for each call, without secrets. */
  readonly trace: (line: string) => void;
}

export function createCaller({ settings, identify, trace }: CallerParts): CallApi {
  let asked: Promise<Identity | Failure> | undefined;
  return async (call) => {
    const target = targetOf(call, settings.apiPrefix);
    if (target instanceof Failure) return target;
    asked ??= identify();
    const identity = await asked;
    if (identity instanceof Failure) return identity;
    if (identity.kind === 'session' && identity.session.notAfter < new Date()) {
      return sessionExpired(`It ended at ${identity.session.notAfterText}.`);
    }
    const ca = settings.verifyTls ? await readTrust(settings.caPath) : undefined;
    if (ca instanceof Failure) return ca;
    const begun = performance.now();
    try {
      const response = await exchange(requestOf(call, target, settings, identity, ca));
      const ms = Math.round(performance.now() - begun);
      trace(`${call.method} ${target} ${response.status} ${ms} ms`);
      return answerOf(response, identity, `/v2/${call.path.map((word) => `${word}/`).join('')}`);
    } catch (error) {
      trace(`${call.method} ${target} without an answer`);
      return connectionFailure(error, settings, identity);
    }
  };
}

/** A segment that is empty or dots would name another resource: the one above it. */
function targetOf({ path, query = [] }: ApiCall, apiPrefix: string): string | Failure {
  const odd = path.find((segment) => /^\.{0,2}$/.test(segment) || !segment.isWellFormed());
  if (odd !== undefined) {
    return new Failure({
      title: 'Invalid Name',
      lines: [`Cannot name a resource ${JSON.stringify(odd)}: that is no name.`],
      exitCode: exitCodes.usage,
    });
  }
  const escaped = path.map((segment) => `${encodeURIComponent(segment)}/`).join('');
  const pairs = new URLSearchParams(
    query.map(([name, value]): [string, string] => [name, value]),
  ).toString();
  return `${apiPrefix}/v2/${escaped}${pairs === '' ? '' : `?${pairs}`}`;
}

function requestOf(
  { method, body, bytes }: ApiCall,
  target: string,
  { host, port, verifyTls }: AdminSettings,
  identity: Identity,
  ca: readonly string[] | undefined,
): ExchangeRequest {
  return {
    host,
    port,
    method,
    target,
    headers: {
      Accept: 'application/json',
      'Content-Type': 'application/json',
      ...(identity.kind === 'password' && { Authorization: basicOf(identity) }),
    },
    body: bytes ?? (body === undefined ? undefined : JSON.stringify(body)),
    tls: {
      ca,
      rejectUnauthorized: verifyTls,
      client: identity.kind === 'session' ? identity.session.pem : undefined,
    },
  };
}

function basicOf({ username, password }: { username: string; password: string }): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function answerOf(
  response: ExchangeResponse,
  identity: Identity,
  resource: string,
): { readonly body: unknown } | Failure {
  const { status, text } = response;
  if (status === 204) return { body: null };
  const body = jsonOf(text);
  const isSuccess = status >= 200 && status <= 202;
  if (isSuccess && body !== undefined) return { body };
  // A success that is no JSON is a web page of whatever else is at this address.
  return refusalOf({ response, body, identity, resource });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
