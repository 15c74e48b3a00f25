/**
 * What nginx answers by itself: a certificate that it refuses never reaches Portcullis, even with
 * `ssl_verify_client optional_no_ca` (expired, not yet valid, or made for another purpose).
 */

import { STATUS_CODES } from 'node:http';
import { type ApiError, apiErrorBody } from '../api-error.ts';
import { quote, quoteWithoutVariables } from './nginx-quote.ts';

/** Below it clients expect the JSON errors of Pulp 2. */
export const apiPrefix = '/pulp/api/';

interface Refusal {
  /** Of its two named locations. */
  readonly name: string;
  /** Codes of nginx; 495 to 497 are of ngx_http_ssl_module. */
  readonly codes: readonly number[];
  readonly status: number;
  readonly apiStatus: number;
  readonly apiCode: ApiError['code'];
  /** Keys that clients of the API read besides those of every error. */
  readonly apiExtra?: object;
  /** What the client reads. */
  readonly text: string;
  /** What the operator reads in the refusal log; nginx puts in its variables. */
  readonly reason: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const refusals: readonly Refusal[] = [
  {
    name: 'certificate',
    codes: [495, 496],
    status: 403,
    // pulp-admin takes 401 for "log in again", and anything else for a crash of the server. It has no
    // challenge, as none of the API has: a browser would ask its user for a password.
    apiStatus: 401,
    apiCode: 'PLP0027',
    apiExtra: { auth_error_code: 'invalid_ssl_certificate' },
    text: 'the client certificate cannot be used',
    reason: 'the client certificate cannot be used: $ssl_client_verify',
  },
  {
    name: 'plain',
    codes: [497],
    status: 403,
    apiStatus: 403,
    apiCode: 'ACCESS_DENIED',
    text: 'this server is reached over https',
    reason: 'plain HTTP was spoken to a TLS port',
  },
  {
    name: 'misdirected',
    codes: [421],
    status: 421,
    apiStatus: 421,
    apiCode: 'BAD_REQUEST',
    text: 'the connection was opened for another host',
    reason: 'the Host header is not the name that the connection was opened for',
  },
  {
    name: 'body',
    codes: [413],
    status: 413,
    apiStatus: 413,
    apiCode: 'BODY_TOO_LARGE',
    text: 'the body is larger than this server takes',
    reason:
      'the body is over limits.bodyBytes, api.bodyBytes under the path of the API, or storage.uploadBytesMax under that of uploads',
  },
  {
    name: 'too_large',
    codes: [431],
    status: 431,
    apiStatus: 431,
    apiCode: 'PACKET_TOO_LARGE',
    text: 'the client certificate is too large for this server',
    reason:
      'the client certificate does not fit into a uwsgi packet; a front that speaks to listen.http takes it',
  },
];

const unavailable: Omit<Refusal, 'headers'> = {
  name: 'unavailable',
  codes: [502, 504],
  status: 503,
  apiStatus: 503,
  // In Pulp: there is no worker.
  apiCode: 'PLP0024',
  text: 'the server is not ready',
  reason: 'Portcullis cannot be reached',
};

export interface RefusalSettings {
  readonly refusalLog: string;
  readonly retryAfterSeconds: number;
}

/** For the `http` block: the form of an answer, what it may echo, and the line of the refusal log. */
export function refusalMaps(): string {
  const line = {
    time: '$time_iso8601',
    level: 'warn',
    message: 'nginx refused a request',
    reason: '$portcullis_reason',
    status: '$status',
    address: '$remote_addr',
    method: '$request_method',
    path: '$portcullis_decoded_path',
    subject: '$ssl_client_s_dn',
    serial: '$ssl_client_serial',
    requestId: '$request_id',
  };
  return `# An answer is text, and under the path of the API a JSON object.
map $uri $portcullis_form {
  default text;
  "~^${apiPrefix.slice(0, -1)}(/|$)" json;
}
# What a JSON answer may repeat of the request: nothing that could end a string.
map $request_uri $portcullis_href {
  default "${apiPrefix}";
  "~^(?<portcullis_plain_path>/[A-Za-z0-9._~/%+@:,=-]*)" $portcullis_plain_path;
}
map $request_method $portcullis_method {
  default "";
  "~^[A-Z]+$" $request_method;
}
log_format portcullis_refusals escape=json '${JSON.stringify(line)}';`;
}

/** For the `server` block: which answer follows which code. */
export function refusalPages(): string {
  return [...refusals, unavailable].map(errorPage).join('\n');
}

/** For a location that has pages of its own, and so none of those of the server. */
export function bodyRefusalPage(): string {
  return refusals
    .filter(({ name }) => name === 'body')
    .map(errorPage)
    .join('');
}

function errorPage({ name, codes }: Omit<Refusal, 'headers'>): string {
  return `error_page ${codes.join(' ')} = @portcullis_${name}_$portcullis_form;`;
}

/** For the `server` block: the answers. */
export function refusalLocations(settings: RefusalSettings): string {
  const retrying = {
    ...unavailable,
    headers: { 'Retry-After': String(settings.retryAfterSeconds) },
  };
  return [...refusals, retrying]
    .flatMap((refusal) => [textLocation(refusal, settings), jsonLocation(refusal, settings)])
    .join('\n');
}

function textLocation(refusal: Refusal, settings: RefusalSettings): string {
  const body = quote(
    `${refusal.status} ${STATUS_CODES[refusal.status]}: ${refusal.text}\nRequest id: $request_id\n`,
  );
  return location(refusal, 'text', 'text/plain', `${refusal.status} ${body}`, settings);
}

function jsonLocation(refusal: Refusal, settings: RefusalSettings): string {
  const { apiStatus: status, apiCode: code, text, apiExtra: extra = {} } = refusal;
  const request = { href: '$portcullis_href', method: '$portcullis_method' };
  const body = JSON.stringify(apiErrorBody({ status, code, text, extra }, request));
  const answer = `${refusal.apiStatus} ${quote(body)}`;
  return location(refusal, 'json', 'application/json', answer, settings);
}

function location(
  refusal: Refusal,
  form: 'text' | 'json',
  mediaType: string,
  answer: string,
  { refusalLog }: RefusalSettings,
): string {
  const headers = {
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...refusal.headers,
  };
  const added = Object.entries(headers).map(
    ([name, value]) => `  add_header ${name} ${quoteWithoutVariables(value)} always;`,
  );
  return `location @portcullis_${refusal.name}_${form} {
  access_log ${quote(refusalLog)} portcullis_refusals;
  types { }
  default_type ${mediaType};
${added.join('\n')}
  set $portcullis_reason ${quote(refusal.reason)};
  return ${answer};
}`;
}
