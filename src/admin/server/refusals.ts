/** What the server refused, in pulp-admin's words, with what to do next. */

import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { type Fields, fieldsOf, listOf, textOf } from '../untrusted.ts';
import { frontRefused, unauthenticated } from './authentication-refusals.ts';
import type { ExchangeResponse } from './exchange.ts';
import type { Identity } from './identity.ts';

/** How deep the errors inside of an error are shown. */
const depthMax = 5;

export interface Refused {
  readonly response: ExchangeResponse;
  /** Undefined for what is no JSON. */
  readonly body: unknown;
  readonly identity: Identity;
  /** What was called, as `/v2/users/`. */
  readonly resource: string;
}

export function refusalOf({ response, body, identity, resource }: Refused): Failure {
  const { status } = response;
  const fields = fieldsOf(body);
  // A front refuses by itself the certificates that it cannot verify, in HTML, with 400.
  const isFrontOnCertificate = /SSL certificate/i.test(response.text) && body === undefined;
  if (status === 400 && isFrontOnCertificate) return frontRefused(identity);
  if (status === 401) return unauthenticated(fields, identity, resource);
  if (status === 404 && body !== undefined) return missing(fields);
  if (status === 409 || (status === 400 && body !== undefined)) return invalid(status, fields);
  if (status >= 500) return broken(response, fields);
  const isTold = textOf(fields.error_message) !== '';
  return isTold || status === 403 || status === 429
    ? forbidden(response, fields)
    : strange(response);
}

function missing(fields: Fields): Failure {
  const resources = Object.entries(fieldsOf(fields.resources));
  const message = textOf(fields.error_message);
  return new Failure({
    title: 'Not Found',
    lines:
      resources.length > 0
        ? [
            'The following resource(s) could not be found:',
            ...resources.map(([type, id]) => `  ${textOf(id)} (${type})`),
          ]
        : [
            message ||
              'The server has no such call; api_prefix may be another, or its version older.',
          ],
    exitCode: exitCodes.data,
    kind: 'missing',
  });
}

function invalid(status: number, fields: Fields): Failure {
  const id = textOf(fields.resource_id);
  const isDuplicate = status === 409 && id !== '';
  const described = describe(fieldsOf(fields.error), depthMax);
  const message = textOf(fields.error_message) || 'The server does not say why.';
  return new Failure({
    title: status === 409 ? 'Conflict' : 'Invalid Request',
    lines: isDuplicate
      ? [`A resource with the ID "${id}" already exists.`]
      : described.length > 0
        ? described
        : [message],
    exitCode: exitCodes.data,
    ...(status === 409 && { kind: 'conflict' }),
  });
}

/** The description of an error, and of each inside of it. */
function describe(error: Fields, depth: number): readonly string[] {
  if (depth === 0) return [];
  const own = textOf(error.description);
  const inner = listOf(error.sub_errors).flatMap((sub) => describe(fieldsOf(sub), depth - 1));
  return [...(own === '' ? [] : [own]), ...inner.map((line) => `  ${line}`)];
}

function forbidden({ status, headers }: ExchangeResponse, fields: Fields): Failure {
  const message = textOf(fields.error_message) || 'This request is forbidden.';
  const wait = textOf(headers['retry-after']);
  const next = /^\d+$/.test(wait) ? [`Try again in ${wait} seconds.`] : [];
  return new Failure({
    title: status === 429 ? 'Too Many Attempts' : 'Forbidden',
    lines: [message, ...next],
    exitCode: exitCodes.software,
  });
}

function broken(response: ExchangeResponse, fields: Fields): Failure {
  const { status, headers } = response;
  const message = textOf(fields.error_message);
  const id = textOf(headers['x-request-id']);
  const isAway = status === 502 || status === 503 || status === 504;
  const code = textOf(fieldsOf(fields.error).code);
  const isOfStore = /^STORE_[A-Z_]+$/.test(code);
  const answered = `The server answered ${status}${message === '' ? '' : `: ${message}`}${/[.!?]$/.test(message) ? '' : '.'}`;
  const next = isOfStore
    ? 'Try again in a moment.'
    : 'Try again in a moment; on its host, portcullis status says how it is.';
  return new Failure({
    title: isAway ? 'Server Unavailable' : 'Server Error',
    lines: [
      isOfStore ? `The server cannot use its store: ${code}.` : answered,
      ...(isAway ? [next] : []),
      ...(id === '' ? [] : [`The log of the server says more under the request id ${id}.`]),
    ],
    exitCode: exitCodes.software,
    ...(isAway && { kind: 'away' }),
  });
}

function strange({ status, headers }: ExchangeResponse): Failure {
  const location = textOf(headers.location);
  const where = location === '' ? '' : ` and points to ${location}`;
  return new Failure({
    title: 'Unexpected Answer',
    lines: [
      `The server answered ${status}${where}, which the API does not do here.`,
      'host, port and api_prefix of the section [server] have to be those of the API.',
    ],
    exitCode: exitCodes.software,
  });
}
