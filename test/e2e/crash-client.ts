/** Requests to an instance whose workers are killed: each is sent until it is answered. */

import { setTimeout as sleep } from 'node:timers/promises';
import { administrator } from '../support/administered.ts';
import { basic } from '../support/application.ts';
import { getVariables, type RawAnswer, uwsgiRequest } from '../support/uwsgi-client.ts';
import { patienceMs } from './pool.ts';

export interface CrashReply {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: what JSON gives, which each caller looks at.
  readonly body: any;
}

export const https = [
  ['HTTPS', 'on'],
  ['REQUEST_SCHEME', 'https'],
] as const;

/** How long many deaths may hold something up, in milliseconds. */
export const longMs = 5 * patienceMs;

/** Statuses of a server that is about to be there again. */
const passing = new Set([502, 503, 504]);

export async function untilAnswered(
  address: { readonly path: string },
  variables: readonly (readonly [string, string])[],
  body?: Buffer,
): Promise<RawAnswer> {
  const deadline = performance.now() + longMs;
  for (;;) {
    const options = body === undefined ? {} : { body };
    const answer = await uwsgiRequest(address, variables, options).catch(() => undefined);
    if (answer !== undefined && isWhole(answer) && !passing.has(answer.status)) return answer;
    if (performance.now() > deadline) {
      throw new Error(`no answer to ${JSON.stringify(variables.slice(0, 4))}: ${answer?.body}`);
    }
    await sleep(50);
  }
}

/** Of one that died there is nothing, or a part. */
function isWhole({ status, headers, body }: RawAnswer): boolean {
  const { 'content-length': length = String(body.length) } = headers;
  return status !== 0 && body.length === Number(length);
}

/** @returns the certificate of a session */
export async function logIn(
  ask: (variables: readonly (readonly [string, string])[], body?: Buffer) => Promise<RawAnswer>,
): Promise<string> {
  const { login, password } = administrator;
  const who = ['HTTP_AUTHORIZATION', basic(login, password)] as const;
  const variables = callVariables('POST', '/v2/actions/login/', who, {});
  return asJson(await ask(variables, bytesOf({}))).body.certificate;
}

export function callVariables(
  method: string,
  target: string,
  who: readonly [string, string],
  body: object | undefined,
): readonly (readonly [string, string])[] {
  const length = bytesOf(body).length;
  return getVariables(`/pulp/api${target}`, [
    ...[...https, who],
    ['REQUEST_METHOD', method],
    ['CONTENT_LENGTH', length === 0 ? '' : String(length)],
  ]);
}

export function bytesOf(body: object | undefined): Buffer {
  if (body === undefined) return Buffer.alloc(0);
  return body instanceof Uint8Array ? Buffer.from(body) : Buffer.from(JSON.stringify(body));
}

export function asJson({ status, body }: RawAnswer): CrashReply {
  return { status, body: body.length === 0 ? null : JSON.parse(body.toString()) };
}
