/** What the server refused, in pulp-admin's words, with what to do next. */

import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { type Fields, fieldsOf, listOf, textOf } from '../untrusted.ts';
import type { ExchangeResponse } from './exchange.ts';
import type { Identity } from './identity.ts';
import { notLoggedIn, sessionExpired, sessionRefused } from './session-failures.ts';

/** How deep the errors inside of an error are shown. */
const depthMax = 5;

/** @param body undefined for what is no JSON */
export function refusalOf(response: ExchangeResponse, body: unknown, identity: Identity): Failure {
  const { status } = response;
  const fields = fieldsOf(body);
  // A front refuses by itself the certificates that it cannot verify, in HTML, with 400.
  const isFrontOnCertificate = /SSL certificate/i.test(response.text) && body === undefined;
  if (identity.kind === 'session' && status === 400 && isFrontOnCertificate) {
    return sessionExpired('The web server does not accept the session certificate.');
  }
  if (status === 401) return unauthenticated(fields, identity);
  if (status === 404 && body !== undefined) return missing(fields);
  if (status === 409 || (status === 400 && body !== undefined)) return invalid(status, fields);
  if (status === 403 || status === 429) return forbidden(response, fields);
  return status >= 500 ? broken(response, fields) : strange(response);
}

function unauthenticated(fields: Fields, identity: Identity): Failure {
  const code = textOf(fields.auth_error_code);
  if (code === 'permission_denied') return permissionDenied(fields);
  if (identity.kind === 'session') return sessionRefused();
  if (identity.kind === 'none') return notLoggedIn();
  const isPassword = code === 'invalid_username_or_password' || code === '';
  const text = textOf(fields.error_message);
  return new Failure({
    title: titles.get(code) ?? 'Authentication Failed',
    lines: isPassword
      ? [
          `The server does not know ${identity.username} with this password.`,
          'Try again: portcullis-admin login -u NAME asks for the password.',
        ]
      : [text === '' ? 'The server does not say why.' : text],
    exitCode: exitCodes.permission,
  });
}

const titles: ReadonlyMap<string, string> = new Map([
  ['', 'Invalid Username or Password'],
  ['invalid_username_or_password', 'Invalid Username or Password'],
  ['invalid_ssl_certificate', 'Invalid SSL Certificate'],
  ['invalid_oauth_credentials', 'Invalid OAuth Credentials'],
  ['pre_auth_remote_user_missing', 'Unknown Remote User'],
]);

function permissionDenied(fields: Fields): Failure {
  const { user, operation } = fieldsOf(fieldsOf(fields.error).data);
  const resource =
    textOf(fields._href)
      .split('?', 1)[0]
      ?.replace(/^\/pulp\/api(?=\/)/, '') ?? '';
  const [who, what] = [textOf(user), textOf(operation)];
  const isWhole = who !== '' && what !== '' && resource !== '';
  const grant = `portcullis-admin auth permission grant --resource ${resource} --login ${who} -o ${what}`;
  return new Failure({
    title: 'Insufficient Permissions',
    lines: isWhole
      ? [
          `${who} does not have the permission ${what} on ${resource}.`,
          `Somebody of the role super-users can grant it: ${grant}`,
        ]
      : [textOf(fields.error_message) || 'A permission is missing.'],
    exitCode: exitCodes.permission,
  });
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
  const isTooMany = status === 429;
  const message = textOf(fields.error_message) || 'This request is forbidden.';
  const wait = textOf(headers['retry-after']);
  const next = /^\d+$/.test(wait) ? [`Try again in ${wait} seconds.`] : [];
  return new Failure({
    title: isTooMany ? 'Too Many Attempts' : 'Forbidden',
    lines: [message, ...next],
    exitCode: exitCodes.software,
  });
}

function broken(response: ExchangeResponse, fields: Fields): Failure {
  const { status, headers } = response;
  const message = textOf(fields.error_message);
  const id = textOf(headers['x-request-id']);
  const isAway = status === 502 || status === 503 || status === 504;
  return new Failure({
    title: isAway ? 'Server Unavailable' : 'Server Error',
    lines: [
      `The server answered ${status}${message === '' ? '' : `: ${message}`}${/[.!?]$/.test(message) ? '' : '.'}`,
      ...(isAway ? ['Try again in a moment; portcullis-admin status says how it is.'] : []),
      ...(id === '' ? [] : [`The log of the server says more under the request id ${id}.`]),
    ],
    exitCode: exitCodes.software,
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
